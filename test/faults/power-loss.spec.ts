// Power fails under load: what was acknowledged is on the disk, whatever of the rest is not, and the log opens again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom, seedOf } from '../support/random';
import { append, failingDisk, faultOf, lostFrom, type Acknowledged } from './disk';
import { rounds } from './rounds';

const SEEDS = rounds(80, 2_000);
const CONTROL_SEEDS = Math.max(20, SEEDS / 10);
const LANES = 2;
const first = seedOf();

interface Outcome {
  readonly seed: number;
  readonly losses: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Why it did not open again, or what is wrong with it. */
  readonly fault?: string;
}

const disk = failingDisk();

test(`${SEEDS} times the power fails: nothing acknowledged is lost, and every log opens sound (SEED=${first})`, async () => {
  const outcomes = await all(SEEDS, (seed) => outcome(seed, 'full'));
  console.log(`power loss, synchronous=full: ${figures(outcomes)}`);
  expect(outcomes.filter(({ lost, fault }) => lost > 0 || fault !== undefined)).toEqual([]);
});

test('the same without a flush at each commit loses acknowledged events: this suite can see it', async () => {
  const outcomes = await all(CONTROL_SEEDS, (seed) => outcome(seed, 'normal'));
  console.log(`power loss, synchronous=normal: ${figures(outcomes)}`);
  expect(outcomes.filter(({ lost }) => lost > 0).length).toBeGreaterThan(CONTROL_SEEDS / 4);
});

/** One or two lives in one folder, each ended by a power loss; what the last one left is then opened and read. */
async function outcome(seed: number, synchronous: 'full' | 'normal'): Promise<Outcome> {
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-power-'));
  const acknowledged: Acknowledged = new Map();
  const lives = 1 + random.below(2);
  let fault: string | undefined;
  for (let life = 0; life < lives && fault === undefined; life++) {
    const { signal, said } = await append(acknowledged, {
      ...disk,
      DATA_DIR: folder,
      SYNCHRONOUS: synchronous,
      LIFE: String(life),
      SEED: String(random.below(2 ** 31)),
      POWER_LOSS_AT: String(1 + random.below(random.of([40, 600, 3_000]))),
      SHORT_AT: String(1 + random.below(600)),
      CHECKPOINT_PAGES: random.of(['8000', '40']),
      WIDTH: random.of(['1', '4', '16']),
    });
    if (signal !== 'SIGKILL') fault = /^(\w*Error|Log\w+): .*$/m.exec(said)?.[0] ?? said;
  }
  fault ??= await faultOf(folder);
  const lost = lostFrom(folder, acknowledged);
  rmSync(folder, { recursive: true });
  return { seed, losses: lives, acknowledged: acknowledged.size, lost, ...(fault !== undefined && { fault }) };
}

/** Seeds in their order, a few at a time. */
async function all(seeds: number, run: (seed: number) => Promise<Outcome>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = first;
  const lane = async () => {
    while (next < first + seeds) outcomes.push(await run(next++));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcomes;
}

function figures(outcomes: readonly Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return JSON.stringify({
    seeds: outcomes.length,
    powerLosses: sum(({ losses }) => losses),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ lost }) => lost),
    seedsThatLost: sum(({ lost }) => Number(lost > 0)),
    refused: sum(({ fault }) => Number(fault !== undefined)),
    firstSeed: first,
  });
}

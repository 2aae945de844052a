// The disk takes half of a write, and says so: the rest is written, or the command fails; nothing is half acknowledged.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom, seedOf } from '../support/random';
import { append, failingDisk, faultOf, lostFrom, type Acknowledged } from './disk';
import { rounds } from './rounds';

const SEEDS = rounds(10, 500);
const LANES = 2;
const first = seedOf();
const disk = failingDisk();

test(`${SEEDS} times a write is short: nothing acknowledged is lost, every log is sound (SEED=${first})`, async () => {
  const found = { seeds: 0, shortWrites: 0, acknowledged: 0, lost: 0, unsound: 0 };
  const wrong: object[] = [];
  let next = first;
  const lane = async () => {
    while (next < first + SEEDS) {
      const seed = next++;
      const { shortened, acknowledged, lost, fault } = await outcome(seed);
      found.seeds += 1;
      found.shortWrites += shortened;
      found.acknowledged += acknowledged;
      found.lost += lost;
      found.unsound += Number(fault !== undefined);
      if (lost > 0 || fault) wrong.push({ seed, lost, fault });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  console.log(`short writes: ${JSON.stringify({ ...found, firstSeed: first })}`);
  expect(wrong).toEqual([]);
  // A short write that never came would prove nothing.
  expect(found.shortWrites).toBeGreaterThan(SEEDS / 4);
});

/** Appends with one short write on the way; a while after it the power fails, at a call and not at an instant. */
async function outcome(seed: number) {
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-short-'));
  const acknowledged: Acknowledged = new Map();
  const shortAt = 1 + random.below(random.of([40, 300]));
  const { signal, said } = await append(acknowledged, {
    ...disk,
    DATA_DIR: folder,
    SEED: String(seed),
    SHORT_AT: String(shortAt),
    POWER_LOSS_AT: String(shortAt + 1 + random.below(300)),
    CHECKPOINT_PAGES: random.of(['8000', '40']),
    WIDTH: random.of(['1', '4', '16']),
  });
  const shortened = said.match(/writes only half/g)?.length ?? 0;
  const fault = signal === 'SIGKILL' ? await faultOf(folder) : said;
  const lost = lostFrom(folder, acknowledged);
  rmSync(folder, { recursive: true });
  return { shortened, acknowledged: acknowledged.size, lost, fault };
}

// Hours in small: fifty commands a second for long, now and then a fault that the process has to live through.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expected, type Api, type Json } from '../support/http';
import { residentMb, slopeOf } from '../support/memory';
import { employ, register } from '../support/organisation';
import { randomFrom, seedOf } from '../support/random';
import { until } from '../support/until';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { failingDisk } from './disk';
import { LoadedServer } from './loaded-server';
import { seconds } from './rounds';
import { accepted } from './witness';

const SECONDS = seconds(15, 1_800);
const COMMANDS_PER_S = 50;
/** Short runs have as many kinds of faults as long ones. */
const FAULT_EVERY_S = Math.min(60, SECONDS / 7);
/** What is kept of streams is full when so many requests were made; before, memory grows as it should. */
const FILL_COMMANDS = SECONDS >= 600 ? 60_000 : 0;
/** In a short run the slowest probe decides, and it may have met the frozen process. */
const LAG_MS_MAX = SECONDS >= 600 ? 1_000 : 5_000;
/** A short run cannot tell a leak from a heap that has not found its size. */
const SLOPE_MB_PER_HOUR_MAX = FILL_COMMANDS > 0 ? 1 : Infinity;
jest.setTimeout(SECONDS * 1_500 + FILL_COMMANDS * 20 + 60_000);

const random = randomFrom(seedOf());
const signs = mkdtempSync(join(tmpdir(), 'countersign-soak-'));
const full = join(signs, 'full');
afterAll(() => rmSync(signs, { recursive: true }));
/**
 * With all the memory of the machine the collector takes its time, and nothing can be told from how large the process is. So
 * it gets hardly more than it needs: what it keeps is found to grow, or ends it.
 */
const loaded = new LoadedServer(random, {
  ...failingDisk(),
  ENOSPC_WHILE: full,
  NODE_OPTIONS: '--max-old-space-size=160 --max-semi-space-size=32',
});
const { server, ledger, load } = loaded;
const faults: Record<string, number> = {};
const lagsMs: number[] = [];
const memory: { readonly x: number; readonly y: number }[] = [];
let learner: Api;
let manager: Api;
let probes = 0;

test(`${SECONDS} s at ${COMMANDS_PER_S} commands a second with a fault every ${FAULT_EVERY_S} s (SEED=${random.seed})`, async () => {
  await loaded.populate();
  await register(server.operator, 'probe', 'watch');
  await employ(server.operator, 'probe', { direct: 'watch' });
  [learner, manager] = [await server.as('probe'), await server.as('watch')];
  await fill();
  const stop = new AbortController();
  const beside = [pace(stop.signal), look(stop.signal)];
  try {
    await Promise.race([breakThings(), ...beside]);
  } finally {
    stop.abort();
  }
  await Promise.all(beside);
  await requireLiveness(server);
  await server.kill();
  requireSafety(server, ledger);
  const { perStep, plusMinus } = slopeOf(minima(memory));
  const slope = { mbPerHour: rounded(perStep * 3_600), plusMinus: rounded(plusMinus * 3_600) };
  const answered = load.sent.filter(accepted).length;
  const lost = lostFrom(ledger, load.sent).length;
  console.log(
    `soak: ${JSON.stringify({ seconds: SECONDS, sent: load.sent.length, answered, lost, faults, events: ledger.position, probes: lagsMs.length, lagP50Ms: lagMs(0.5), lagP99Ms: lagMs(0.99), memory: { ...slope, firstMb: memory[0]!.y, lastMb: memory.at(-1)!.y }, seed: random.seed })}`,
  );
  expect(lost).toBe(0);
  expect(Object.keys(faults)).toHaveLength(FAULTS.length);
  expect(answered).toBeGreaterThan((SECONDS * COMMANDS_PER_S) / 2);
  expect(lagMs(0.99)).toBeLessThan(LAG_MS_MAX);
  expect(slope.mbPerHour - slope.plusMinus).toBeLessThan(SLOPE_MB_PER_HOUR_MAX);
});

async function breakThings(): Promise<void> {
  for (let at = 0; (at + 1) * FAULT_EVERY_S < SECONDS; at++) {
    await sleep(FAULT_EVERY_S * 1_000);
    const [name, happens] = FAULTS[at % FAULTS.length]!;
    await happens();
    faults[name] = (faults[name] ?? 0) + 1;
  }
  await sleep(FAULT_EVERY_S * 1_000);
}

const FAULTS: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'no room on the disk for a second',
    async () => {
      writeFileSync(full, '');
      await sleep(1_000);
      rmSync(full);
    },
  ],
  [
    'process frozen for two seconds',
    async () => {
      process.kill(server.pid, 'SIGSTOP');
      await sleep(2_000);
      process.kill(server.pid, 'SIGCONT');
    },
  ],
  ['every connection cut', async () => loaded.connect()],
  ['bad bodies', () => Promise.all(Array.from({ length: 300 }, () => learner.post('/requests', random.of(BAD_BODIES))))],
  ['a burst of commands', () => Promise.all(Array.from({ length: 300 }, () => load.once()))],
  ['every read model made anew', async () => expected(200, await server.operator.post('/audit/replay?check=false'))],
];
const BAD_BODIES = ['{', '[]', '{"kind":1}', `{"kind":"enrolment","course":"${'x'.repeat(10_000)}"}`, '{"__proto__":{"kind":"enrolment"}}'];

/** Makes as many requests as the process keeps, as fast as it takes them. */
async function fill(): Promise<void> {
  const lane = async () => {
    while (load.sent.length < FILL_COMMANDS) trim(await load.once());
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}

/** Each command goes at its time, whether those before it were answered or not. */
async function pace(signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const open = new Set<Promise<void>>();
  for (let n = 1; !signal.aborted; n++) {
    const one = load.once().then(trim);
    open.add(one);
    void one.finally(() => open.delete(one));
    await sleep(Math.max(0, start + (n * 1_000) / COMMANDS_PER_S - performance.now()));
  }
  await Promise.all(open);
}

/** Of an answer only the status is wanted later. */
function trim(sent: Awaited<ReturnType<typeof load.once>>): void {
  for (const one of sent) if (one.answer) one.answer = { ...one.answer, headers: {}, body: undefined };
}

/** Each second: how much memory, and how long after its acknowledgement a command shows in the read models. */
async function look(signal: AbortSignal): Promise<void> {
  for (const start = performance.now(); !signal.aborted; await sleep(1_000)) {
    memory.push({ x: (performance.now() - start) / 1_000, y: residentMb(server.pid) });
    const made = await learner.post('/requests', { kind: 'enrolment', course: `probe-${++probes}` });
    if (made.status !== 201) continue; // While there is no room on the disk it is refused, and nothing can lag.
    const acknowledged = performance.now();
    const { id } = made.body;
    await until(async () => expected(200, await manager.get('/inbox')).items.some(({ request }: Json) => request === id));
    lagsMs.push(performance.now() - acknowledged);
    await until(async () => (await learner.post(`/requests/${id}/withdrawal`)).status === 200);
  }
}

/** The least of each thirtieth of the time: what lies above it, the collector had yet to take. */
function minima(points: typeof memory): typeof memory {
  const parts = Map.groupBy(points, ({ x }) => Math.floor((x * 30) / SECONDS));
  return [...parts.values()].map((part) => part.reduce((least, point) => (point.y < least.y ? point : least)));
}

function lagMs(part: number): number {
  const sorted = lagsMs.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

// Hours in small: fifty commands a second for long, now and then a fault that the process has to live through.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Heap, type Held } from '../support/heap';
import { expected, type Api, type Json } from '../support/http';
import { residentMb, slopeOf } from '../support/memory';
import { employ, register } from '../support/organisation';
import { quantile } from '../support/quantile';
import { randomFrom, seedOf } from '../support/random';
import { until } from '../support/until';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { failingDisk } from './disk';
import { FINANCE, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { seconds } from './rounds';
import { accepted } from './witness';

const SECONDS = seconds(12, 1_800);
const COMMANDS_PER_S = 50;
/** Short runs have as many kinds of faults as long ones. */
const FAULT_EVERY_S = Math.min(60, SECONDS / 7);
/** By then all that is kept of streams, events and inboxes is as much as it may become; before, memory grows as it should. */
const FILL_COMMANDS = SECONDS >= 600 ? 60_000 : 0;
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
  ['a burst of commands', () => Promise.all(Array.from({ length: 300 }, one))],
  ['every read model made anew', remake],
];
const BAD_BODIES = ['{', '[]', '{"kind":1}', `{"kind":"enrolment","course":"${'x'.repeat(10_000)}"}`, '{"__proto__":{"kind":"enrolment"}}'];

/** What faults leave behind, compiled code and room that is not given back, is all there after two rounds through them. */
const WARM_UP_ROUNDS = SECONDS >= 600 ? 2 : 0;
const ALL_S = SECONDS + WARM_UP_ROUNDS * FAULTS.length * FAULT_EVERY_S;
/** In a short run the slowest probe decides, and it may have met the frozen process. */
const LAG_MS_MAX = SECONDS >= 600 ? 1_000 : 15_000;
/** The longest fault lasts two seconds, and a burst goes before. */
const ANSWERED_MS_MAX = 30_000;
/** A short run cannot tell a leak from what is kept and not full yet. */
const SLOPE_MB_PER_HOUR_MAX = FILL_COMMANDS > 0 ? 1 : Infinity;
/** What is known no better than this says nothing about a leak. */
const PLUS_MINUS_MB_PER_HOUR_MAX = FILL_COMMANDS > 0 ? 10 : Infinity;
/** 160 MB of heap, three times 32 MB of young objects, 48 MB of pages that SQLite keeps, and 80 MB of everything else. */
const RESIDENT_MB_MAX = 390;
/** Often enough for many figures, and seldom enough that collecting holds up hardly anybody. */
const COLLECT_EVERY_S = Math.min(20, SECONDS / 7);

const random = randomFrom(seedOf());
const signs = mkdtempSync(join(tmpdir(), 'countersign-soak-'));
const full = join(signs, 'full');
afterAll(() => rmSync(signs, { recursive: true }));
/**
 * How large a process is says little about what it keeps: the collector takes its time. So everything that nobody can reach
 * is collected before each look, and memory is asked for in one place, as `npm start` has it: with an arena for each thread the
 * same work held 8 MB more or less. With little more than it needs, a leak would end it, too.
 */
const loaded = new LoadedServer(random, {
  ...failingDisk(),
  ENOSPC_WHILE: full,
  MALLOC_ARENA_MAX: '1',
  NODE_OPTIONS: '--max-old-space-size=160 --max-semi-space-size=32 --inspect-port=0',
});
const { server, ledger, load } = loaded;
const faults: Record<string, number> = {};
const lagsMs: number[] = [];
const memory: (Held & { readonly second: number; readonly round: number })[] = [];
let residentMbMost = 0;
let learner: Api;
let manager: Api;
let probes = 0;

test(`${SECONDS} s at ${COMMANDS_PER_S} commands a second with a fault every ${FAULT_EVERY_S} s (SEED=${random.seed})`, async () => {
  await loaded.populate();
  await register(server.operator, 'probe', 'watch');
  await employ(server.operator, 'probe', { direct: 'watch' });
  [learner, manager] = [await server.as('probe'), await server.as('watch')];
  await soak().catch(async (error: unknown) => {
    await Promise.race([requireAlive(), sleep(1_000)]); // Its connections break a moment before it is seen to have ended.
    throw error;
  });
  await server.kill();
  requireSafety(server, ledger);
  const slopes = { heap: slope(({ heapMb }) => heapMb), resident: slope((held) => held.residentMb) };
  const answered = load.sent.filter(accepted).length;
  const lost = lostFrom(ledger, load.sent).length;
  console.log(
    `soak: ${JSON.stringify({ seconds: SECONDS, sent: load.sent.length, answered, lost, faults, events: ledger.position, probes: lagsMs.length, lagP50Ms: lagMs(0.5), lagP99Ms: lagMs(0.99), memory: { ...slopes, first: memory[0], last: memory.at(-1), residentMbMost }, seed: random.seed })}`,
  );
  expect(lost).toBe(0);
  expect(Object.keys(faults)).toHaveLength(FAULTS.length);
  expect(answered).toBeGreaterThan((SECONDS * COMMANDS_PER_S) / 2);
  expect(lagMs(0.99)).toBeLessThan(LAG_MS_MAX);
  expect(residentMbMost).toBeLessThan(RESIDENT_MB_MAX);
  for (const { mbPerHour, plusMinus } of Object.values(slopes)) {
    expect(mbPerHour - plusMinus).toBeLessThan(SLOPE_MB_PER_HOUR_MAX);
    expect(plusMinus).toBeLessThanOrEqual(PLUS_MINUS_MB_PER_HOUR_MAX);
  }
});

async function soak(): Promise<void> {
  await fill();
  const stop = new AbortController();
  const beside = [pace(stop.signal), look(stop.signal), weigh(stop.signal)];
  try {
    await Promise.race([breakThings(), ...beside]);
  } finally {
    stop.abort();
  }
  await Promise.all(beside);
  await requireLiveness(server);
}

/** @throws Error as soon as the process has ended, and says why it did */
async function requireAlive(): Promise<never> {
  const { code, signal, output } = await server.ended();
  throw new Error(`the server ended by ${signal ?? code} after ${JSON.stringify(memory.at(-1))}: ${output.slice(-2_000)}`);
}

async function breakThings(): Promise<void> {
  for (let at = 0; (at + 1) * FAULT_EVERY_S < ALL_S; at++) {
    await sleep(FAULT_EVERY_S * 1_000);
    const [name, happens] = FAULTS[at % FAULTS.length]!;
    await happens();
    faults[name] = (faults[name] ?? 0) + 1;
  }
  await sleep(FAULT_EVERY_S * 1_000);
}

async function remake(): Promise<void> {
  expected(200, await server.operator.post('/audit/replay?check=false'));
}

/**
 * Makes as many requests as the process keeps, as fast as it takes them, and has it live through everything: what SQLite needs
 * for a second file stays with the process, 37 MB with the first rebuild, 9 MB with the next two, and nothing with ten more.
 */
async function fill(): Promise<void> {
  const lane = async () => {
    while (load.sent.length < FILL_COMMANDS) await one();
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  if (FILL_COMMANDS === 0) return;
  for (const happens of [...FAULTS.map(([, fault]) => fault), remake, remake]) await happens();
}

/** Each command goes at its time, whether those before it were answered or not. */
async function pace(signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const open = new Set<Promise<void>>();
  for (let n = 1; !signal.aborted; n++) {
    const sent = one();
    open.add(sent);
    void sent.finally(() => open.delete(sent));
    await sleep(Math.max(0, start + (n * 1_000) / COMMANDS_PER_S - performance.now()));
  }
  await Promise.all(open);
}

/**
 * A look into an inbox, and one command, or one by each who may decide, until it is answered for good: a request whose decision
 * met a fault would stay open for ever, and open requests are kept, as are the newest of those that an inbox has shown. Of an
 * answer only the status is wanted later.
 */
async function one(): Promise<void> {
  const approver = loaded.as(random.of([...MANAGERS, FINANCE]));
  const looked = approver.get('/inbox').catch(() => {}); // What meets a fault is not looked at again.
  for (const sent of await load.once()) {
    await load.settle(sent, ANSWERED_MS_MAX);
    sent.answer = { ...sent.answer!, headers: {}, body: undefined };
  }
  await looked;
}

/** What is held when everything else was given back. */
async function weigh(signal: AbortSignal): Promise<void> {
  const heap = await Heap.of(server);
  for (const start = performance.now(); !signal.aborted; await sleep(COLLECT_EVERY_S * 1_000, undefined, { signal }).catch(() => {})) {
    const round = Math.floor(Object.values(faults).reduce((sum, times) => sum + times, 0) / FAULTS.length);
    memory.push({ second: Math.round((performance.now() - start) / 1_000), round, ...(await heap.held()) });
  }
  heap.close();
}

/** Each second: how long after its acknowledgement a command shows in the read models, and how large the process is. */
async function look(signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(1_000)) {
    residentMbMost = Math.max(residentMbMost, residentMb(server.pid));
    const made = await learner.post('/requests', { kind: 'enrolment', course: `probe-${++probes}` });
    if (made.status !== 201) continue; // While there is no room on the disk it is refused, and nothing can lag.
    const acknowledged = performance.now();
    const { id } = made.body;
    await until(async () => expected(200, await manager.get('/inbox')).items.some(({ request }: Json) => request === id));
    lagsMs.push(performance.now() - acknowledged);
    await until(async () => (await learner.post(`/requests/${id}/withdrawal`)).status === 200);
  }
}

/**
 * Of the means of rounds through all kinds of faults. Some leave room that is not given back before others need it, so that a
 * process goes up and down by some MB for minutes; after each round it has been through the same.
 */
function slope(of: (held: Held) => number) {
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const warm = memory.filter(({ round }) => round >= WARM_UP_ROUNDS);
  const rounds = [...Map.groupBy(warm, ({ round }) => round).values()];
  const points = rounds.map((held) => ({ x: mean(held.map(({ second }) => second)), y: mean(held.map(of)) }));
  const { perStep, plusMinus } = slopeOf(points);
  return { mbPerHour: rounded(perStep * 3_600), plusMinus: rounded(plusMinus * 3_600), means: points.map(({ y }) => rounded(y)) };
}

function lagMs(part: number): number {
  return Math.round(quantile(lagsMs, part));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

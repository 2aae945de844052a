// Far more work than the server can do, and little memory: it stays as large as it was, and loses nothing, whatever it turns away.
import { setTimeout as sleep } from 'node:timers/promises';
import { flood, type Heard, type Sending } from '../support/flood';
import { expected } from '../support/http';
import { median, residentMb } from '../support/memory';
import { randomFrom, seedOf } from '../support/random';
import { requireLiveness, requireSafety } from './checkers';
import { LEARNERS } from './load';
import { LoadedServer } from './loaded-server';
import { seconds } from './rounds';

const SECONDS = seconds(6, 1_800);
const HEAP_MB = 256;
/** Several times as many at once as the server lets in; each comes again as soon as it was told to. */
const CLIENTS = 2_500;
/** The first part of the time, in which caches fill and the heap finds its size. */
const WARMING = 1 / 3;
/** A short run is over before the heap has found its size. */
const FLAT_PART_MAX = SECONDS >= 600 ? 0.1 : Infinity;
/** Three answers behind hundreds of others, on a machine that has more to do. */
const LOOK_MS_MAX = 30_000;

const random = randomFrom(seedOf());
const loaded = new LoadedServer(random, { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} --max-semi-space-size=32` });
const { server, ledger } = loaded;
const found = {
  sent: 0,
  acknowledged: 0,
  turnedAway: 0,
  brokenOff: 0,
  otherwise: 0,
  lost: 0,
  refusedAndRecorded: 0,
  looks: 0,
  longestLookMs: 0,
};
interface Submission extends Sending {
  readonly actor: string;
  readonly key: string;
}
const acknowledged: Submission[] = [];
const turnedAway: Submission[] = [];
const memory: number[] = [];

test(`${SECONDS} s of ${CLIENTS} clients at once with ${HEAP_MB} MB: alive, flat, nothing lost (SEED=${random.seed})`, async () => {
  await loaded.populate();
  const end = performance.now() + SECONDS * 1_000;
  const next = () => (performance.now() < end ? submission() : undefined);
  // One after the other: the system takes only so many new connections at a time.
  const clients = Array.from({ length: CLIENTS }, (_, at) => sleep(at).then(() => flood(server.anonymous.url, next, note)));
  await Promise.all([look(end), ...clients]);
  await requireLiveness(server);
  await server.stop();
  requireSafety(server, ledger);
  found.lost = acknowledged.filter((one) => ledger.timesOf(one) !== 1).length;
  found.refusedAndRecorded = turnedAway.filter((one) => ledger.timesOf(one) > 0).length;
  const steady = memory.slice(Math.floor(memory.length * WARMING));
  const [middle, most, least] = [median(steady), Math.max(...tenths(steady)), Math.min(...tenths(steady))];
  const figures = { perSecond: Math.round(found.acknowledged / SECONDS), memoryMb: { middle, most, least, peak: Math.max(...memory) } };
  console.log(`overload: ${JSON.stringify({ seconds: SECONDS, ...found, ...figures, seed: random.seed })}`);
  expect(found).toMatchObject({ otherwise: 0, lost: 0, refusedAndRecorded: 0 });
  expect(found.brokenOff).toBeLessThan(found.sent / 20);
  expect(found.longestLookMs).toBeLessThan(LOOK_MS_MAX);
  expect(Math.max(most - middle, middle - least) / middle).toBeLessThan(FLAT_PART_MAX);
});

function submission(): Submission {
  const actor = random.of(LEARNERS);
  const key = `${random.seed}-${++found.sent}`;
  const body = JSON.stringify({ kind: 'enrolment', course: `C-${key}` });
  const headers = [`authorization: Bearer ${loaded.as(actor).token}`, `idempotency-key: ${key}`, 'content-type: application/json'];
  return { actor, key, head: ['POST /api/v1/requests HTTP/1.1', ...headers].join('\r\n'), body };
}

function note(one: Submission, answer: Heard | undefined): void {
  if (answer === undefined) found.brokenOff += 1;
  else if (answer.status === 201) {
    found.acknowledged += 1;
    acknowledged.push(one);
  } else if (answer.status === 503 && answer.retryAfter === 1) {
    found.turnedAway += 1;
    if (turnedAway.length < 100_000) turnedAway.push(one);
  } else found.otherwise += 1;
}

/** Whoever asks how it stands is answered all the while. In between the process stands still, and everybody is there at once when it goes on. */
async function look(end: number): Promise<void> {
  for (; performance.now() < end; await sleep(500)) {
    process.kill(server.pid, 'SIGSTOP');
    await sleep(200);
    process.kill(server.pid, 'SIGCONT');
    const start = performance.now();
    for (const path of ['//livez', '//readyz', '//metrics']) expected(200, await server.anonymous.get(path));
    found.longestLookMs = Math.max(found.longestLookMs, Math.round(performance.now() - start));
    memory.push(residentMb(server.pid));
    found.looks += 1;
  }
}

/** The middle of each tenth of the time. */
function tenths(samples: readonly number[]): readonly number[] {
  const parts = Math.min(10, samples.length);
  const from = (part: number) => Math.floor((part * samples.length) / parts);
  return Array.from({ length: parts }, (_, at) => median(samples.slice(from(at), from(at + 1))));
}

// EventStoreDB that fails in every way: three nodes over one store, seeded faults; nothing is lost, doubled or reordered.
import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDbEventLog } from '@app/event-log';
import { LogFailed, NO_STREAM, type Recorded } from '@app/kernel';
import { events } from '../contracts/event-log.contract';
import { Cluster } from '../support/eventstoredb/cluster';
import { FAULTS, seededNemesis, type CallKind, type Fault } from '../support/eventstoredb/faults';
import { randomFrom, seedOf } from '../support/random';
import { stopwatch } from '../support/stolen-time';
import { until } from '../support/until';
import { seconds } from './rounds';
import { Timed, Writers } from './writers';

const SECONDS = seconds(12, 600);
/** A short run shares its machine with another suite: it makes fewer, and what it waits for comes later. */
const FULL = SECONDS >= 600;
const [FAULTS_MIN, DROPS_MIN] = FULL ? [10_000, 1_200] : [SECONDS * 5, SECONDS];
const TIMES = { tryMs: 400, giveUpMs: 4_000, watchMs: 500 };
const SETTLED_MS_MAX = (FULL ? 2 : 10) * TIMES.giveUpMs;
const GAP_MS_MAX = FULL ? 10_000 : 60_000;
/** So many of a thousand calls go wrong; each subscription does. In 600 s that is over 10,000 faults and 1,000 drops. */
const PER_MILLE = { append: 200, read: 100, subscribe: 1_000 };

let cluster: Cluster;
let log: EventStoreDbEventLog;
beforeEach(async () => {
  cluster = await Cluster.start(3);
  log = new EventStoreDbEventLog(cluster.url, TIMES);
});
afterEach(async () => {
  await log.close();
  await cluster.close();
});

/** The fault comes with the next call of the kind, once. */
function once(kind: CallKind, fault: Fault): void {
  cluster.nemesis = (called) => {
    if (called !== kind) return undefined;
    cluster.nemesis = () => undefined;
    return fault;
  };
}

const recorded = () => cluster.store.all.filter(({ type }) => !type.startsWith('$'));

describe('one event comes of one append', () => {
  test.each(FAULTS.append)('that meets %s', async (fault) => {
    await log.head();
    once('append', fault);
    const receipt = await log.append('note-a', NO_STREAM, events({ n: 1 }));
    expect(recorded()).toMatchObject([receipt]);
    expect(cluster.faults.get(fault)).toBe(1);
  });

  test.each(FAULTS.read)('and a read that meets %s gives all of it', async (fault) => {
    await log.append('note-a', NO_STREAM, events({ n: 1 }, { n: 2 }, { n: 3 }));
    once('read', fault);
    expect(await log.read('note-a')).toHaveLength(3);
    once('read', fault);
    expect(await log.readAll()).toHaveLength(3);
  });
});

test.each(FAULTS.subscribe)(`a subscription that meets %s misses nothing, and goes on within ${GAP_MS_MAX} ms`, async (fault) => {
  once('subscribe', fault);
  const stop = new AbortController();
  const seen: Recorded[] = [];
  const following = (async () => {
    for await (const batch of log.subscribe(0, { signal: stop.signal })) seen.push(...batch);
  })();
  await until(() => cluster.faults.get(fault) === 1);
  for (let n = 0; n < 12; n++) await log.append(`note-${n}`, NO_STREAM, events({ n }));
  await until(() => seen.length === 12, GAP_MS_MAX);
  expect(seen).toMatchObject(recorded().map(({ position, stream }) => ({ position, stream })));
  stop.abort();
  await following;
});

test('with every node frozen each call settles in time, and goes on when they thaw', async () => {
  await log.append('note-a', NO_STREAM, events({ n: 1 }));
  const frozenMs = 3 * TIMES.giveUpMs;
  for (const node of [0, 1, 2]) cluster.freeze(node, frozenMs);
  const [start, ms] = [performance.now(), stopwatch()];
  const batch = events({ n: 2 });
  const calls = [log.append('note-a', 0, batch), log.read('note-a'), log.readAll(), log.head()];
  for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ status: 'rejected', reason: { name: 'LogFailed' } });
  expect(ms()).toBeLessThan(SETTLED_MS_MAX);
  await sleep(frozenMs - (performance.now() - start));
  expect(await log.append('note-a', 0, batch)).toMatchObject({ revision: 1 });
  expect(recorded()).toHaveLength(2);
});

test('no message of an error has the password', async () => {
  const lost = new EventStoreDbEventLog('esdb://ann:s3cret@127.0.0.1:1?tls=false', { giveUpMs: 200 });
  const errors = [await lost.append('note-a', NO_STREAM, events({})).catch((error: unknown) => error)];
  for (const url of ['esdb:/ann:s3cret@host', 'http://ann:s3cret@host']) {
    try {
      new EventStoreDbEventLog(url);
    } catch (error) {
      errors.push(error);
    }
  }
  expect(errors).toEqual([expect.any(LogFailed), expect.any(LogFailed), expect.any(LogFailed)]);
  expect(inspect(errors, { depth: 9 })).not.toContain('s3cret');
  await lost.close();
});

const random = randomFrom(seedOf());
test(`${SECONDS} s of faults: 0 lost, 0 doubled, 0 reordered, each call settled in time (SEED=${random.seed})`, async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  const stop = new AbortController();
  const other = new EventStoreDbEventLog(cluster.url, TIMES);
  const doors = [new Timed(log), new Timed(other)];
  const subscribers = doors.flatMap((door) => [1_000, 7, 100].map((max) => followed(door, max, stop.signal)));
  const writers = new Writers(random, doors);
  cluster.nemesis = seededNemesis(random, PER_MILLE);
  const writing = writers.run(32);
  await sleep(SECONDS * 1_000);
  cluster.nemesis = () => undefined;
  writers.stop();
  await writing; // Every command was answered, if need be by the same command again.
  const truth = recorded().map(({ position, stream, revision, id }) => `${position} ${stream} ${revision} ${id}`);
  await until(() => subscribers.every(({ seen }) => seen.length >= truth.length), GAP_MS_MAX);
  stop.abort();
  await Promise.all(subscribers.map(({ ended }) => ended));
  await other.close();
  process.off('unhandledRejection', note);

  const faults = [...cluster.faults.values()].reduce((sum, count) => sum + count, 0);
  const drops = FAULTS.subscribe.reduce((sum, fault) => sum + (cluster.faults.get(fault) ?? 0), 0);
  const slowestMs = Math.round(Math.max(...doors.map((door) => door.slowestMs)));
  const { acknowledged, repeated, failed } = writers;
  console.log(
    JSON.stringify({ seed: random.seed, faults, drops, events: truth.length, commands: acknowledged.size, repeated, failed, slowestMs }),
  );
  console.log(JSON.stringify(Object.fromEntries(cluster.faults)));
  expect(writers.faultsIn(recorded())).toEqual([]);
  for (const { seen } of subscribers) expect(seen).toEqual(truth);
  expect(slowestMs).toBeLessThan(SETTLED_MS_MAX);
  expect(faults).toBeGreaterThan(FAULTS_MIN);
  expect(drops).toBeGreaterThan(DROPS_MIN);
  expect(unhandled).toEqual([]);
});

/** What a subscriber is given, as lines that tell of each event's place and identity. */
function followed(door: Timed, max: number, signal: AbortSignal): { readonly seen: string[]; readonly ended: Promise<void> } {
  const seen: string[] = [];
  const follow = async () => {
    for await (const batch of door.subscribe(0, { signal, max }))
      for (const { position, stream, revision, meta } of batch) seen.push(`${position} ${stream} ${revision} ${meta.id}`);
  };
  return { seen, ended: follow() };
}

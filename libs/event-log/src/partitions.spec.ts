// Workers on a real Redis: who holds what, and that nobody writes for what he has lost.
import type { AnySaga, Decider } from '@app/kernel';
import { NO_STREAM } from '@app/kernel';
import { startRedis, type RedisServer } from '../../../test/support/redis';
import { stopwatch } from '../../../test/support/stolen-time';
import { until } from '../../../test/support/until';
import { ClusterRedis, PARTITIONS } from './cluster-redis';
import { eventId } from './event-id';
import { followWithReadModels } from './follow';
import { Lease, LEASE_MS, LeaseLost } from './lease';
import { MemoryEventLog } from './memory-event-log';
import { occupy } from './occupy';
import { PartitionBook } from './partition-book';
import { partitionOf, workInPartitions } from './partitions';
import { ReadModels } from './read-models';
import { timersOf } from './run-timers';

let server: RedisServer;
const connections: ClusterRedis[] = [];
beforeAll(async () => {
  server = await startRedis();
});
beforeEach(() => server.flush());
afterEach(() => connections.splice(0).forEach((redis) => redis.close()));
afterAll(() => server.stop());

async function connect(): Promise<ClusterRedis> {
  const redis = await ClusterRedis.connect(server.url);
  connections.push(redis);
  return redis;
}

const AT = '2026-11-22T08:00:00.000Z';
const events = (n: number) => [
  { event: { type: 'Noted', n }, meta: { id: eventId(`c${n}`, AT)(0), command: `c${n}`, actor: 'ann', at: AT } },
];

describe('a lease', () => {
  const note = { checkpoints: { notify: 7 }, parked: [], retried: 0 };

  test('is held by one, who finds what the one before noted', async () => {
    const redis = await connect();
    const first = (await Lease.take(redis, 3, 'ann'))!;
    expect(first.note).toBeUndefined();
    expect(await Lease.take(redis, 3, 'ben')).toBeUndefined();
    await first.lease.keep(note);
    await first.lease.giveBack(() => note);
    expect(first.lease.isHeld()).toBe(false);
    expect((await Lease.take(redis, 3, 'ben'))!.note).toEqual(note);
  });

  test('that was lost lets its holder write nothing, neither in the log nor beside the lease', async () => {
    const redis = await connect();
    const log = new MemoryEventLog();
    const { lease } = (await Lease.take(redis, 3, 'ann'))!;
    await lease.over(log).append('note-a', NO_STREAM, events(1));
    await server.flush();
    const next = (await Lease.take(redis, 3, 'ben'))!;
    await lease.keep({ ...note, checkpoints: { notify: 99 } });
    expect(lease.lost.aborted).toBe(true);
    await expect(lease.over(log).append('note-a', 0, events(2))).rejects.toThrow(LeaseLost);
    expect(await log.read('note-a')).toHaveLength(1);
    await next.lease.giveBack(() => note);
    expect((await Lease.take(redis, 3, 'cat'))!.note).toEqual(note);
  });

  test('ends by the clock of its holder while Redis says nothing, and before Redis lets go of it', async () => {
    const redis = await connect();
    const log = new MemoryEventLog();
    const { lease } = (await Lease.take(redis, 3, 'ann'))!;
    const ms = stopwatch();
    server.freeze();
    await expect(lease.keep(note)).rejects.toThrow('Redis is not available');
    await until(() => !lease.isHeld());
    expect(ms()).toBeLessThan(LEASE_MS);
    await expect(lease.over(log).append('note-a', NO_STREAM, events(1))).rejects.toThrow(LeaseLost);
    server.thaw();
  });

  test('is given back when nothing of its holder is on its way any more', async () => {
    const redis = await connect();
    const { lease } = (await Lease.take(redis, 3, 'ann'))!;
    const slow = new MemoryEventLog();
    const arrived = Promise.withResolvers<void>();
    const log = lease.over(Object.assign(slow, { append: () => arrived.promise.then(() => ({ stream: 'a', revision: 0, position: 1 })) }));
    const appending = log.append('note-a', NO_STREAM, events(1));
    const given = lease.giveBack(() => note);
    await expect(log.append('note-a', 0, events(2))).rejects.toThrow(LeaseLost);
    expect(await Lease.take(redis, 3, 'ben')).toBeUndefined();
    arrived.resolve();
    await Promise.all([appending, given]);
    expect(await Lease.take(redis, 3, 'ben')).toBeDefined();
  });
});

test('a note from beyond the end of the log is of another log, and is worth nothing', () => {
  const parked = [{ follower: 'notify', stream: 'request-1', position: 5, reason: 'Error: no' }];
  const note = { checkpoints: { notify: 7 }, parked, retried: 2 };
  expect(new PartitionBook(note, 7).note).toEqual(note);
  expect(new PartitionBook(note, 6).note).toEqual({ checkpoints: {}, parked: [], retried: 0 });
});

describe('workers', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  /** A worker that does nothing but hold; its partitions. */
  async function holder() {
    const redis = await connect();
    const held = new Map<number, Lease>();
    const stop = new AbortController();
    const done = workInPartitions({
      redis,
      signal: stop.signal,
      warn: () => {},
      occupy: (lease) => {
        held.set(lease.partition, lease);
        const ended = new Promise<void>((resolve) => lease.lost.addEventListener('abort', () => resolve()));
        const gone = ended.then(() => void held.delete(lease.partition));
        return { note: { checkpoints: {}, parked: [], retried: 0 }, retry: () => {}, done: gone };
      },
    });
    const end = async () => {
      stop.abort();
      await done;
    };
    stops.push(end);
    return { held, end };
  }

  test('share the partitions evenly, and take over at once from one who leaves', async () => {
    const one = await holder();
    await until(() => one.held.size === PARTITIONS);
    const other = await holder();
    await until(() => one.held.size === PARTITIONS / 2 && other.held.size === PARTITIONS / 2);
    expect(new Set([...one.held.keys(), ...other.held.keys()]).size).toBe(PARTITIONS);
    await one.end();
    const ms = stopwatch();
    await until(() => other.held.size === PARTITIONS);
    expect(ms()).toBeLessThan(LEASE_MS);
  });

  test('hold everything again when Redis was away, and when it has forgotten all', async () => {
    const one = await holder();
    await until(() => one.held.size === PARTITIONS);
    await server.kill();
    await until(() => one.held.size === 0, 2 * LEASE_MS);
    await server.start();
    await until(() => one.held.size === PARTITIONS);
    const leases = [...one.held.values()];
    await server.flush();
    await until(() => leases.every((lease) => !lease.isHeld()));
    await until(() => one.held.size === PARTITIONS);
  });
});

describe('the sagas of a partition', () => {
  const copied: Decider<number, { type: 'Copy' }, { type: 'Copied' }> = {
    name: 'copied',
    initial: 0,
    events: { Copied: {} },
    decide: () => [{ type: 'Copied' }],
    evolve: (state) => state + 1,
  };
  let broken = true;
  const saga: AnySaga = {
    name: 'copy',
    on: {
      Noted: ({ n }: { n: number }) => {
        if (n === 1 && broken) throw new Error('not yet');
        return [{ decider: copied, id: String(n), command: { type: 'Copy' } }];
      },
    },
  };

  test('react to its streams alone, once, park what fails, show it in Redis, and take it again when asked', async () => {
    const redis = await connect();
    const log = new MemoryEventLog();
    const models = new ReadModels(':memory:', [timersOf([saga])]);
    const stop = new AbortController();
    const following = followWithReadModels(log, models, stop.signal);
    const faults: unknown[] = [];
    const stream = 'note-1';
    const parts = { log, models, sagas: [saga], clock: () => AT, warn: () => {}, fatal: (error: unknown) => void faults.push(error) };
    const partition = partitionOf(stream);
    const elsewhere = Array.from({ length: 100 }, (_, n) => `note-${n}`).find((name) => partitionOf(name) !== partition)!;
    await log.append(stream, NO_STREAM, events(1));
    await log.append(elsewhere, NO_STREAM, events(2));
    const others = Array.from({ length: 100 }, (_, n) => `note-${n}`).filter((name) => name !== stream && partitionOf(name) === partition);
    await log.append(others[0]!, NO_STREAM, events(3));

    const { lease, note } = (await Lease.take(redis, partition, 'ann'))!;
    const occupation = occupy(lease, note, parts);
    await until(() => occupation.note.parked.length === 1 && occupation.note.checkpoints['copy']! >= 3);
    expect([await log.read('copied-1'), await log.read('copied-2'), await log.read('copied-3')].map(({ length }) => length)).toEqual([
      0, 0, 1,
    ]);
    await lease.keep(occupation.note);
    expect((await redis.notes())[partition]).toMatchObject({
      parked: [{ follower: 'copy', stream, position: 1, reason: 'Error: not yet' }],
    });

    await lease.giveBack(() => occupation.note);
    await occupation.done;
    broken = false;
    const next = (await Lease.take(redis, partition, 'ben'))!;
    const taken = occupy(next.lease, next.note, parts);
    await until(() => taken.note.checkpoints['copy']! >= 3);
    expect(await log.read('copied-1')).toHaveLength(0);
    await until(() => (taken.retry(1), taken.note.retried === 1));
    expect(taken.note.parked).toEqual([]);
    expect(await log.read('copied-1')).toHaveLength(1);
    // From the beginning once more, as when Redis has forgotten: the ids of the commands make it one.
    await next.lease.giveBack(() => taken.note);
    await taken.done;
    await server.flush();
    const again = (await Lease.take(redis, partition, 'cat'))!;
    const repeated = occupy(again.lease, again.note, parts);
    await until(() => repeated.note.checkpoints['copy']! >= 3);
    expect([await log.read('copied-1'), await log.read('copied-3')].map(({ length }) => length)).toEqual([1, 1]);
    await again.lease.giveBack(() => repeated.note);
    await repeated.done;
    expect(faults).toEqual([]);
    stop.abort();
    await following;
    models.close();
  });

  test('with the timers look at everything once where days begin in another zone', async () => {
    let looks = 0;
    const timers: AnySaga['timers'] = {
      on: {},
      together: true,
      *due() {
        looks += 1;
        yield [];
      },
    };
    const redis = await connect();
    const [log, models, stop] = [new MemoryEventLog(), new ReadModels(':memory:', [timersOf([])]), new AbortController()];
    const following = followWithReadModels(log, models, stop.signal);
    await log.append('note-1', NO_STREAM, events(1));
    const fatal = (error: unknown) => void faults.push(error);
    const faults: unknown[] = [];
    const told: string[] = [];
    const parts = {
      log,
      models,
      sagas: [{ name: 'looking', on: {}, timers }],
      clock: () => AT,
      warn: (text: string) => void told.push(text),
      fatal,
    };
    const held = async (zone: string) => {
      const { lease, note } = (await Lease.take(redis, 0, 'ann'))!;
      const before = looks;
      const occupation = occupy(lease, note, { ...parts, zone });
      await until(() => models.get<{ zone: string }>('select zone from timers_zone')?.zone === zone);
      await until(async () => (occupation.note.checkpoints['looking'] ?? 0) >= (await log.head()).position);
      await lease.giveBack(() => occupation.note);
      await occupation.done;
      return looks - before;
    };
    models.run('create table timers_zone (zone text not null) strict');
    expect([await held('UTC'), await held('UTC'), await held('Asia/Tokyo'), await held('Asia/Tokyo')]).toEqual([1, 0, 1, 0]);
    expect([faults, told]).toEqual([[], []]);
    stop.abort();
    await following;
    models.close();
  });
});

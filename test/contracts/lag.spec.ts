// Lag means the same in both tiers, though in one of them positions count bytes and not events.
import { lagOf, MemoryEventLog } from '@app/event-log';
import { EventStoreDbEventLog } from '@app/event-log/eventstoredb-event-log';
import { NO_STREAM, PAGE_EVENTS_MAX, type EventLog } from '@app/kernel';
import { Cluster } from '../support/eventstoredb/cluster';
import { events } from './event-log.world';

/** Events of one command, recorded at this second of a minute. */
const recordedAt = (second: number, count: number) =>
  events(...Array.from({ length: count }, (_, n) => ({ n }))).map(({ event, meta }) => ({
    event,
    meta: { ...meta, at: `2026-11-22T08:00:${String(second).padStart(2, '0')}.000Z` },
  }));
const now = Date.parse('2026-11-22T08:00:30.000Z');

let cluster: Cluster;
describe.each<[string, () => Promise<EventLog>, () => Promise<void>]>([
  ['embedded', async () => new MemoryEventLog(), async () => {}],
  ['cluster', async () => new EventStoreDbEventLog((cluster = await Cluster.start()).url), () => cluster.close()],
])('the lag of a follower of the %s tier', (_tier, open, end) => {
  let log: EventLog;
  const lag = async (position: number) => lagOf(log, { position, head: (await log.head()).position, now });
  beforeEach(async () => (log = await open()));
  afterEach(async () => {
    await log.close();
    await end();
  });

  test('counts events and the time of the first that waits, not of the last that was taken', async () => {
    expect(await lag(0)).toEqual({ events: 0, seconds: 0 });
    const first = await log.append('note-a', NO_STREAM, recordedAt(1, 2));
    const second = await log.append('note-b', NO_STREAM, recordedAt(20, 3));
    expect(await lag(0)).toEqual({ events: 5, seconds: 29 });
    expect(await lag(first.position)).toEqual({ events: 3, seconds: 10 });
    expect(await lag(second.position)).toEqual({ events: 0, seconds: 0 });
  });

  test('is never below zero, where another clock is ahead of ours', async () => {
    await log.append('note-a', NO_STREAM, recordedAt(45, 1));
    expect(await lag(0)).toEqual({ events: 1, seconds: 0 });
  });

  test('counts a page at most', async () => {
    await log.append('note-a', NO_STREAM, recordedAt(1, 999));
    expect(await lag(0)).toMatchObject({ events: 999 });
    await log.append('note-b', NO_STREAM, recordedAt(1, 2));
    expect(await lag(0)).toMatchObject({ events: PAGE_EVENTS_MAX });
  });
});

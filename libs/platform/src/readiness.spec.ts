import { Registry } from '@prometheus-io/client';
import { MemoryEventLog, ReadModels } from '@app/event-log';
import { LogFailed, type Projection } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { FollowerMetrics } from './follower-metrics';
import type { FollowerState, Following } from './followers';
import { readinessOf } from './readiness';

const notes: Projection<{ type: 'Noted'; n: number }> = {
  name: 'notes',
  schema: 'create table notes (position integer primary key) strict',
  tables: ['notes'],
  on: {
    Noted: (tables, { n }, { position }) => {
      if (n === 3) throw new Error('cannot take 3');
      tables.run('insert or replace into notes values (?)', position);
    },
  },
};

/** The log of a server that is away for a while. */
class Flaky extends MemoryEventLog {
  away = false;
  override head() {
    return this.away ? Promise.reject(new LogFailed('the event store gave no answer')) : super.head();
  }
}

let log: Flaky;
let models: ReadModels;
let stop: AbortController;
let followers: Map<string, FollowerState>;
let following: Following;
beforeEach(async () => {
  log = new Flaky();
  models = new ReadModels(':memory:', [notes]);
  stop = new AbortController();
  followers = new Map([
    ['read-models', 'follows'],
    ['echoing', 'follows'],
  ]);
  following = { log, models, signal: stop.signal, followers };
  for (let n = 0; n < 5; n++) await log.append('note-a', n - 1, events({ n }));
});
afterEach(() => models.close());

const FIRST_MS = Date.parse('2026-11-01T08:00:00.000Z'); // When the contract's events are recorded.
const wrong = async (seconds = 0) => (await readinessOf(following, FIRST_MS + seconds * 1000)).wrong;

describe('a process is ready', () => {
  test('when its read models are at the end of the log, or behind by a moment', async () => {
    expect(await wrong(3)).toEqual([]);
    models.apply(await log.readAll());
    expect(await readinessOf(following, FIRST_MS)).toEqual({ log: { position: 5, lag: { events: 0, seconds: 0 } }, wrong: [] });
  });

  test('again when they have caught up', async () => {
    expect(await wrong(60)).toEqual(['the read models are 60 seconds behind']);
    models.apply(await log.readAll());
    expect(await wrong(60)).toEqual([]);
  });

  test('not while a page of events waits, whatever the clocks say', async () => {
    await log.append('note-b', -1, events(...Array.from({ length: 1_000 }, (_, n) => ({ n: n + 10 }))));
    expect(await wrong(-60)).toEqual(['the read models are 1000 events or more behind']);
  });

  test('again when the log answers again', async () => {
    log.away = true;
    expect(await wrong()).toEqual(['the log does not answer']);
    log.away = false;
    expect(await wrong()).toEqual([]);
  });

  test('not when a follower has stopped, nor while it is being stopped; all that is wrong is named', async () => {
    followers.set('echoing', 'stopped');
    stop.abort();
    expect(await wrong(60)).toEqual([
      'the process is stopping',
      'the follower echoing has stopped',
      'the read models are 60 seconds behind',
    ]);
  });

  test('though an event is parked', async () => {
    models.apply(await log.readAll());
    expect([models.parked().length, await wrong()]).toEqual([2, []]);
  });
});

describe('the figures of followers', () => {
  async function figures(): Promise<Record<string, number>> {
    const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => [line.slice('countersign_'.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  }
  let registry: Registry;
  let metrics: FollowerMetrics;
  beforeEach(() => {
    registry = new Registry();
    metrics = new FollowerMetrics(registry, following);
  });

  test('say who runs, where each stands, how far behind it is and what it parked', async () => {
    models.apply(await log.readAll());
    models.saveCheckpoint('echoing', 2);
    followers.set('echoing', 'stopped');
    await metrics.look();
    expect(await figures()).toEqual({
      log_answers: 1,
      log_position: 5,
      'follower_runs{follower="read-models"}': 1,
      'follower_runs{follower="echoing"}': 0,
      'follower_position{follower="read-models"}': 5,
      'follower_position{follower="echoing"}': 2,
      'follower_lag_events{follower="read-models"}': 0,
      'follower_lag_events{follower="echoing"}': 3,
      'follower_lag_seconds{follower="read-models"}': 0,
      'follower_lag_seconds{follower="echoing"}': expect.any(Number),
      'parked_events{follower="notes"}': 2,
      'parked_events{follower="echoing"}': 0,
    });
  });

  test('leave out what cannot be known while the log is away', async () => {
    await metrics.look();
    log.away = true;
    await metrics.look();
    const now = await figures();
    expect(now).toMatchObject({ log_answers: 0, 'follower_position{follower="echoing"}': 0 });
    expect(Object.keys(now).filter((name) => /lag/.test(name))).toEqual([]);
  });
});

import { createRunCommand, LogFull, type Decider, type Projection, type Saga } from '@app/kernel';
import { eventId, followWithReadModels, followWithSaga, MemoryEventLog, ReadModels, retryParked } from './index';
import { until } from '../../../test/support/until';

type Noted = { type: 'Noted'; n: number };
const note: Decider<null, { type: 'Note'; n: number }, Noted> = {
  name: 'note',
  initial: null,
  events: { Noted: { n: 'number' } },
  decide: ({ n }) => [{ type: 'Noted', n }],
  evolve: () => null,
};
const echo: Decider<null, { type: 'Note'; n: number }, { type: 'Echoed'; n: number }> = {
  name: 'echo',
  initial: null,
  events: { Echoed: { n: 'number' } },
  decide: ({ n }) => [{ type: 'Echoed', n }],
  evolve: () => null,
};

test('what a read model and a saga parked goes through in order once the fault is mended, and not before', async () => {
  const bad = new Set([2]);
  const check = (n: number) => {
    if (bad.has(n)) throw new Error(`cannot take ${n}`);
  };
  const notes: Projection<Noted> = {
    name: 'notes',
    schema: 'create table notes (n integer primary key) strict',
    tables: ['notes'],
    on: {
      Noted: (tables, { n }) => {
        check(n);
        tables.run('insert or ignore into notes values (?)', n);
      },
    },
  };
  const saga: Saga<Noted> = {
    name: 'echoing',
    on: {
      Noted: ({ n }) => {
        check(n);
        return [{ decider: echo, id: 'all', command: { type: 'Note', n } as never }];
      },
    },
  };
  const log = new MemoryEventLog();
  const models = new ReadModels(':memory:', [notes]);
  const run = createRunCommand({ log, eventId });
  const stop = new AbortController();
  const parts = { log, models, run, signal: stop.signal, warn: () => {} };
  const following = Promise.all([followWithReadModels(log, models, stop.signal), followWithSaga(saga, parts)]);
  const send = (stream: string, n: number) =>
    run(note, stream, { type: 'Note', n }, { command: `c${n}`, actor: 'suite', at: '2026-11-21T10:00:00.000Z' });
  for (const [stream, n] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['b', 4],
  ] as const)
    await send(stream, n);
  const echoes = async () => (await log.read('echo-all')).map(({ event }) => (event as unknown as { n: number }).n);
  const seen = () => models.all<{ n: number }>('select n from notes order by n').map(({ n }) => n);
  await until(() => models.parked().length === 4);
  await until(async () => (await echoes()).length === 2);
  expect([seen(), await echoes()]).toEqual([
    [1, 3],
    [1, 3],
  ]);

  expect(await retryParked([saga], parts)).toEqual({ taken: 0, parked: 4 });
  bad.clear();
  expect(await retryParked([saga], parts)).toEqual({ taken: 4, parked: 0 });
  expect([seen(), await echoes()]).toEqual([
    [1, 2, 3, 4],
    [1, 3, 2, 4],
  ]);
  await send('b', 5);
  await until(async () => (await echoes()).length === 5);
  stop.abort();
  await following;
});

test('with no room for its rows none is taken, which is said as of any write, and all stay parked as they were', async () => {
  let bad = true;
  const notes: Projection<Noted> = {
    name: 'notes',
    schema: 'create table notes (n integer primary key, text text not null) strict',
    tables: ['notes'],
    on: {
      Noted: (tables, { n }) => {
        if (bad) throw new Error('cannot take it');
        tables.run('insert into notes values (?, ?)', n, 'x'.repeat(20_000));
      },
    },
  };
  const log = new MemoryEventLog();
  const models = new ReadModels(':memory:', [notes]);
  const stop = new AbortController();
  const parts = { log, models, run: createRunCommand({ log, eventId }), signal: stop.signal, warn: () => {} };
  const following = followWithReadModels(log, models, stop.signal);
  await parts.run(note, 'a', { type: 'Note', n: 1 }, { command: 'c1', actor: 'suite', at: '2026-11-21T10:00:00.000Z' });
  const parked = await until(() => models.parked().at(0));
  bad = false;
  models.run('pragma max_page_count = 1'); // No page more than there are.
  await expect(retryParked([], parts)).rejects.toThrow(LogFull);
  expect(models.parked()).toEqual([parked]);
  models.run('pragma max_page_count = 1000000');
  expect(await retryParked([], parts)).toEqual({ taken: 1, parked: 0 });
  stop.abort();
  await following;
});

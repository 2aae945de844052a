import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { NO_STREAM, type Projection, type Recorded } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { temporaryFolder } from '../../../test/support/folders';
import { MemoryEventLog, ReadModels } from '.';

type Noted = { type: 'Noted'; n: number };

const notes: Projection<Noted> = {
  name: 'notes',
  schema: 'create table notes (stream text, n integer, primary key (stream, n)) strict',
  tables: ['notes'],
  on: { Noted: (tables, { n }, { stream }) => tables.run('insert or replace into notes values (?, ?)', stream, n) },
};
const sums: Projection<Noted> = {
  name: 'sums',
  schema: 'create table sums (stream text primary key, revision integer, total integer) strict',
  tables: ['sums'],
  on: {
    Noted: (tables, { n }, { stream, revision }) => {
      const { total = 0, at = NO_STREAM } =
        tables.get<{ total: number; at: number }>('select total, revision as at from sums where stream = ?', stream) ?? {};
      if (revision > at) tables.run('insert or replace into sums values (?, ?, ?)', stream, revision, total + n);
    },
  },
};
/** Breaks on the numbers of a list, which a test can empty. */
const choosy = (bad: readonly number[]): Projection<Noted> => ({
  ...notes,
  on: {
    Noted: (tables, event, recorded) => {
      notes.on.Noted!(tables, event, recorded);
      if (bad.includes(event.n)) throw new Error(`cannot take ${event.n}`);
    },
  },
});

const allNotes = (models: ReadModels) => models.all<{ n: number }>('select n from notes order by n').map(({ n }) => n);
const positions = (recorded: readonly Recorded[]) => recorded.map(({ position }) => position);

describe('read models', () => {
  let log: MemoryEventLog;
  let path: string;
  /** Notes of three streams in turn: 1 and 4 are of the first, 2 and 5 of the second, 3 and 6 of the third. */
  let history: readonly Recorded[];
  beforeEach(async () => {
    log = new MemoryEventLog();
    path = join(temporaryFolder(), 'views.db');
    for (let n = 1; n <= 6; n++) await log.append(`note-${(n - 1) % 3}`, Math.floor((n - 1) / 3) - 1, events({ n }));
    history = await log.readAll();
  });

  test('keep rows and checkpoint together, also over a restart', () => {
    const first = new ReadModels(path, [notes, sums]);
    first.apply(history.slice(0, 4));
    first.close();
    const second = new ReadModels(path, [notes, sums]);
    expect([second.position, allNotes(second)]).toEqual([4, [1, 2, 3, 4]]);
    second.apply(history);
    expect([second.position, allNotes(second)]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
    expect(second.get('select sum(total) as total from sums')).toEqual({ total: 21 });
    second.close();
  });

  test('a transaction that fails leaves no rows', () => {
    const models = new ReadModels(path, [notes]);
    const fail = () =>
      models.transaction(() => {
        models.run("insert into notes values ('note-x', 9)");
        throw new Error('power cut');
      });
    expect(fail).toThrow('power cut');
    expect(allNotes(models)).toEqual([]);
    models.close();
  });

  test('keep the checkpoints of other followers, which never go back, also over a restart', () => {
    const first = new ReadModels(path, [notes]);
    first.saveCheckpoint('other', 4);
    first.saveCheckpoint('other', 2);
    expect(first.checkpoint('other')).toBe(4);
    first.close();
    const second = new ReadModels(path, [notes]);
    expect([second.checkpoint('other'), second.position]).toEqual([4, 0]);
    second.close();
  });

  test('keep what was asked first with an idempotency key, also over a restart; an import is one with all that it sends', async () => {
    const at = '2026-11-01T08:00:00.000Z';
    const [event] = events({ n: 7 });
    const meta = (id: string, rest: object) => ({ ...event!, meta: { id, command: id, actor: 'ann', at, ...rest } });
    await log.append('note-7', NO_STREAM, [meta('a', { body: 'first' }), meta('b', {}), meta('i/1', { body: 'files', correlation: 'i' })]);
    await log.append('note-8', NO_STREAM, [meta('a', { body: 'other' })]);
    const first = new ReadModels(path, [notes]);
    first.apply(await log.readAll());
    first.close();
    const second = new ReadModels(path, [notes]);
    expect(['a', 'b', 'i', 'i/1'].map(second.bodyOf)).toEqual(['first', undefined, 'files', undefined]);
    second.close();
  });

  test('an event that comes twice, or in a batch that overlaps, changes nothing', () => {
    const models = new ReadModels(path, [sums]);
    models.apply(history.slice(0, 4));
    models.apply(history.slice(2));
    models.apply(history.slice(0, 2));
    expect([models.position, models.get('select sum(total) as total from sums')]).toEqual([6, { total: 21 }]);
    models.close();
  });

  test('an event that fails is parked with its reason; its stream waits, all others go on', () => {
    const models = new ReadModels(path, [choosy([2]), sums]);
    models.apply(history);
    expect(allNotes(models)).toEqual([1, 3, 4, 6]);
    expect(models.parked()).toEqual([
      { follower: 'notes', stream: 'note-1', position: 2, reason: 'Error: cannot take 2' },
      { follower: 'notes', stream: 'note-1', position: 5, reason: expect.stringContaining('waits') },
    ]);
    expect(models.get('select sum(total) as total from sums')).toEqual({ total: 21 });
    expect(models.position).toBe(6);
    models.close();
  });

  test('later events of a jammed stream wait in later batches and after a restart too', () => {
    const models = new ReadModels(path, [choosy([2])]);
    models.apply(history.slice(0, 3));
    models.close();
    const again = new ReadModels(path, [choosy([])]);
    again.apply(history);
    expect(allNotes(again)).toEqual([1, 3, 4, 6]);
    expect(positions(again.parked().map(({ position }) => history[position - 1]!))).toEqual([2, 5]);
    again.close();
  });

  test('a new one beside old ones catches up by itself', () => {
    const before = new ReadModels(path, [notes]);
    before.apply(history);
    before.close();
    const models = new ReadModels(path, [notes, sums]);
    expect([models.checkpoint('notes'), models.checkpoint('sums'), models.position]).toEqual([6, 0, 0]);
    models.apply(history);
    expect([models.position, models.get('select sum(total) as total from sums')]).toEqual([6, { total: 21 }]);
    models.close();
  });

  test('what a crash finds in an open transaction is taken from the log again', () => {
    const crashed = new ReadModels(path, [notes, sums]);
    crashed.apply(history.slice(0, 2));
    crashed.commit();
    crashed.apply(history.slice(2, 5));
    expect([crashed.position, allNotes(crashed)]).toEqual([5, [1, 2, 3, 4, 5]]);
    // The files as they are now, without a word to the one who has them open: what kill -9 would leave.
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, `${path}.left${suffix}`);
    const again = new ReadModels(`${path}.left`, [notes, sums]);
    expect([again.position, allNotes(again)]).toEqual([2, [1, 2]]);
    again.apply(history.slice(2));
    expect([again.position, again.get('select sum(total) as total from sums')]).toEqual([6, { total: 21 }]);
    again.close();
    crashed.close();
  });

  test('an event that fails undoes none of what the same transaction took before', () => {
    const models = new ReadModels(path, [choosy([5]), sums]);
    models.apply(history.slice(0, 2));
    models.apply(history.slice(2, 4));
    models.apply(history.slice(4));
    expect(allNotes(models)).toEqual([1, 2, 3, 4, 6]);
    expect(models.parked().map(({ position }) => position)).toEqual([5]);
    expect(models.get('select sum(total) as total from sums')).toEqual({ total: 21 });
    models.close();
    const again = new ReadModels(path, [choosy([]), sums]);
    expect([again.position, allNotes(again), again.parked().length]).toEqual([6, [1, 2, 3, 4, 6], 1]);
    again.close();
  });

  test('what a follower parks stays parked, whatever becomes of the open transaction', () => {
    const models = new ReadModels(path, [choosy([5])]);
    models.apply(history.slice(0, 4));
    models.park({ follower: 'saga', stream: 'note-2', position: 3, reason: 'no' });
    models.apply(history.slice(4)); // Fails, and is rolled back.
    expect(models.parked().map(({ follower, position }) => `${follower} ${position}`)).toEqual(['saga 3', 'notes 5']);
    expect(models.isJammed('saga', 'note-2')).toBe(true);
    models.close();
  });

  test('one whose schema changed is made anew, without what was parked for it', () => {
    const before = new ReadModels(path, [choosy([2]), sums]);
    before.apply(history);
    before.close();
    const changed = { ...notes, schema: 'create table notes (stream text, n integer, more text, primary key (stream, n)) strict' };
    const on = {
      Noted: (tables, { n }, { stream }) => tables.run("insert or replace into notes values (?, ?, '')", stream, n),
    } satisfies Projection<Noted>['on'];
    const models = new ReadModels(path, [{ ...changed, on }, sums]);
    expect([models.checkpoint('notes'), models.checkpoint('sums'), models.parked()]).toEqual([0, 6, []]);
    models.apply(history);
    expect(allNotes(models)).toEqual([1, 2, 3, 4, 5, 6]);
    models.close();
  });

  test('become others that were built beside them, and go on in their file', async () => {
    const live = new ReadModels(path, [notes]);
    live.apply(history.slice(0, 4));
    live.run("insert into notes values ('note-0', 99)");
    const waiting = live.reached(6);
    const fresh = new ReadModels(`${path}.fresh`, [notes]);
    fresh.apply(history);
    live.becomes(fresh);
    await waiting;
    expect([live.position, allNotes(live), existsSync(`${path}.fresh`)]).toEqual([6, [1, 2, 3, 4, 5, 6], false]);
    live.run("insert into notes values ('note-0', 7)");
    live.close();
    const again = new ReadModels(path, [notes]);
    expect([again.position, allNotes(again)]).toEqual([6, [1, 2, 3, 4, 5, 6, 7]]);
    again.close();
  });

  test('tell those who wait for a position when all of them have it', async () => {
    const models = new ReadModels(path, [notes, sums]);
    const seen: string[] = [];
    const waiting = [3, 6].map((position) => models.reached(position).then(() => seen.push(`${position} at ${models.position}`)));
    models.apply(history.slice(0, 2));
    await Promise.resolve();
    expect(seen).toEqual([]);
    models.apply(history.slice(2, 4));
    await waiting[0];
    expect(seen).toEqual(['3 at 4']);
    models.apply(history.slice(4));
    await Promise.all([...waiting, models.reached(6)]);
    expect(seen).toEqual(['3 at 4', '6 at 6']);
    models.close();
  });

  test('let go of those who wait when no further event will come', async () => {
    const models = new ReadModels(path, [notes]);
    const waiting = models.reached(100);
    models.release();
    await waiting;
    await models.reached(100);
    models.close();
  });
});

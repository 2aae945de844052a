import { LogFull, NO_STREAM, type Projection } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { MemoryEventLog, ReadModels, supposing } from '.';

type Noted = { type: 'Noted'; n: number };
const LONG = 'x'.repeat(100_000);
const notes: Projection<Noted> = {
  name: 'notes',
  schema: 'create table notes (n integer primary key, words text) strict',
  tables: ['notes'],
  on: { Noted: (tables, { n }) => tables.run('insert or replace into notes values (?, ?)', n, n > 1 ? LONG : '') },
};

test('what is supposed on a full disk is refused as any write is then, and takes nothing with it', async () => {
  const log = new MemoryEventLog();
  await log.append('note-a', NO_STREAM, events({ n: 1 }));
  const models = new ReadModels(':memory:', [notes]);
  models.apply(await log.readAll());
  models.commit();
  const [supposed] = events({ n: 2 });
  const found = () => supposing(models, [{ stream: 'note-b', ...supposed! }], (views) => views.all('select n from notes').length);

  models.run('pragma max_page_count = 1'); // No page more than there are.
  expect(found).toThrow(LogFull);
  expect(models.all('select n from notes')).toEqual([{ n: 1 }]);
  models.run('pragma max_page_count = 1000000');
  expect(found()).toBe(2);
  expect(models.all('select n from notes')).toEqual([{ n: 1 }]);
  models.close();
});

import { join } from 'node:path';
import type { Projection } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { temporaryFolder } from '../../../test/support/folders';
import { digestsOf, disownForeign, MemoryEventLog, ReadModels } from '.';

const notes: Projection<{ type: 'Noted'; n: number }> = {
  name: 'notes',
  schema: 'create table notes (stream text, n integer, primary key (stream, n)) strict',
  tables: ['notes'],
  on: { Noted: (tables, { n }, { stream }) => tables.run('insert or replace into notes values (?, ?)', stream, n) },
};
const logOf = async (count: number) => {
  const log = new MemoryEventLog();
  for (let n = 0; n < count; n++) await log.append('note-a', n - 1, events({ n }));
  return log;
};

describe('a copy of read models', () => {
  test('is taken while they go on, is whole, and goes on by itself from where it was taken', async () => {
    const folder = temporaryFolder();
    const log = await logOf(3_000);
    const live = new ReadModels(join(folder, 'views.db'), [notes]);
    live.apply(await log.readAll({ max: 1_000 }));
    live.saveCheckpoint('saga', 7);
    const copying = live.copyTo(join(folder, 'copy.db'));
    live.apply(await log.readAll({ after: 1_000, max: 1_000 }));
    await copying;
    live.apply(await log.readAll({ after: 2_000, max: 1_000 }));

    const copy = new ReadModels(join(folder, 'copy.db'), [notes]);
    expect([1_000, 2_000]).toContain(copy.position);
    expect(copy.get('select count(*) as rows from notes')).toEqual({ rows: copy.position });
    expect([await disownForeign(log, copy), copy.checkpoint('saga')]).toEqual([undefined, 7]);
    while (copy.position < 3_000) copy.apply(await log.readAll({ after: copy.position }));
    expect(await digestsOf(copy)).toEqual(await digestsOf(live));
    copy.close();
    live.close();
  });

  test.each([
    ['has come further than the log', 3, /come to position 5, and the log ends at 3/],
    ['has another event at its last position', 8, /the event at position 5 is another one/],
  ])('that %s is made anew, and the others wait for it', async (_what, count, reason) => {
    const folder = temporaryFolder();
    const [own, other] = [await logOf(count), await logOf(5)];
    const models = new ReadModels(join(folder, 'views.db'), [notes]);
    models.apply(await other.readAll());
    models.saveCheckpoint('saga', 5);
    models.commit();
    expect(await disownForeign(own, models)).toMatch(reason);
    expect([models.position, models.checkpoint('saga'), [...models.rows('notes')]]).toEqual([0, 0, []]);
    models.apply(await own.readAll());
    expect([models.position, await disownForeign(own, models)]).toEqual([count, undefined]);
    models.close();
  });
});

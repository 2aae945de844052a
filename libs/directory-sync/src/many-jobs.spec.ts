// A person with more jobs than one append takes: recorded in parts, as a file brings them and as they are taken back.
import { assignmentsOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { undoImport } from './undo-import';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,username\neve,eve\ndan,dan', { element: 'people' });
});
afterEach(() => here.close());

const JOBS = 1_001;
const HEADER = 'person_id,assignment_id,organisation_id,valid_from';
const rows = Array.from({ length: JOBS }, (_, at) => `eve,eve-${at},,2024-01-01`);
const take = (more: readonly string[]) => here.importText('native', [HEADER, ...more].join('\n'), { element: 'assignments' });
const held = (person: string) => assignmentsOf(here.views, person, '2026-11-22').length;

test('every row has its verdict, and taking it back takes back all', async () => {
  const { id, added, rejected } = await take(['dan,dan-7,,2024-01-01', ...rows]);
  expect([added, rejected, held('eve'), held('dan')]).toEqual([JOBS + 1, [], JOBS, 1]);
  expect(await take(rows)).toMatchObject({ unchanged: JOBS });
  const undone = await undoImport(here.parts, {
    id,
    as: 'undo',
    on: '2026-11-22',
    origin: { actor: 'admin', command: 'undo', at: '2026-11-22T08:00:00Z' },
  });
  expect([undone.changed, undone.rejected, held('eve'), held('dan')]).toEqual([JOBS + 1, [], 0, 0]);
});

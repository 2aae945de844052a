// Whether somebody was active on a day, before an import and after it was taken back.
import { isActive, person } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { undoImport } from './undo-import';

let here: World;
let commands = 0;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,username\nann,ann', { element: 'people' });
});
afterEach(() => here.close());

const ON = '2026-11-22';
const DAYS = ['2025-01-01', '2025-06-15', '2025-12-31', '2026-01-01', '2026-03-01', '2026-06-01', ON, '2027-06-01', '2028-01-01'];
const active = () => DAYS.filter((day) => isActive(here.views, 'ann', day));
const originOf = () => ({ actor: 'admin', command: `c${++commands}`, at: `${ON}T08:00:00Z` });
const take = (deleted: 0 | 1, effective: string) =>
  here.importText('native', `idnumber,username,deleted\nann,ann,${deleted}`, { element: 'people', effective });
const undo = (id: string) => undoImport(here.parts, { id, as: `undo${++commands}`, on: ON, origin: originOf() });
async function byHand(type: 'DeactivatePerson' | 'ReactivatePerson', on: string): Promise<void> {
  await here.run(person, 'ann', { type, person: 'ann', on }, originOf());
  await here.reached();
}

test.each<[string, readonly (readonly ['DeactivatePerson' | 'ReactivatePerson', string])[], 0 | 1, string]>([
  ['an end in the past', [], 1, '2026-01-01'],
  ['an end that is to come', [], 1, '2027-01-01'],
  ['a return', [['DeactivatePerson', '2025-06-01']], 0, '2026-05-01'],
  ['a return that is to come', [['DeactivatePerson', '2025-06-01']], 0, '2027-05-01'],
  [
    'an end after an earlier one',
    [
      ['DeactivatePerson', '2025-06-01'],
      ['ReactivatePerson', '2025-09-01'],
    ],
    1,
    '2026-05-01',
  ],
  [
    'an end before a return that is to come',
    [
      ['DeactivatePerson', '2026-02-01'],
      ['ReactivatePerson', '2027-09-01'],
    ],
    1,
    '2026-05-01',
  ],
])('%s', async (_what, before, deleted, effective) => {
  for (const [type, on] of before) await byHand(type, on);
  const were = active();
  const { id } = await take(deleted, effective);
  const became = active();
  expect(became).not.toEqual(were);
  const undone = await undo(id);
  expect([undone.rejected, active()]).toEqual([[], were]);
  await undo(undone.id);
  expect(active()).toEqual(became);
});
test('an end that is to come ends nobody for a moment, where an earlier one is long over', async () => {
  await byHand('DeactivatePerson', '2025-06-01');
  await byHand('ReactivatePerson', '2025-09-01');
  const { id } = await take(1, '2027-01-01');
  const from = here.views.position;
  await undo(id);
  const types = (await here.log.readAll({ after: from })).map(({ event }) => event.type);
  expect(types).toContain('PersonReactivated');
  expect(types).not.toContain('PersonDeactivated');
  expect(isActive(here.views, 'ann', '2028-01-01')).toBe(true);
});

// A file against what is planned for somebody: who is to leave or to come back later does so on the day of the file, once (E3, E34).
import { activeFrom, person, personOf } from '@app/organisation';
import { world } from '../../../test/support/import-world';
import { undoImport } from './undo-import';

const ON = '2026-11-21';
const LATER = '2027-06-01';
const here = world();
let commands = 0;
const origin = () => ({ command: `c${++commands}`, actor: 'admin', at: `${ON}T08:00:00Z` });
const take = (deleted: 0 | 1, more: object = {}) =>
  here.importText('native', `idnumber,username,deleted\nbob,bob,${deleted}\n`, { element: 'people', effective: ON, ...more });
const activeOn = (...days: readonly string[]) => days.map((day) => personOf(here.views, 'bob', day)?.active);

beforeAll(() => here.importText('native', 'idnumber,username\nbob,bob\n', { element: 'people' }));
afterAll(() => here.close());

test('who is to leave later leaves with the file that says so; the next nights say nothing new', async () => {
  await here.run(person, 'bob', { type: 'DeactivatePerson', person: 'bob', on: LATER }, origin());
  await here.reached();
  expect(activeOn(ON, LATER)).toEqual([true, false]);
  expect(await take(1, { dryRun: true })).toMatchObject({
    ended: 1,
    changes: [{ id: 'bob', fields: { active: { before: true, after: false } } }],
  });
  const { id, ended } = await take(1);
  expect([ended, ...activeOn(ON, LATER)]).toEqual([1, false, false]);
  const events = here.organisationEvents();
  expect(await take(1, { effective: '2026-11-22' })).toMatchObject({ ended: 0, unchanged: 1 });
  expect(here.organisationEvents()).toBe(events);
  await undoImport(here.parts, { id, as: 'undo', on: ON, origin: origin() });
  await here.reached();
  expect(activeOn(ON, LATER)).toEqual([true, false]);
});

test('who is to come back later comes back with the file that says so', async () => {
  await here.run(person, 'bob', { type: 'DeactivatePerson', person: 'bob', on: '2026-01-01' }, origin());
  await here.run(person, 'bob', { type: 'ReactivatePerson', person: 'bob', on: LATER }, origin());
  await here.reached();
  expect(activeOn(ON, LATER)).toEqual([false, true]);
  expect(await take(0)).toMatchObject({ changed: 1 });
  expect(activeFrom(here.views, 'bob', ON)).toBe(true);
  expect(await take(0, { effective: '2026-11-22' })).toMatchObject({ changed: 0, unchanged: 1 });
});

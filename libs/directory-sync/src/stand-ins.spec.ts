// Somebody who stood in until a day, of whom nobody can say since when, manages nothing that is recorded already.
import { linksOf, managersOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,username\nann,ann\nbob,bob\ncat,cat', { element: 'people' });
  await totara('ann,a,01/01/2020,bob,,');
});
afterEach(() => here.close());

const totara = (row: string, effective = '2026-06-01') =>
  here.importText('totara', `useridnumber,idnumber,startdate,manageridnumber,tempmanageridnumber,tempmanagerexpirydate\n${row}`, {
    effective,
    dates: 'day-first',
  });
const stoodIn = (asOf: string) =>
  managersOf(here.views, { assignment: 'a', responsibilities: ['approval'], asOf })
    .filter(({ kind }) => kind === 'temporary')
    .map(({ person }) => person);

test('one who is over before the file is loaded is left out, and told', async () => {
  const before = here.organisationEvents();
  const result = await totara('ann,a,01/01/2020,bob,cat,01/01/2025');
  expect([result.unchanged, result.noted.map(({ line, code }) => `${line} ${code}`)]).toEqual([1, ['2 manager-over']]);
  expect([here.organisationEvents(), stoodIn('2021-06-01')]).toEqual([before, []]);
});
test('one who is recorded stays so when he is over', async () => {
  await totara('ann,a,01/01/2020,bob,cat,01/08/2026');
  const links = linksOf(here.views, 'a');
  expect(await totara('ann,a,01/01/2020,bob,cat,01/08/2026', '2026-09-01')).toMatchObject({ unchanged: 1, noted: [] });
  expect(linksOf(here.views, 'a')).toEqual(links);
  expect([stoodIn('2026-05-01'), stoodIn('2026-07-01')]).toEqual([[], ['cat']]);
});
test('the stand-in of a new job began with it', async () => {
  expect(await totara('ann,b,01/01/2020,bob,cat,01/01/2025')).toMatchObject({ added: 1, noted: [] });
  expect(linksOf(here.views, 'b').filter(({ kind }) => kind === 'temporary')).toMatchObject([{ manager: 'cat', to: '2025-01-01' }]);
});

// An account or a job ends where a cell says so, and on no word that may mean anything.
import { personOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,username\nann,ann', { element: 'people' });
});
afterEach(() => here.close());

const people = (said: string, more = {}) =>
  here.importText('native', `idnumber,username,Deleted\nann,ann,${said}`, { element: 'people', ...more });

test.each(['1', 'true', 'YES', ' y '])('%j ends the account', async (said) => {
  expect(await people(said)).toMatchObject({ ended: 1, rejected: [] });
  expect(personOf(here.views, 'ann')?.active).toBe(false);
});
test.each(['', '0', 'False', 'no', 'N'])('%j leaves it', async (said) => {
  expect(await people(said)).toMatchObject({ unchanged: 1, rejected: [] });
  expect(personOf(here.views, 'ann')?.active).toBe(true);
});
test.each(['nein', '-', '2027-01-01', '2'])('a row with %j is refused, and the column is named', async (said) => {
  const { rejected } = await people(said);
  expect(rejected).toMatchObject([{ line: 2, code: 'not-yes-or-no', detail: expect.stringContaining('Deleted is neither') }]);
  expect(personOf(here.views, 'ann')?.active).toBe(true);
});

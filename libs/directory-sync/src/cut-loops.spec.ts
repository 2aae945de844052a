// A loop over both hierarchies that one row of a file closes and another cuts: what counts is how it stands at the end (I5, O11).
import { reportingModes, SITE } from '@app/organisation';
import { oracle, world, type World } from '../../../test/support/import-world';

const file = (name: string, ...rows: readonly string[]) => ({ name, content: Buffer.from(rows.join('\n')) });
const people = file('people.csv', 'idnumber,username,firstname,lastname', ...['nora', 'hal', 'boss'].map((id) => `${id},${id},${id},Lee`));
const units = file('organisations.csv', 'idnumber,fullname', 'ward,Ward', 'office,Office');
const positions = (superior: string) => file('positions.csv', 'idnumber,fullname,parentidnumber', 'head,Head,', `nurse,Nurse,${superior}`);
const jobs = (...rows: readonly string[]) =>
  file('assignments.csv', 'person_id,assignment_id,position_type,position_id,organisation_id,valid_from,manager_ref,manager_kind', ...rows);
const nora = 'nora,nora-1,s,nurse,ward,2024-01-01,,';
const boss = 'boss,boss-1,s,,office,2024-01-01,,';
const hal = (manager: string) => `hal,hal-1,s,head,office,2024-01-01,${manager},direct`;

let here: World;
beforeEach(async () => {
  here = world();
  await here.importFiles('native', [people, units, positions(''), jobs(nora, hal('nora'), boss)]);
  // Seats answer in the ward, links elsewhere: nora reports to whoever holds the seat above hers.
  const choice = { type: 'ChooseReportingMode', unit: 'ward', mode: 'position-code', effective: oracle.asOf } as const;
  await here.run(reportingModes, SITE, choice, { command: 'mode', actor: 'admin', at: '2026-11-21T08:00:00Z' });
  await here.reached();
});
afterEach(() => here.close());

test('a position that closes it is recorded when another row of the import takes the link away', async () => {
  const result = await here.importFiles('native', [positions('head'), jobs(hal('boss'))]);
  expect(result.rejected).toEqual([]);
  expect(result.changed).toBe(2);
  expect(await here.importFiles('native', [positions('head'), jobs(hal('boss'))])).toMatchObject({
    unchanged: 3,
    changed: 0,
    rejected: [],
  });
});

test('where nothing cuts it the row is refused with the loop', async () => {
  const result = await here.importFiles('native', [positions('head'), jobs(hal('nora'))]);
  expect(result.rejected).toMatchObject([{ file: 'positions.csv', line: 3, code: 'manager-loop' }]);
});

// Files of users name jobs by their place only: the right one is found again, and never guessed.
import { assignmentsOf, linksOf, personOf } from '@app/organisation';
import { oracle, world, type World } from '../../../test/support/import-world';

const { asOf } = oracle;
let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,fullname,parentidnumber\nH,Hospital,\nW,Ward,H', { element: 'organisations' });
  await here.importText('native', 'idnumber,fullname\nNUR,Nurse\nMAN,Manager', { element: 'positions' });
});
afterEach(() => here.close());

const WORKPLACE =
  'username,firstname,lastname,jobdepartment1,jobposition1,jobstartdate1,jobenddate1,jobdepartment2,jobposition2,jobstartdate2,jobenddate2';
const workplace = (...rows: readonly string[]) => here.importText('workplace', [WORKPLACE, ...rows].join('\n'));
const LATITUDE = 'Username,First Name,Last Name,Primary Location Code,Primary Position Code,Manager Username,Alternate Manager Usernames';
const latitude = (...rows: readonly string[]) => here.importText('latitude', [LATITUDE, ...rows].join('\n'));
const jobs = (person: string) =>
  here.views
    .all<any>('select id, valid_from, valid_to from assignments where person = ? order by valid_from, id', person)
    .map(({ id, valid_from, valid_to }) => `${id} ${valid_from} ${valid_to ?? 'on'}`);

test('a new person gets his user name as id, and each numbered job is one of his', async () => {
  expect(await workplace('ann,Ann,Lee,W,NUR,2024-01-01,,H,NUR,2025-01-01,2025-06-01')).toMatchObject({ added: 1, rejected: [] });
  expect(personOf(here.views, 'ann')).toMatchObject({ username: 'ann', givenName: 'Ann' });
  expect(jobs('ann')).toEqual(['ann:NUR:W 2024-01-01 on', 'ann:NUR:H 2025-01-01 2025-06-01']);
});
test('somebody known by his user name keeps his id', async () => {
  await here.importText('native', 'idnumber,username\nP1,ann', { element: 'people' });
  await workplace('ann,Ann,Lee,W,NUR,2024-01-01,,,,,');
  expect(personOf(here.views, 'ann')).toBeUndefined();
  expect(jobs('P1')).toEqual(['P1:NUR:W 2024-01-01 on']);
});
test('a blank cell leaves what is recorded, and a zero removes an end', async () => {
  await workplace('ann,Ann,Lee,W,NUR,2024-01-01,2027-01-01,,,,');
  expect(await workplace('ann,,,W,NUR,,,,,,')).toMatchObject({ unchanged: 1, rejected: [] });
  expect(await workplace('ann,,,W,NUR,,0,,,,')).toMatchObject({ changed: 1, rejected: [] });
  expect(jobs('ann')).toEqual(['ann:NUR:W 2024-01-01 on']);
  expect(personOf(here.views, 'ann')).toMatchObject({ givenName: 'Ann', familyName: 'Lee' });
});
test('who comes back to a place has a second job there', async () => {
  await workplace('ann,Ann,Lee,W,NUR,2020-01-01,2021-01-01,,,,');
  await workplace('ann,Ann,Lee,W,NUR,2024-01-01,,,,,');
  expect(jobs('ann')).toEqual(['ann:NUR:W 2020-01-01 2021-01-01', 'ann:NUR:W:2024-01-01 2024-01-01 on']);
});
test('both times at once are two jobs, which the same file finds again', async () => {
  const row = 'ann,Ann,Lee,W,NUR,2020-01-01,2021-01-01,W,NUR,2024-01-01,';
  expect(await workplace(row)).toMatchObject({ added: 1 });
  expect(await workplace(row)).toMatchObject({ unchanged: 1 });
  expect(jobs('ann')).toHaveLength(2);
});
test('of several jobs that fit none is taken, and never the first', async () => {
  await here.importText('native', 'idnumber,username\nann,ann', { element: 'people' });
  const twice = ['a,2024-01-01', 'b,2024-02-01'].map((job) => `ann,${job},NUR,W`);
  await here.importText('native', ['person_id,assignment_id,valid_from,position_id,organisation_id', ...twice].join('\n'), {
    element: 'assignments',
  });
  const before = here.organisationEvents();
  expect((await workplace('ann,,,W,NUR,,,,,,')).rejected.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 ambiguous-job']);
  expect(here.organisationEvents()).toBe(before);
  expect(await workplace('ann,,,W,NUR,2024-02-01,2026-12-01,,,,')).toMatchObject({ changed: 1 });
  expect(jobs('ann')).toEqual(['a 2024-01-01 on', 'b 2024-02-01 2026-12-01']);
});
test('a job of nothing but its managers is one too (O10)', async () => {
  await here.importText('native', 'idnumber,username\nbob,bob', { element: 'people' });
  const file = 'idnumber,username,orgidnumber,manageridnumber,appraiseridnumber\nann,ann,,bob,\ncat,cat,,,bob\ndan,dan,,,';
  expect(await here.importText('totara25', file)).toMatchObject({ added: 3, rejected: [] });
  expect(linksOf(here.views, 'ann:-:-')).toMatchObject([{ kind: 'direct', manager: 'bob' }]);
  expect(linksOf(here.views, 'cat:-:-')).toMatchObject([{ kind: 'alternate', manager: 'bob' }]);
  expect(jobs('dan')).toEqual([]);
  expect(await here.importText('totara25', file)).toMatchObject({ unchanged: 3 });
  // A file with no other column of jobs speaks of the job that there is.
  await latitude('eve,Eve,Poe,W,NUR,,');
  expect(await here.importText('latitude', 'Username,Manager Username\neve,bob')).toMatchObject({ changed: 1, rejected: [] });
  expect([jobs('eve').length, linksOf(here.views, 'eve:NUR:W')]).toMatchObject([1, [{ manager: 'bob' }]]);
});
test('a blank cell for the place leaves that of the job which is recorded', async () => {
  await workplace('ann,Ann,Lee,W,NUR,2024-01-01,,,,,');
  expect(await workplace('ann,,,,NUR,,,,,,')).toMatchObject({ unchanged: 1, rejected: [] });
  expect(await workplace('ann,,,W,,,2026-12-01,,,,')).toMatchObject({ changed: 1, rejected: [] });
  expect(jobs('ann')).toEqual(['ann:NUR:W 2024-01-01 2026-12-01']);
});
test('of several jobs that it leaves open, the file means the one that it does not name besides', async () => {
  await workplace('ann,Ann,Lee,W,NUR,2024-01-01,,H,NUR,2024-01-01,');
  for (const from of ['', '2024-01-01', '2025-01-01'])
    expect((await workplace(`ann,,,,NUR,${from},,,,,`)).rejected).toMatchObject([{ code: 'ambiguous-job' }]);
  expect(await workplace('ann,,,,NUR,,2026-12-01,H,NUR,,')).toMatchObject({ changed: 1, rejected: [] });
  expect(jobs('ann')).toEqual(['ann:NUR:H 2024-01-01 on', 'ann:NUR:W 2024-01-01 2026-12-01']);
});
test('a job without a unit stays one beside another that has it', async () => {
  const row = 'ann,Ann,Lee,,NUR,2024-01-01,,W,NUR,2024-01-01,';
  expect(await workplace(row)).toMatchObject({ added: 1, rejected: [] });
  expect(await workplace(row)).toMatchObject({ unchanged: 1, rejected: [] });
  expect(jobs('ann')).toEqual(['ann:NUR:- 2024-01-01 on', 'ann:NUR:W 2024-01-01 on']);
});
test('managers are named by user name: one direct, any number of alternates', async () => {
  const people = ['bob,Bob,Fox,H,MAN,,', 'cat,Cat,Ray,H,MAN,bob,', 'dan,Dan,Orr,H,MAN,bob,', 'ann,Ann,Lee,W,NUR,bob,"cat, dan"'];
  expect(await latitude(...people)).toMatchObject({ added: 4, rejected: [] });
  const [job] = assignmentsOf(here.views, 'ann', asOf);
  expect(linksOf(here.views, job!.id).map(({ kind, manager }) => `${kind} ${manager}`)).toEqual([
    'alternate cat',
    'alternate dan',
    'direct bob',
  ]);
});
test('a row with a manager whom nobody knows is left out whole, and so is who reports to it', async () => {
  const before = here.organisationEvents();
  const { added, rejected } = await latitude('bob,Bob,Fox,H,MAN,zoe,', 'ann,Ann,Lee,W,NUR,bob,');
  expect([added, rejected.map(({ line, code }) => `${line} ${code}`)]).toEqual([0, ['2 unknown-manager', '3 unknown-manager']]);
  expect(here.organisationEvents()).toBe(before);
});
test('a user name that is the id of somebody else makes nobody else of him', async () => {
  await here.importText('native', 'idnumber,username\nann,ann.lee', { element: 'people' });
  expect((await workplace('ann,Ann,Fox,W,NUR,2024-01-01,,,,,')).rejected.map(({ code }) => code)).toEqual(['id-of-another']);
  expect(personOf(here.views, 'ann')).toMatchObject({ username: 'ann.lee' });
});
test('two columns for one thing are refused, whatever the case of their headers', async () => {
  const twice = here.importText('latitude', 'Username,USER_NAME,First Name\nann,bob,Ann');
  await expect(twice).rejects.toMatchObject({ code: 'duplicate-column' });
  expect(await here.importText('latitude', 'USERNAME,first_name\nann,Ann')).toMatchObject({ added: 1, noted: [] });
});
test('the order of day and month is what the whole file shows, or what the caller says', async () => {
  const file = (...dates: readonly string[]) => dates.map((date, at) => `p${at},P,P,W,NUR,${date},,,,,`);
  await workplace(...file('04/07/2024', '12/31/2024'));
  expect(jobs('p0')).toEqual(['p0:NUR:W 2024-04-07 on']);
  const before = here.views.position;
  await expect(workplace('q,P,P,W,NUR,04/07/2024,,,,,')).rejects.toMatchObject({ code: 'ambiguous-dates', facts: { line: 2 } });
  await expect(workplace(...file('04/07/2024', '12/31/2024', '31/12/2024'))).rejects.toMatchObject({
    code: 'ambiguous-dates',
    facts: { line: 4, detail: expect.stringContaining('the lines 3 and 4') },
  });
  await here.reached();
  expect(here.views.position).toBe(before);
  const told = await here.importText('workplace', `${WORKPLACE}\nr,P,P,W,NUR,04/07/2024,,,,,`, { dates: 'month-first' });
  expect([jobs('r'), told.noted]).toEqual([['r:NUR:W 2024-04-07 on'], []]);
});

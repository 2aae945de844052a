// Real files through the front door, over a log in memory and read models in a real database.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assignmentsOf, linksOf, listPositions, listUnits, managersOf, positionHolders, positionOf, team } from '@app/organisation';
import { oracle, world, type World } from '../../../test/support/import-world';

const DATA = join(__dirname, '../../../test/data');
const northwood = (name: string) => ({ name, content: readFileSync(join(DATA, 'northwood', name)) });
const NATIVE = ['people.csv', 'organisations.csv', 'positions.csv', 'assignments.csv'];
const { asOf } = oracle;

const countOf = (here: World, table: string) => here.views.get<{ n: number }>(`select count(*) as n from ${table}`)!.n;
const named = (here: World, assignment: string, kind: string) =>
  managersOf(here.views, { assignment, responsibilities: ['approval'], asOf })
    .filter((one) => one.kind === kind)
    .map((one) => one.person);

describe('Northwood in our own columns', () => {
  const here = world();
  afterAll(() => here.close());

  test('is taken over whole (I1, I2)', async () => {
    const result = await here.importFiles('native', NATIVE.map(northwood));
    expect(result).toMatchObject({
      rows: 2300 + 66 + 10 + 5858,
      added: 2300 + 66 + 10 + 5858,
      changed: 0,
      ended: 0,
      unchanged: 0,
      rejected: [],
      noted: [],
    });
  });
  test('has the people, jobs, units and positions of the oracle', () => {
    const active = here.views.get<{ n: number }>(
      'select count(*) as n from assignments where valid_from <= ?1 and (valid_to is null or valid_to > ?1)',
      asOf,
    )!.n;
    const several = here.views.get<{ n: number }>(
      'select count(*) as n from (select 1 from assignments group by person having count(*) > 1)',
    )!.n;
    expect({
      people: countOf(here, 'people'),
      assignments: countOf(here, 'assignments'),
      assignmentsActive: active,
      peopleWithSeveralJobs: several,
      organisations: countOf(here, 'units'),
      positions: countOf(here, 'positions'),
    }).toEqual({
      people: oracle.people,
      assignments: oracle.assignments,
      assignmentsActive: oracle.assignmentsActive,
      peopleWithSeveralJobs: oracle.peopleWithSeveralJobs,
      organisations: oracle.organisations,
      positions: oracle.positions,
    });
  });
  test.each(oracle.directManagers)('asks the right people for $assignment', ({ person, assignment, manager, alternates, active }) => {
    expect(named(here, assignment, 'direct')).toEqual([manager]);
    const recorded = linksOf(here.views, assignment).filter(
      (link) => link.kind === 'alternate' && link.responsibilities.includes('approval'),
    );
    expect(recorded.map((link) => link.manager)).toEqual(alternates);
    expect(assignmentsOf(here.views, person, asOf).some(({ id }) => id === assignment)).toBe(active);
  });
  test.each(Object.entries(oracle.directReports))('has %s manage %i jobs directly', (person, count) => {
    expect(team(here.views, { person, scope: 'direct', asOf, responsibility: 'approval', limit: 100 })).toHaveLength(count);
  });
  test('has everybody who holds a job below the chief executive', () => {
    const all = team(here.views, { person: oracle.chiefExecutive, scope: 'all', asOf, responsibility: 'reporting', limit: 5000 });
    expect(all).toHaveLength(oracle.assignmentsActive - 1);
  });
  test('changes nothing when it comes again, in any order of rows (I5, I7)', async () => {
    const before = here.organisationEvents();
    const shuffled = NATIVE.map(northwood).map(({ name, content }) => {
      const [header, ...rows] = content.toString().trimEnd().split(/\r?\n/);
      return { name, content: Buffer.from([header, ...rows.reverse()].join('\n')) };
    });
    const result = await here.importFiles('native', shuffled, { effective: '2026-12-01' });
    expect(result).toMatchObject({ rows: 8234, added: 0, changed: 0, ended: 0, unchanged: 8234, rejected: [] });
    expect(here.organisationEvents()).toBe(before);
  });
  test.each(['totara-job-assignments.csv', 'totara12-job-assignments.csv'])('has the same direct managers after %s', async (name) => {
    const before = countOf(here, 'assignments');
    const result = await here.importFiles('totara', [northwood(name)]);
    expect(result).toMatchObject({ rows: 3045, added: 0, rejected: [] });
    expect(countOf(here, 'assignments')).toBe(before);
    for (const { assignment, manager } of oracle.directManagers) expect(named(here, assignment, 'direct')).toEqual([manager]);
    expect(await here.importFiles('totara', [northwood(name)])).toMatchObject({ unchanged: 3045, rejected: [] });
  });
});

describe('the jobs of Totara', () => {
  const here = world();
  afterAll(() => here.close());

  test('give every direct manager of the oracle by themselves', async () => {
    await here.importFiles('native', NATIVE.slice(0, 3).map(northwood));
    const result = await here.importFiles('totara', [northwood('totara-job-assignments.csv')]);
    expect(result).toMatchObject({ rows: 3045, added: 3045, rejected: [], noted: [] });
    for (const { assignment, manager } of oracle.directManagers) expect(named(here, assignment, 'direct')).toEqual([manager]);
    for (const [person, count] of Object.entries(oracle.directReports)) {
      expect(team(here.views, { person, scope: 'direct', asOf, responsibility: 'approval', limit: 100 })).toHaveLength(count);
    }
  });
});

describe('the organograms', () => {
  const here = world();
  afterAll(() => here.close());
  const files = [
    { name: 'department_of_health-2011-03-31.csv', rows: 303, posts: 302 },
    { name: 'department_of_health-2011-09-30.csv', rows: 313, posts: 313 },
    { name: 'home_office-2011-03-31.csv', rows: 125, posts: 124 },
    { name: 'home_office-2011-09-30.csv', rows: 151, posts: 148 },
    { name: 'home_office-2012-09-30.csv', rows: 201, posts: 190 },
  ];

  test.each(files)('of $name load with every row accounted for', async ({ name, rows, posts }) => {
    const alone = world();
    const file = { name, content: readFileSync(join(DATA, 'organograms', name)) };
    const result = await alone.importFiles('organogram', [file], { effective: name.slice(-14, -4) });
    expect(result.rejected).toEqual([]);
    expect(result.rows).toBe(rows);
    expect(result.added + result.changed + result.ended + result.unchanged).toBe(rows);
    expect(countOf(alone, 'positions')).toBe(posts);
    const before = alone.organisationEvents();
    expect(await alone.importFiles('organogram', [file], { effective: name.slice(-14, -4) })).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: rows,
    });
    expect(alone.organisationEvents()).toBe(before);
    alone.close();
  });
  test('of one department follow each other; in full mode whoever is gone has left the post', async () => {
    for (const { name } of files.slice(2)) {
      const content = readFileSync(join(DATA, 'organograms', name));
      const result = await here.importByTwo('organogram', [{ name, content }], { effective: name.slice(-14, -4), mode: 'full' });
      expect(result.rejected).toEqual([]);
    }
    expect(positionOf(here.views, '2HOS03')).toMatchObject({ superior: expect.any(String) });
    expect(positionHolders(here.views, '2SIIGSEC', '2011-12-01').map(({ person }) => person)).toEqual([
      'holder-bd36c1a7',
      'holder-bf2900e8',
    ]);
    expect(positionHolders(here.views, '2SIIGSEC', '2012-12-01').map(({ person }) => person)).toEqual(['holder-bf2900e8']);
  });
  test('record vacant and undisclosed posts, pass over them upwards, and never choose among the holders of one (E36, E37)', async () => {
    const head = 'Post Unique Reference,Name,Job Title,Organisation,Unit,Reports to Senior Post,FTE';
    const posts = [
      'A1,Ann Lee,Chief,Office,Top,XX,1',
      'B1,N/D,Director,Office,Top,A1,1',
      'C1,Bob Fox,Deputy,Office,Left,B1,0.5',
      'C1,Cat Ray,Deputy,Office,Left,B1,0.5',
      'D1,Dan Orr,Adviser,Office,Left,C1,0',
      'E1,Eve Poe,Adviser,Office,Left,ZZ9,1',
      'F1,Bob Fox,Acting adviser,Office,Left,C1,1',
    ];
    const result = await here.importText('organogram', [head, ...posts].join('\n'), { effective: '2026-01-01' });
    const managers = (assignment: string) =>
      linksOf(here.views, assignment).map((link) => `${link.kind} ${link.manager} ${link.managerAssignment}`);
    expect(managers('C1.bob-fox')).toEqual(['direct ann-lee A1.ann-lee']);
    expect(managers('D1.dan-orr')).toEqual([]);
    expect(managers('E1.eve-poe')).toEqual([]);
    expect(managers('F1.bob-fox')).toEqual(['direct cat-ray C1.cat-ray']);
    expect(['B1', 'D1', 'E1'].map((post) => positionHolders(here.views, post, '2026-02-01').map(({ person }) => person))).toEqual([
      [],
      ['dan-orr'],
      ['eve-poe'],
    ]);
    expect(listUnits(here.views, { after: 'office', limit: 2 }).map(({ id }) => id)).toEqual(['office.left', 'office.top']);
    expect(listPositions(here.views, { after: 'DZ', limit: 1 })).toEqual([{ id: 'E1', title: 'Adviser', unit: 'office.left' }]);
    expect(result.rejected).toEqual([
      { line: 6, code: 'ambiguous-manager', detail: expect.stringContaining('C1.bob-fox and C1.cat-ray'), file: 'file.csv' },
      { line: 7, code: 'unknown-superior', detail: expect.stringContaining('ZZ9'), file: 'file.csv' },
    ]);
    expect(result.noted.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 top-post', '5 post-again', '6 odd-fte']);
  });
});

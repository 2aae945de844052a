// One hospital group in the files of every vendor: the same people in the same jobs under the same managers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { managersOf, team } from '@app/organisation';
import type { ImportResult } from './import-csv';
import { oracle, world, type World } from '../../../test/support/import-world';

const DATA = join(__dirname, '../../../test/data/northwood');
const file = (name: string) => ({ name, content: readFileSync(join(DATA, name)) });
const table = (name: string) => {
  const [head, ...rows] = readFileSync(join(DATA, name), 'utf8').trimEnd().split(/\r?\n/);
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, at) => [head!.split(',')[at]!, cell])));
};
const { asOf } = oracle;

interface Job {
  readonly username: string;
  readonly position: string;
  readonly unit: string;
  readonly from: string;
  readonly to: string | null;
  readonly title: string | null;
  readonly direct: readonly string[];
  readonly alternates: readonly string[];
}

/** Every job as people would describe it, with its managers on its first day: without the ids, which not every layout has. */
function jobsIn({ views }: World): readonly Job[] {
  const usernames = new Map(
    views.all<{ id: string; username: string }>('select id, username from people').map((one) => [one.id, one.username]),
  );
  const found = views.all<any>('select id, person, position, unit, title, valid_from, valid_to from assignments');
  return found
    .map(({ id, person, position, unit, title, valid_from: from, valid_to: to }): Job => {
      const managers = managersOf(views, { assignment: id, responsibilities: ['approval'], asOf: from });
      const of = (kind: string) => managers.filter((one) => one.kind === kind).map((one) => usernames.get(one.person)!);
      const job = { username: usernames.get(person)!, position, unit, from, to, title };
      return { ...job, direct: of('direct'), alternates: sorted(of('alternate')) };
    })
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

const sorted = (names: readonly string[]) => names.toSorted((one, other) => (one < other ? -1 : 1));
const keyOf = ({ username, position, unit, from }: Job) => `${username} ${position} ${unit} ${from}`;

/** The first job of each person, which is all that the layouts with one job for each can say. */
function firstJobs(): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const first = new Map<string, Record<string, string>>();
  for (const row of table('assignments.csv')) {
    if (row['assignment_id'] === `${row['person_id']}-A` && ['direct', ''].includes(row['manager_kind']!))
      first.set(row['person_id']!, row);
  }
  return first;
}

/** The user file of Totara 2.5, of which there is no export at hand: the same people with their first job. */
function totara25(): Buffer {
  const jobs = firstJobs();
  const head =
    'idnumber,username,firstname,lastname,email,deleted,orgidnumber,postitle,posidnumber,posstartdate,posenddate,manageridnumber,appraiseridnumber';
  const day = (iso = '') => iso.split('-').reverse().join('/');
  const rows = table('people.csv').map(({ idnumber, username, firstname, lastname, email }) => {
    const job = jobs.get(idnumber!)!;
    const place = [job['organisation_id'], job['title'], job['position_id'], day(job['valid_from']), day(job['valid_to'])];
    return [idnumber, username, firstname, lastname, email, 0, ...place, job['manager_ref'], job['manager_ref']].join();
  });
  return Buffer.from([head, ...rows].join('\n'));
}

const TREES = ['organisations.csv', 'positions.csv'];
const layouts: Record<string, { before: readonly string[]; preset: string; files: readonly { name: string; content: Buffer }[] }> = {
  'our own': { before: [...TREES, 'people.csv'], preset: 'native', files: [file('assignments.csv')] },
  'Totara 13': { before: [...TREES, 'people.csv'], preset: 'totara', files: [file('totara-job-assignments.csv')] },
  'Totara 12': { before: [...TREES, 'people.csv'], preset: 'totara12', files: [file('totara12-job-assignments.csv')] },
  'Moodle Workplace': { before: TREES, preset: 'workplace', files: [file('workplace-users.csv')] },
  LatitudeLearning: { before: TREES, preset: 'latitude', files: [file('latitude-users.csv')] },
  'Totara 2.5': { before: TREES, preset: 'totara25', files: [{ name: 'users.csv', content: totara25() }] },
};
/** What a layout has no column for; README.md has the same list in words. */
const WITHOUT: Record<string, readonly (keyof Job | 'further jobs')[]> = {
  'our own': [],
  'Totara 13': ['alternates'],
  'Totara 12': ['alternates'],
  'Moodle Workplace': ['title', 'direct', 'alternates'],
  LatitudeLearning: ['title', 'to', 'further jobs'],
  'Totara 2.5': ['alternates', 'further jobs'],
};

const worlds = new Map<string, World>();
const results = new Map<string, ImportResult>();
beforeAll(async () => {
  for (const [name, { before, preset, files }] of Object.entries(layouts)) {
    const here = world();
    worlds.set(name, here);
    await here.importFiles('native', before.map(file));
    results.set(name, await here.importFiles(preset, files));
  }
});
afterAll(() => worlds.forEach((here) => here.close()));

test.each(Object.keys(layouts))('%s is taken over whole', (name) => {
  const { rows } = results.get(name)!;
  expect(results.get(name)).toMatchObject({ added: rows, rejected: [], noted: [] });
});
test.each(Object.keys(layouts))('%s says what our own columns say, but for what it has no column for', (name) => {
  const lacks = WITHOUT[name]!;
  const jobs = firstJobs();
  const first = new Map(table('people.csv').map(({ idnumber, username }) => [username, jobs.get(idnumber!)!]));
  const expected = jobsIn(worlds.get('our own')!).filter(({ username, position, unit, from }) => {
    if (!lacks.includes('further jobs')) return true;
    const job = first.get(username)!;
    return job['position_id'] === position && job['organisation_id'] === unit && job['valid_from'] === from;
  });
  const without = (job: Job) => Object.fromEntries(Object.entries(job).filter(([field]) => !lacks.includes(field as keyof Job)));
  expect(jobsIn(worlds.get(name)!).map(without)).toEqual(expected.map(without));
});

test.each(Object.keys(layouts))('%s leads to the figures of the oracle, as far as it can say them', (name) => {
  const lacks = WITHOUT[name]!;
  const here = worlds.get(name)!;
  const jobs = jobsIn(here);
  expect(new Set(jobs.map(({ username }) => username)).size).toBe(oracle.people);
  expect(jobs).toHaveLength(lacks.includes('further jobs') ? oracle.people : oracle.assignments);
  if (lacks.includes('further jobs')) return;
  const active = jobs.filter(({ from, to }) => from <= asOf && (to === null || to > asOf));
  expect(active).toHaveLength(oracle.assignmentsActive);
  const persons = Map.groupBy(jobs, ({ username }) => username);
  expect([...persons.values()].filter(({ length }) => length > 1)).toHaveLength(oracle.peopleWithSeveralJobs);
  if (lacks.includes('direct')) return;
  for (const [person, count] of Object.entries(oracle.directReports))
    expect(team(here.views, { person, scope: 'direct', asOf, responsibility: 'approval', limit: 100 })).toHaveLength(count);
});
test.each(Object.keys(layouts))('%s names the managers of the oracle, where it names managers', (name) => {
  const lacks = WITHOUT[name]!;
  const usernames = new Map(table('people.csv').map(({ idnumber, username }) => [idnumber!, username!]));
  const places = new Map(table('assignments.csv').map((row) => [row['assignment_id']!, row]));
  const jobs = new Map(jobsIn(worlds.get(name)!).map((job) => [keyOf(job), job]));
  let compared = 0;
  for (const { person, assignment, manager, alternates, active } of oracle.directManagers) {
    const { position_id: position, organisation_id: unit, valid_from: from } = places.get(assignment)! as Record<string, string>;
    const job = jobs.get(keyOf({ username: usernames.get(person)!, position, unit, from } as Job));
    if (!job || !active || lacks.includes('direct')) continue;
    const others = lacks.includes('alternates') ? job.alternates : sorted(alternates.map((id) => usernames.get(id)!));
    expect(job).toMatchObject({ direct: [usernames.get(manager)], alternates: others });
    compared++;
  }
  expect(compared > 20 || lacks.includes('direct')).toBe(true);
});
test.each(Object.keys(layouts))('%s over what is recorded from our own columns finds every job again', async (name) => {
  const here = world();
  await here.importFiles('native', ['people.csv', ...TREES, 'assignments.csv'].map(file));
  const { preset, files } = layouts[name]!;
  const before = here.views.get('select count(*) as n from assignments');
  const first = await here.importFiles(preset, files);
  expect(first).toMatchObject({ added: 0, rejected: [] });
  // Latitude has no column of ends, so that jobs that have ended here stay so, and are told.
  const over = [...firstJobs().values()].filter(({ valid_to: to }) => to && to <= asOf).length;
  const told = name === 'LatitudeLearning' ? Array.from({ length: over }, () => 'stays-ended') : [];
  expect(first.noted.map(({ code }) => code)).toEqual(told);
  expect(here.views.get('select count(*) as n from assignments')).toEqual(before);
  const events = here.organisationEvents();
  const again = await here.importFiles(preset, files);
  expect(again).toMatchObject({ added: 0, changed: 0, ended: 0, unchanged: again.rows, rejected: [] });
  expect(here.organisationEvents()).toBe(events);
  here.close();
});

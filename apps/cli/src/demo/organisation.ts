// The demo's organisations: a hospital group, and a ministry as it published itself. Both imported, then counted.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { Api } from '../api';
import { importFiles, type Imported } from '../import-files';
import { count } from '../table';
import type { Checks } from './checks';
import { several } from './pool';
import { World } from './world';

/** What a right import leads to, as test/data/northwood/oracle.json says. */
interface Oracle {
  readonly asOf: string;
  readonly people: number;
  readonly assignments: number;
  readonly assignmentsActive: number;
  readonly peopleWithSeveralJobs: number;
  readonly organisations: number;
  readonly positions: number;
  readonly chiefExecutive: string;
  readonly directManagers: readonly {
    readonly assignment: string;
    readonly manager: string;
    readonly alternates: readonly string[];
    readonly active: boolean;
  }[];
}

/** The ministry's file, counted by its columns: posts, and those of them that nobody is named to hold. */
const HOME_OFFICE = { file: 'home_office-2012-09-30.csv', rows: 201, posts: 190, vacant: 95 };

const AT_ONCE = 8;
const data = join(dirname(findPackageJSON('..', __filename)!), 'test', 'data');

/** Imports the hospital group and compares it with its oracle. Gives the lines that say so, and the world of today. */
export async function importHospitals(api: Api, checks: Checks, today: string): Promise<{ lines: string[]; world: World; chief: string }> {
  const folder = join(data, 'northwood');
  const files = ['assignments.csv', 'people.csv', 'organisations.csv', 'positions.csv'].map((name) => join(folder, name));
  const start = performance.now();
  const imported = await importFiles(api, files, { preset: 'native', mode: 'delta', dryRun: false });
  const seconds = (performance.now() - start) / 1000;
  const oracle: Oracle = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));
  const asOf = await World.read(api, oracle.asOf);
  const world = oracle.asOf === today ? asOf : await World.read(api, today);
  const jobs = await jobsRecorded(api);
  const lines = [
    'Northwood Hospitals, five sites; its people do not exist (test/data/northwood).',
    `Four files in any order, ${count(imported.rows)} rows, recorded in ${seconds.toFixed(1)} s.`,
    checks.equal('rows rejected', imported.rejectedCount, 0),
    checks.equal('people', asOf.people.size, oracle.people),
    checks.equal('jobs, past and coming ones too', sum(jobs), oracle.assignments),
    checks.equal(`jobs in effect on ${oracle.asOf}`, asOf.jobs.length, oracle.assignmentsActive),
    checks.equal('people with several of them', jobs.filter((many) => many > 1).length, oracle.peopleWithSeveralJobs),
    checks.equal('units', (await Array.fromAsync(api.list('units'))).length, oracle.organisations),
    checks.equal('positions', (await Array.fromAsync(api.list('positions'))).length, oracle.positions),
    checks.equal(
      'managers, direct and alternate, of jobs looked at one by one',
      rightlyManaged(asOf, oracle),
      oracle.directManagers.length,
    ),
  ];
  return { lines, world, chief: oracle.chiefExecutive };
}

/** Imports the ministry: posts of which many are vacant, and one person in 44 of them. */
export async function importMinistry(api: Api, checks: Checks): Promise<string[]> {
  const known = new Set((await Array.fromAsync(api.list<{ id: string }>('positions'))).map(({ id }) => id));
  const path = join(data, 'organograms', HOME_OFFICE.file);
  const imported: Imported = await importFiles(api, [path], { preset: 'organogram', mode: 'delta', dryRun: false });
  const posts = (await Array.fromAsync(api.list<{ id: string }>('positions'))).filter(({ id }) => !known.has(id));
  const now = await several(posts, AT_ONCE, ({ id }) => api.get<{ vacant: boolean }>(`positions/${encodeURIComponent(id)}`));
  return [
    'The Home Office of 30 September 2012, as it published itself, with pseudonyms (test/data/organograms).',
    checks.equal('rows taken', imported.rows - imported.rejectedCount, HOME_OFFICE.rows),
    checks.equal('posts', posts.length, HOME_OFFICE.posts),
    checks.equal('of them vacant', now.filter(({ vacant }) => vacant).length, HOME_OFFICE.vacant),
    `      noted as odd, but taken: ${imported.noted?.length ?? 0} rows`,
  ];
}

/** How many of the oracle's jobs have the managers that it names; one that is not in effect has none. */
function rightlyManaged(world: World, { directManagers }: Oracle): number {
  const jobs = new Map(world.jobs.map((job) => [job.id, job]));
  return directManagers.filter(({ assignment, manager, alternates, active }) => {
    const job = jobs.get(assignment);
    if (!active || !job) return !active && !job;
    const of = (kind: string) => job.managers.filter((one) => one.kind === kind).map(({ person }) => person);
    return of('direct').join() === manager && of('alternate').sort().join() === alternates.toSorted().join();
  }).length;
}

/** How many jobs of each person the log knows, also those that have ended or begin later. */
async function jobsRecorded(api: Api): Promise<readonly number[]> {
  const jobs = new Map<string, number>();
  for await (const { event, stream } of api.list<{ event: { type: string }; stream: string }>('audit/events')) {
    if (event.type === 'AssignmentStarted') jobs.set(stream, (jobs.get(stream) ?? 0) + 1);
  }
  return [...jobs.values()];
}

function sum(figures: readonly number[]): number {
  return figures.reduce((all, figure) => all + figure, 0);
}

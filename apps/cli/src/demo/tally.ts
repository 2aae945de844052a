// What became of every branch: a table, and a check that each request stands now as its branch has to end.
import type { Api } from '../api';
import { table } from '../table';
import type { Branch, Ending } from './branch';
import { Unexpected, type Checks } from './checks';
import { several } from './pool';
import type { Scene, Stage } from './stage';

/** What became of one branch of the chain. */
export interface Played {
  readonly branch: Branch;
  readonly scenes: readonly Scene[];
  readonly faults: readonly string[];
}
export type Row = { readonly branch: string; readonly requests: number; readonly refused: number } & Readonly<Record<Ending, number>>;

const AT_ONCE = 8;
const ENDINGS: readonly Ending[] = ['granted', 'denied', 'withdrawn', 'open'];

/** Plays a branch as often as it says. Parts are given out in order, before anybody acts. */
export async function playAll(stage: Stage, branch: Branch, first: number): Promise<Played> {
  const faults: string[] = [];
  const turns = Array.from({ length: branch.times }, (_, at) => first + at);
  const scenes = await several(turns, branch.inTurn ? 1 : AT_ONCE, async (nth) => {
    try {
      return await branch.play(stage, nth);
    } catch (error) {
      if (!(error instanceof Unexpected)) throw error;
      faults.push(error.message);
      return undefined;
    }
  });
  return { branch, scenes: scenes.filter((scene) => scene !== undefined), faults };
}

/** Compares every request with the list of all requests, as an administrator sees it. */
export async function tally(api: Api, played: readonly Played[], checks: Checks): Promise<{ rows: readonly Row[]; lines: string[] }> {
  const status = new Map<string, Ending>();
  for await (const request of api.list<{ id: string; status: Ending }>('requests')) status.set(request.id, request.status);
  const rows = played.map(({ branch, scenes }) => rowOf(branch.name, scenes, status));
  const all = sumOf(rows);
  const times = (fits: (branch: Branch) => boolean) => played.reduce((sum, { branch }) => sum + (fits(branch) ? branch.times : 0), 0);
  const right = played.flatMap(({ branch, scenes }) => scenes.filter(({ id }) => status.get(id) === branch.ending));
  const lines = [
    ...table([['', 'requests', ...ENDINGS, 'refused attempts'], ...[...rows, all].map(cells)]),
    '',
    ...played.flatMap(({ branch, faults }) => faults.map((fault) => `  FAIL  ${branch.name}: ${fault}`)),
    ...ENDINGS.map(
      (ending) =>
        `  ${checks.equal(
          `requests ${ending}`,
          all[ending],
          times((branch) => branch.ending === ending),
        )}`,
    ),
    `  ${checks.equal(
      'requests that stand as their branch has to end',
      right.length,
      times(() => true),
    )}`,
    `  ${checks.equal(
      'requests in the list of all',
      status.size,
      times(() => true),
    )}`,
  ];
  return { rows, lines };
}

function rowOf(branch: string, scenes: readonly Scene[], status: ReadonlyMap<string, Ending>): Row {
  const ended = (ending: Ending) => scenes.filter(({ id }) => status.get(id) === ending).length;
  return {
    branch,
    requests: scenes.length,
    granted: ended('granted'),
    denied: ended('denied'),
    withdrawn: ended('withdrawn'),
    open: ended('open'),
    refused: scenes.reduce((sum, { refusals }) => sum + refusals, 0),
  };
}

function sumOf(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0);
  return {
    branch: 'all',
    requests: sum((row) => row.requests),
    granted: sum((row) => row.granted),
    denied: sum((row) => row.denied),
    withdrawn: sum((row) => row.withdrawn),
    open: sum((row) => row.open),
    refused: sum((row) => row.refused),
  };
}

function cells({ branch, requests, granted, denied, withdrawn, open, refused }: Row): readonly (string | number)[] {
  return [branch, requests, granted, denied, withdrawn, open, refused];
}

// Where a loop may be at all: jobs that come back to themselves over whatever they ever report to, by links or by seats.
// That is more than holds on any day, and is looked through once for all days; most organisations have no such knot.
import type { Views } from '@app/kernel';
import { assignmentOf, linksOf } from './hierarchy-queries';
import { neverHeld } from './interval';
import { counts } from './reporting-graph';

/** Nodes between two pauses. */
const PORTION = 1_000;
const JOB = 'job ';
const SEAT = 'seat ';

/** Jobs on the way of one or more knots, and every day on which what lies on the way becomes another. */
export interface Knots {
  readonly jobs: readonly string[];
  readonly days: readonly string[];
}
export interface Starts {
  readonly jobs: readonly string[];
  /** Positions: whoever holds them, and all above. */
  readonly seats: readonly string[];
}

/** The knots that are met upwards from the starts. */
export function* knotsAbove(views: Views, { jobs, seats }: Starts): Generator<void, Knots> {
  const nodes = yield* knotted([...jobs.map((id) => JOB + id), ...seats.map((id) => SEAT + id)], (node) =>
    node.startsWith(JOB) ? aboveJob(views, node.slice(JOB.length)) : aboveSeat(views, node.slice(SEAT.length)),
  );
  const named = (kind: string) => [...nodes].filter((node) => node.startsWith(kind)).map((node) => node.slice(kind.length));
  const tied = named(JOB);
  return { jobs: tied, days: tied.length === 0 ? [] : daysOf(views, { jobs: tied, seats: named(SEAT) }) };
}

function aboveJob(views: Views, id: string): string[] {
  const links = linksOf(views, id).filter((link) => counts(link) && !neverHeld(link));
  const persons = links.flatMap(({ manager, managerAssignment }) =>
    managerAssignment === undefined
      ? ids(views, 'select id from assignments where person = ?', manager).map((job) => JOB + job)
      : [JOB + managerAssignment],
  );
  const position = assignmentOf(views, id)?.position;
  return position === undefined ? persons : [...persons, ...superiors(views, position)];
}

function aboveSeat(views: Views, id: string): string[] {
  const holders = ids(views, 'select id from assignments where position = ?', id);
  return [...holders.map((job) => JOB + job), ...superiors(views, id)];
}

function superiors(views: Views, position: string): string[] {
  const sql = 'select distinct superior as id from positions where id = ? and superior is not null';
  return ids(views, sql, position).map((superior) => SEAT + superior);
}

interface Visit {
  readonly node: string;
  readonly uppers: string[];
  /** Where the node lies on the heap of those that are not sorted yet. */
  readonly at: number;
  readonly met: number;
  lowest: number;
}

/** Nodes that lie on a way back to themselves: Tarjan's strongly connected components of more than one. */
function* knotted(starts: readonly string[], above: (node: string) => string[]): Generator<void, ReadonlySet<string>> {
  const met = new Map<string, number>();
  const heap: string[] = [];
  const waiting = new Set<string>();
  const tied = new Set<string>();
  const path: Visit[] = [];
  const enter = (node: string) => {
    path.push({ node, uppers: above(node), at: heap.length, met: met.size, lowest: met.size });
    met.set(node, met.size);
    heap.push(node);
    waiting.add(node);
  };
  for (const start of starts) {
    if (!met.has(start)) enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      if (met.size % PORTION === 0) yield;
      const upper = last.uppers.pop();
      if (upper === undefined) {
        path.pop();
        const below = path.at(-1);
        if (below) below.lowest = Math.min(below.lowest, last.lowest);
        if (last.lowest < last.met) continue;
        const together = heap.splice(last.at);
        for (const node of together) waiting.delete(node);
        if (together.length > 1) for (const node of together) tied.add(node);
      } else if (!met.has(upper)) enter(upper);
      else if (waiting.has(upper)) last.lowest = Math.min(last.lowest, met.get(upper)!);
    }
  }
  return tied;
}

const TIED = '(a.id in (select value from json_each(?1)) or a.position in (select value from json_each(?2)))';
/** Between two of these days nothing among them changes. */
const DAYS = `
  select a.valid_from as day from assignments a where ${TIED} union select a.valid_to from assignments a where ${TIED}
  union select valid_from from manager_links where assignment in (select value from json_each(?1))
  union select valid_to from manager_links where assignment in (select value from json_each(?1))
  union select inactive_from from people where id in (select a.person from assignments a where ${TIED})
  union select inactive_to from people where id in (select a.person from assignments a where ${TIED})
  union select valid_from from positions
    where id in (select value from json_each(?2)) or id in (select a.position from assignments a where ${TIED})
  union select valid_from from reporting_modes union select valid_from from units`;

function daysOf(views: Views, { jobs, seats }: Starts): readonly string[] {
  const rows = views.all<{ day: string | null }>(DAYS, JSON.stringify(jobs), JSON.stringify(seats));
  return rows.flatMap(({ day }) => (day === null ? [] : [day])).toSorted();
}

function ids(views: Views, sql: string, value: string): readonly string[] {
  return views.all<{ id: string }>(sql, value).map(({ id }) => id);
}

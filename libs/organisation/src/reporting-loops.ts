// Loops that come of two hierarchies side by side: seats lead to links and back, though neither of them has a loop of its own.
import { reject, type Views } from '@app/kernel';
import { Day } from './day';
import { FIRST_DAY, inEffect, LAST_DAY } from './interval';
import { knotsAbove, type Starts } from './knots';
import { counts } from './reporting-graph';
import { ReportingLines, type Supposed } from './reporting-line';

/** More are not told: whoever mends these asks again. */
const LOOPS_MAX = 20;
/** Jobs between two pauses. */
const PORTION = 1_000;

const NEVER = { to: FIRST_DAY };

interface Step {
  readonly id: string;
  readonly uppers: string[];
}

/** A loop, and the first day on which it would be. */
export interface DayLoop {
  readonly path: readonly string[];
  readonly from: string;
}

/** The loops that there would be if a unit, or the site, chose a mode from the day on, and that are not there without it (E13, E14). */
export function* loopsAfter(views: Views, supposed: Supposed, from: string): Generator<void, readonly DayLoop[]> {
  const { jobs, days } = yield* knotsAbove(views, everybody(views));
  if (jobs.length === 0) return [];
  // A later choice of the same unit takes the place of this one.
  const until = laterChoice(views, supposed.unit, from) ?? LAST_DAY;
  const then = [from, ...days.filter((day) => from < day && day < until)];
  const found = yield* loopsOn(then, jobs, (on) => new ReportingLines(new Day(views, on), supposed));
  return found.filter((loop) => !wasThere(views, loop));
}

/** To look for all loops that there are. */
export function everybody(views: Views): Starts {
  return { jobs: views.all<{ id: string }>('select id from assignments').map(({ id }) => id), seats: [] };
}

/** The loops that are met upwards from the starts, on any day. */
export function* loopsAbove(views: Views, starts: Starts): Generator<void, readonly DayLoop[]> {
  const { jobs, days } = yield* knotsAbove(views, starts);
  return yield* loopsOn(days, jobs, (on) => ReportingLines.on(views, on));
}

/** Whether each of the jobs was in a loop on the day already: then nobody has closed this one now. */
export function wasThere(views: Views, { path, from }: DayLoop): boolean {
  const lines = ReportingLines.on(views, from);
  return path.every((id) => isInLoop(lines, id));
}

function* loopsOn(
  days: readonly string[],
  jobs: readonly string[],
  linesOf: (on: string) => ReportingLines,
): Generator<void, readonly DayLoop[]> {
  const loops: DayLoop[] = [];
  for (const on of days) {
    const lines = linesOf(on);
    // Whoever does not hold his job that day does nothing in it.
    const held = jobs.filter((id) => inEffect(lines.day.assignment(id) ?? NEVER, on)).map((id) => ({ id }));
    for (const path of yield* loopsOf(lines, held)) {
      if (loops.length < LOOPS_MAX && !loops.some((loop) => sameJobs(loop.path, path))) loops.push({ path, from: on });
    }
  }
  return loops;
}

function isInLoop(lines: ReportingLines, id: string): boolean {
  const met = new Set<string>();
  for (let level: readonly string[] = [id]; level.length > 0;) {
    level = lines.above(level.flatMap((one) => lines.lineOf(one).links.filter(counts))).filter((one) => !met.has(one));
    for (const one of level) met.add(one);
  }
  return met.has(id);
}

/** @throws Rejection `manager-loop` */
export function refuseLoop({ path, from }: DayLoop): never {
  return reject('invalid', 'manager-loop', { path, from, detail: `${[...path, path[0]].join(' reports to ')} on ${from}` });
}

function sameJobs(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}

function laterChoice(views: Views, unit: string, from: string): string | undefined {
  const sql = 'select valid_from as day from reporting_modes where unit = ? and valid_from > ? order by valid_from limit 1';
  return views.get<{ day: string }>(sql, unit, from)?.day;
}

/** The loops among jobs on the day, each as the jobs on it; everything above a job is walked once. */
export function* loopsOf(lines: ReportingLines, jobs: readonly { readonly id: string }[]): Generator<void, readonly (readonly string[])[]> {
  const loops: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const [at, { id: start }] of jobs.entries()) {
    if (at % PORTION === 0) yield;
    const path: Step[] = [];
    const enter = (id: string) => {
      const begun = path.findIndex((step) => step.id === id);
      if (begun >= 0) loops.push(path.slice(begun).map((step) => step.id));
      else if (!done.has(id)) path.push({ id, uppers: [...lines.above(lines.lineOf(id).links.filter(counts))] });
    };
    enter(start);
    for (let last = path.at(-1); last && loops.length < LOOPS_MAX; last = path.at(-1)) {
      const upper = last.uppers.pop();
      if (upper !== undefined) enter(upper);
      else done.add(path.pop()!.id);
    }
    if (loops.length === LOOPS_MAX) break;
  }
  return loops;
}

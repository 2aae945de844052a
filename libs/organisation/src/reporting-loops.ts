// Loops that come of two hierarchies side by side: seats lead to links and back, though neither of them has a loop of its own.
import type { Views } from '@app/kernel';
import { Day } from './day';
import { counts } from './reporting-graph';
import { ReportingLines, type Supposed } from './reporting-line';

/** More are not told: whoever mends these asks again. */
const LOOPS_MAX = 20;
/** Jobs between two pauses. */
const PORTION = 1_000;

interface Step {
  readonly id: string;
  readonly uppers: string[];
}

/** The loops that there would be if a unit, or the site, chose a mode from the day on (E13). */
export function* loopsAfter(views: Views, supposed: Supposed, on: string): Generator<void, readonly (readonly string[])[]> {
  const day = new Day(views, on);
  const jobs = yield* day.readAll();
  return yield* loopsOf(new ReportingLines(day, supposed), jobs);
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

// Loops of managers: an assignment must not report to itself, over whatever people, on any day (E13, E14).
import { present, shared, within, type Interval } from './interval';
import type { ManagerLink } from './manager-link';

/** All that is needed to walk upwards; the decider's state has it, and so has a plan that is not recorded yet. */
export interface ReportingGraph {
  linksOf(assignment: string): readonly ManagerLink[];
  /** Those of the person's assignments that have manager links. */
  assignmentsOf(person: string): readonly string[];
}

export interface Loop extends Interval {
  /** Assignments from the link's own over its managers back to itself. */
  readonly path: readonly string[];
}

interface Step {
  readonly assignment: string;
  readonly days: Interval;
  readonly below: Step | undefined;
}

/** Only these make a loop: an alternate is next in order, and peers may well stand in for each other. */
export function counts({ kind }: ManagerLink): boolean {
  return kind !== 'alternate';
}

/** The assignments to which a link leads: the one it names, or all of the manager's. */
export function above(graph: ReportingGraph, { manager, managerAssignment }: ManagerLink): readonly string[] {
  return managerAssignment === undefined ? graph.assignmentsOf(manager) : [managerAssignment];
}

/** The loop that goes through a link, with the days on which it would exist, or nothing. */
export function loopThrough(graph: ReportingGraph, link: ManagerLink): Loop | undefined {
  if (!counts(link)) return undefined;
  const start: Step = { assignment: link.assignment, days: present({ from: link.from, to: link.to }), below: undefined };
  const waiting = above(graph, link).map((assignment): Step => ({ assignment, days: start.days, below: start }));
  const walked = new Map<string, Interval[]>();
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    if (step.assignment === link.assignment) return { path: pathOf(step), ...step.days };
    const { assignment, days } = step;
    const before = walked.get(assignment);
    if (before?.some((earlier) => within(days, earlier))) continue;
    if (before) before.push(days);
    else walked.set(assignment, [days]);
    for (const next of graph.linksOf(assignment)) {
      const both = counts(next) ? shared(days, next) : undefined;
      if (!both) continue;
      for (const upper of above(graph, next)) waiting.push({ assignment: upper, days: both, below: step });
    }
  }
  return undefined;
}

/**
 * A walk upwards from any number of assignments that comes to each only once. When it finds no loop there is none through
 * them, whatever the days; when it does, `loopThrough` tells which links have one on some day.
 */
export class UpwardWalk {
  /** Each comes after all that are above it, as far as there are no loops. */
  readonly ordered: string[] = [];
  loops = false;
  private readonly left = new Map<string, boolean>();

  constructor(private readonly graph: ReportingGraph) {}

  from(start: string): void {
    const path: { readonly id: string; readonly uppers: string[] }[] = [];
    const enter = (id: string) => {
      const left = this.left.get(id);
      if (left === false) this.loops = true;
      if (left !== undefined) return;
      this.left.set(id, false);
      path.push({ id, uppers: uppersOf(this.graph, id) });
    };
    enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const upper = last.uppers.pop();
      if (upper !== undefined) enter(upper);
      else {
        path.pop();
        this.left.set(last.id, true);
        this.ordered.push(last.id);
      }
    }
  }
}

function uppersOf(graph: ReportingGraph, assignment: string): string[] {
  const uppers: string[] = [];
  for (const link of graph.linksOf(assignment)) if (counts(link)) uppers.push(...above(graph, link));
  return uppers;
}

function pathOf(last: Step): string[] {
  const path: string[] = [];
  for (let step: Step | undefined = last; step; step = step.below) path.unshift(step.assignment);
  return path;
}

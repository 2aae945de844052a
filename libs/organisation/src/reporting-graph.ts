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

function pathOf(last: Step): string[] {
  const path: string[] = [];
  for (let step: Step | undefined = last; step; step = step.below) path.unshift(step.assignment);
  return path;
}

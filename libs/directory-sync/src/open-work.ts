// What a plan takes from open requests: an approver for whom they wait (E47), or the job in whose name they were made (E11).
import type { OpenItem, Views } from '@app/kernel';
import { assignmentOf, type SyncPerson } from '@app/organisation';
import type { Piecewise } from './piecewise';
import type { Plan } from './plan';

const SHOWN_MAX = 200;

/** One request that loses something: its approver, who leaves or loses a job, or its own job, with which it is cancelled. */
export interface WaitingItem extends OpenItem {
  readonly approver?: string;
  readonly cancelledWith?: string;
}

/** The first of those that lose something, and how many there are. */
export interface WaitingShown {
  readonly waiting: readonly WaitingItem[];
  readonly waitingCount: number;
}

export function shownOf(waiting: readonly WaitingItem[]): WaitingShown {
  return { waiting: waiting.slice(0, SHOWN_MAX), waitingCount: waiting.length };
}

/** Open requests, wherever they are kept. */
export interface OpenWork {
  /** What waits for a person. */
  readonly waitingFor: (person: string) => readonly OpenItem[];
  /** What would be cancelled with a job that ends. */
  readonly cancelledWith: (assignment: string) => readonly OpenItem[];
}

export const NO_WORK: OpenWork = { waitingFor: () => [], cancelledWith: () => [] };

/** What is cancelled with jobs that the plan ends, and else what waits for those who lose a job or whose account it closes. */
export function* takenFrom(
  views: Views,
  { plan, effective }: { readonly plan: Plan; readonly effective: string },
  work: OpenWork,
): Piecewise<readonly WaitingItem[]> {
  const cancelled: WaitingItem[] = [];
  const waiting: WaitingItem[] = [];
  for (const { command } of plan.people) {
    const { person, active, assignments } = command as SyncPerson;
    const ended = assignments.filter(({ assignment, to }) => ends(views, assignment, to, effective)).map(({ assignment }) => assignment);
    for (const job of ended) cancelled.push(...work.cancelledWith(job).map((item) => ({ ...item, cancelledWith: job })));
    const leaves = active?.is === false || ended.length > 0;
    if (leaves) waiting.push(...work.waitingFor(person).map((item) => ({ ...item, approver: person })));
    yield;
  }
  const over = new Set(cancelled.map(({ request }) => request));
  return [...cancelled, ...waiting.filter(({ request }) => !over.has(request))];
}

/** Whether a job that is held becomes one that is over. */
function ends(views: Views, assignment: string, to: string | undefined, effective: string): boolean {
  if (to === undefined || to > effective) return false;
  const current = assignmentOf(views, assignment);
  return current !== undefined && (current.to === undefined || current.to > effective);
}

// Whom a plan takes away, and what waits for them: somebody else will have to do it (E47).
import type { OpenItem, Views } from '@app/kernel';
import { assignmentOf, type SyncPerson } from '@app/organisation';
import type { Piecewise } from './piecewise';
import type { Plan } from './plan-import';

export const WAITING_SHOWN_MAX = 200;

/** One piece of work that waits for one person. */
export interface WaitingItem extends OpenItem {
  /** Who would leave, or lose a job. */
  readonly approver: string;
}

/** What waits for a person, wherever it is kept. */
export type WaitingFor = (person: string) => readonly OpenItem[];

/** What waits for those whose account the plan closes or whose job it ends. */
export function* waitingForLeavers(
  views: Views,
  { plan, effective }: { readonly plan: Plan; readonly effective: string },
  waitingFor: WaitingFor,
): Piecewise<readonly WaitingItem[]> {
  const items: WaitingItem[] = [];
  for (const { command } of plan.people) {
    const { person, active, assignments } = command as SyncPerson;
    const leaves = active?.is === false || assignments.some(({ assignment, to }) => ends(views, assignment, to, effective));
    if (leaves) items.push(...waitingFor(person).map((item) => ({ ...item, approver: person })));
    yield;
  }
  return items;
}

/** Whether a job that is held becomes one that is over. */
function ends(views: Views, assignment: string, to: string | undefined, effective: string): boolean {
  if (to === undefined || to > effective) return false;
  const current = assignmentOf(views, assignment);
  return current !== undefined && (current.to === undefined || current.to > effective);
}

// In whose name a learner asks, and whether anybody could decide (E9, E10, E54). Pure reads.
import { reject, type Views } from '@app/kernel';
import { assignmentsOf, positionTypeOf, type Assignment } from '@app/organisation';
import { lastAskedIn } from './requests';
import { resolve, type Resolution } from './resolver';

/** An assignment in whose name may be asked, and who would decide. */
export interface AskingChoice {
  readonly assignment: string;
  readonly title?: string;
  readonly unit?: string;
  readonly approvers: readonly string[];
}

/**
 * The assignment in whose name the learner asks.
 * @param assignment the learner's choice, if he made one
 * @throws Rejection `no-assignment`, `not-your-assignment`, `assignment-required` with the choices when several jobs lead
 * to different approvers, and `no-approver` when nobody could decide
 */
export function askingAssignment(
  views: Views,
  { beneficiary, requester, assignment, on }: { beneficiary: string; requester: string; assignment?: string; on: string },
): string {
  const valid = assignmentsOf(views, beneficiary, on).filter((one) => mayAsk(views, one));
  const resolved = (id: string) => resolve(views, { requester, beneficiary, assignment: id, on });
  if (assignment !== undefined) {
    if (!valid.some(({ id }) => id === assignment))
      reject('invalid', 'not-your-assignment', { assignment, choices: valid.map(({ id }) => id) });
    requireSomebody(resolved(assignment));
    return assignment;
  }
  const [first, ...others] = valid.map((one) => ({ one, resolution: resolved(one.id) }));
  if (!first) return reject('invalid', 'no-assignment', { detail: 'No job of yours is in effect today in whose name you could ask.' });
  // Jobs that lead to the same people and pay from the same place need no question (E10).
  const same = (other: typeof first) =>
    other.one.costCentre === first.one.costCentre && approvers(other.resolution).join() === approvers(first.resolution).join();
  if (!others.every(same)) {
    const choices = [first, ...others].map(({ one, resolution }) => choiceOf(one, resolution));
    // What one chose before is offered, and never taken for an answer.
    const before = lastAskedIn(views, beneficiary);
    const offered = choices.some((choice) => choice.assignment === before) && { default: before };
    reject('invalid', 'assignment-required', { detail: 'You have several jobs: say in whose name you ask.', choices, ...offered });
  }
  requireSomebody(first.resolution);
  return first.one.id;
}

function mayAsk(views: Views, { positionType }: Assignment): boolean {
  const type = positionTypeOf(views, positionType);
  return type?.mayRequestLearning !== false && type?.aspirational !== true;
}

function requireSomebody({ slate, skipped }: Resolution): void {
  if (slate.length > 0) return;
  reject('invalid', 'no-approver', {
    detail: 'Nobody can decide this request. Ask your administrator to name a fallback approver.',
    skipped,
  });
}

function choiceOf({ id, title, unit }: Assignment, resolution: Resolution): AskingChoice {
  return { assignment: id, ...(title && { title }), ...(unit && { unit }), approvers: approvers(resolution) };
}

function approvers({ slate }: Resolution): readonly string[] {
  return slate.map(({ person }) => person).sort();
}

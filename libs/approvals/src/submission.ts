// In whose name a learner asks or goes on to ask, and whether anybody could decide (E9, E10, E11, E54). Pure reads.
import { reject, type Views } from '@app/kernel';
import { assignmentOf, assignmentsOf, positionTypeOf, ReportingLines, type Assignment } from '@app/organisation';
import { endedJobPolicy } from './approval-settings';
import type { Move } from './asking-job';
import { slateToday, type InName } from './open-slot';
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
  const valid = jobsToAskIn(views, beneficiary, on);
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

/** The jobs of a learner in whose names he can ask on the day. */
export function jobsToAskIn(views: Views, learner: string, on: string): readonly Assignment[] {
  return assignmentsOf(views, learner, on).filter((one) => mayAsk(views, one));
}

/** Whether a request may go on in the name of another job of its learner (E11). */
export function jobToMoveTo(
  views: Views,
  request: InName,
  { assignment, on }: Pick<Move, 'assignment' | 'on'>,
): Pick<Move, 'chance' | 'standing'> {
  const ends = assignmentOf(views, request.assignment)?.to !== undefined;
  const chance = endedJobPolicy(views) !== 'move' ? 'policy' : ends ? 'given' : 'job-goes-on';
  const his = jobsToAskIn(views, request.beneficiary, on).some(({ id }) => id === assignment);
  if (!his) return { chance, standing: 'not-his' };
  const slate = slateToday(ReportingLines.on(views, on), { ...request, assignment });
  return { chance, standing: slate.length > 0 ? 'fit' : 'nobody' };
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

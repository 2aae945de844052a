// Who is to be asked at the open step of a request today, and whether others are asked now. Pure reads.
import type { Views } from '@app/kernel';
import { isActive, type ReportingLines } from '@app/organisation';
import { groundsOf, type Candidate, type RequestCommand } from './approval-request';
import { askedNow, decidersOf } from './pending-approvals';
import { stepWithNobody, type RequestRow } from './requests';
import { resolve } from './resolver';

/** A request, in the name of the job in whose line its slot is to be filled. */
export type InName = Pick<RequestRow, 'id' | 'requester' | 'beneficiary' | 'assignment'>;

/** Who is to be asked. A nominated approver who can still decide stays; otherwise the slot goes up the line of the job. */
export function slateToday(lines: ReportingLines, { id, requester, beneficiary, assignment }: InName): readonly Candidate[] {
  const { views, on } = lines.day;
  const nominees = askedNow(views, id)
    .map(({ why }) => why)
    .filter((why) => stands(views, why, on));
  if (nominees.length > 0) return nominees;
  return resolve(views, { requester, beneficiary, assignment, on, decided: decidersOf(views, id) }, lines).slate;
}

/**
 * What makes the slot as it is to be filled today; nothing where it is so already.
 * @param because where the reason is not that the organisation has changed
 */
export function reroute(lines: ReportingLines, request: InName, because?: string): RequestCommand | undefined {
  const { views, on } = lines.day;
  const now = askedNow(views, request.id);
  const slate = slateToday(lines, request);
  if (groundsOf(slate).join('\n') === groundsOf(now.map(({ why }) => why)).join('\n')) return undefined;
  const before = now.map(({ person }) => person);
  const removed = before.filter((person) => !slate.some((one) => one.person === person));
  const step = now[0]?.step ?? stepWithNobody(views, request.id) ?? 1;
  return { type: 'Reroute', step, slate, because: because ?? reasonFor(views, { before, removed, on }) };
}

/** Whether nominated approvers are asked who can all decide: then nothing in the organisation asks for others. */
export function allStand(views: Views, slate: readonly Candidate[], on: string): boolean {
  return slate.length > 0 && slate.every((why) => stands(views, why, on));
}

function stands(views: Views, { as, person }: Candidate, on: string): boolean {
  return as === 'nominee' && isActive(views, person, on);
}

function reasonFor(views: Views, { before, removed, on }: { before: readonly string[]; removed: readonly string[]; on: string }): string {
  if (before.length === 0) return 'approver-found';
  return removed.some((person) => !isActive(views, person, on)) ? 'approver-left' : 'managers-changed';
}

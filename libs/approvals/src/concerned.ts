// The open requests that a change of the organisation may concern: perhaps more than it does, never fewer.
import type { Views } from '@app/kernel';
import { assignmentsManagedBy, linkOfId, linksAround, peopleAbove, ReportingLines, type ManagerLink } from '@app/organisation';
import { fallbackApprover } from './approval-settings';
import { climbedRequests, waitingFor } from './pending-approvals';
import { hasOpenRequests, openRequestsFor, openRequestsOf } from './requests';

/** Manager links that begin, end or become others. */
export function concernedByLinks(views: Views, links: readonly { readonly id: string }[], on: string): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  const known = links.map(({ id }) => linkOfId(views, id)).filter((link) => link !== undefined);
  const lines = ReportingLines.on(views, on);
  return distinct([
    ...[...new Set(known.map(({ assignment }) => assignment))].flatMap((assignment) => openRequestsOf(views, assignment)),
    ...belowTheirLearners(lines, known),
    ...climbedRequests(views),
  ]);
}

/** Somebody who leaves, or is back. */
export function concernedByPerson(views: Views, person: string, on: string): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  const lines = ReportingLines.on(views, on);
  const managed = assignmentsManagedBy(lines, person);
  const onTheWay = !lines.onlyPersons || managed.length > 0 || fallbackApprover(views) === person;
  return distinct([
    ...waitingFor(views, person),
    ...managed.flatMap((assignment) => openRequestsOf(views, assignment)),
    ...(onTheWay ? climbedRequests(views) : []),
    // Whoever takes a seat or leaves it stands above those below it, or does so no longer (E17).
    ...(lines.onlyPersons ? [] : openRequestsFor(views, person)),
    // A seat that is vacant now is passed over, where it was held others may have been above.
    ...(lines.onlyPersons ? [] : lines.day.heldBy(person).flatMap(({ id }) => belowTheirLearners(lines, linksAround(lines, id)))),
  ]);
}

/** A job that somebody takes up, changes or gives up: lines lead through it. */
export function concernedByAssignment(
  views: Views,
  { assignment, person }: { readonly assignment: string; readonly person: string },
  on: string,
): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  const lines = ReportingLines.on(views, on);
  return distinct([
    ...concernedByPerson(views, person, on),
    // By the mode of its unit and by its position, the assignment itself may have other people above it.
    ...(lines.onlyPersons ? [] : openRequestsOf(views, assignment)),
    ...belowTheirLearners(lines, linksAround(lines, assignment)),
  ]);
}

/** Whoever stands below a learner from now on, or does so no longer, does it over one of these managers (E17). */
function belowTheirLearners(lines: ReportingLines, links: readonly ManagerLink[]): readonly string[] {
  const managers = links.map(({ manager }) => manager);
  const above = peopleAbove(lines, lines.above(links));
  return [...new Set([...managers, ...above])].flatMap((learner) => openRequestsFor(lines.day.views, learner));
}

function distinct(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}

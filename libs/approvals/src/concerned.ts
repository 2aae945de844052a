// The open requests that a change of the organisation may concern: perhaps more than it does, never fewer.
import type { Views } from '@app/kernel';
import { assignmentsAbove, assignmentsManagedBy, linkOfId, linksOf, peopleAbove, type ManagerLink } from '@app/organisation';
import { fallbackApprover } from './approval-settings';
import { climbedRequests, waitingFor } from './pending-approvals';
import { hasOpenRequests, openRequestsFor, openRequestsOf } from './requests';

/** Manager links that begin, end or become others. */
export function concernedByLinks(views: Views, links: readonly { readonly id: string }[], on: string): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  const known = links.map(({ id }) => linkOfId(views, id)).filter((link) => link !== undefined);
  return distinct([
    ...[...new Set(known.map(({ assignment }) => assignment))].flatMap((assignment) => openRequestsOf(views, assignment)),
    ...belowTheirLearners(views, known, on),
    ...climbedRequests(views),
  ]);
}

/** Somebody who leaves, or is back. */
export function concernedByPerson(views: Views, person: string): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  const managed = assignmentsManagedBy(views, person);
  const onTheWay = managed.length > 0 || fallbackApprover(views) === person;
  return distinct([
    ...waitingFor(views, person),
    ...managed.flatMap((assignment) => openRequestsOf(views, assignment)),
    ...(onTheWay ? climbedRequests(views) : []),
  ]);
}

/** A job that somebody takes up, changes or gives up: lines lead through it. */
export function concernedByAssignment(
  views: Views,
  { assignment, person }: { readonly assignment: string; readonly person: string },
  on: string,
): readonly string[] {
  if (!hasOpenRequests(views)) return [];
  return distinct([...concernedByPerson(views, person), ...belowTheirLearners(views, linksOf(views, assignment), on)]);
}

/** Whoever stands below a learner from now on, or does so no longer, does it over one of these managers (E17). */
function belowTheirLearners(views: Views, links: readonly ManagerLink[], on: string): readonly string[] {
  const managers = links.map(({ manager }) => manager);
  const above = peopleAbove(views, assignmentsAbove(views, links, on), on);
  return [...new Set([...managers, ...above])].flatMap((learner) => openRequestsFor(views, learner));
}

function distinct(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}

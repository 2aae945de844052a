// The line above a person: from each assignment to its managers, and on from theirs.
import type { Views } from '@app/kernel';
import { ask, assignmentsOf, linksOf } from './hierarchy-queries';
import { inEffect } from './interval';
import type { ManagerLink } from './manager-link';

/** More levels than any organisation has. */
export const LEVELS_MAX = 20;

/** The assignments one level up: the one that a link names, or all that the manager holds on the day. */
export function assignmentsAbove(views: Views, links: readonly ManagerLink[], asOf: string): readonly string[] {
  const above = links.flatMap(({ manager, managerAssignment }) =>
    managerAssignment === undefined ? assignmentsOf(views, manager, asOf).map(({ id }) => id) : [managerAssignment],
  );
  return [...new Set(above)];
}

/** Whether the manager stands anywhere above the person on the day, by direct or temporary links for any responsibility. */
export function reportsTo(views: Views, { person, manager, asOf }: { person: string; manager: string; asOf: string }): boolean {
  // Most people manage nobody, and this is asked for every approver of every request.
  if (ask(views, 'select 1 as yes from manager_links where manager = ? limit 1', manager).length === 0) return false;
  const seen = new Set<string>();
  let assignments: readonly string[] = assignmentsOf(views, person, asOf).map(({ id }) => id);
  for (let level = 0; level < LEVELS_MAX && assignments.length > 0; level++) {
    for (const assignment of assignments) seen.add(assignment);
    const links = assignments
      .flatMap((assignment) => linksOf(views, assignment))
      .filter((link) => link.kind !== 'alternate' && inEffect(link, asOf));
    if (links.some((link) => link.manager === manager)) return true;
    assignments = assignmentsAbove(views, links, asOf).filter((assignment) => !seen.has(assignment));
  }
  return false;
}

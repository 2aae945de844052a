// Where a change of one person is felt: in the assignments below him, and at the people above.
import type { Views } from '@app/kernel';
import { linksOf } from './hierarchy-queries';
import { inEffect } from './interval';
import { assignmentsAbove, LEVELS_MAX } from './reporting-line';

/** The assignments that name the person as a manager, on whatever days and for whatever responsibility. */
export function assignmentsManagedBy(views: Views, manager: string): readonly string[] {
  return views
    .all<{ assignment: string }>('select distinct assignment from manager_links where manager = ?', manager)
    .map(({ assignment }) => assignment);
}

/** Everybody who stands above the assignments on the day, by direct or temporary links for any responsibility. */
export function peopleAbove(views: Views, assignments: readonly string[], asOf: string): ReadonlySet<string> {
  const people = new Set<string>();
  const seen = new Set<string>();
  let level = assignments;
  for (let count = 0; count < LEVELS_MAX && level.length > 0; count++) {
    for (const assignment of level) seen.add(assignment);
    const links = level
      .flatMap((assignment) => linksOf(views, assignment))
      .filter((link) => link.kind !== 'alternate' && inEffect(link, asOf));
    for (const { manager } of links) people.add(manager);
    level = assignmentsAbove(views, links, asOf).filter((assignment) => !seen.has(assignment));
  }
  return people;
}

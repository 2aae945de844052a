// Where a change of one person is felt: in the assignments below him, and at the people above.
import type { Views } from '@app/kernel';
import { linksOf } from './hierarchy-queries';
import type { ManagerLink } from './manager-link';
import { LEVELS_MAX, type ReportingLines } from './reporting-line';
import { positionsUnder } from './structure-queries';

/**
 * The assignments that the person manages or may manage by what he holds: those that name him on whatever days and for
 * whatever responsibility, and those that are next below one of his positions.
 */
export function assignmentsManagedBy(lines: ReportingLines, manager: string): readonly string[] {
  const { views } = lines.day;
  const linked = ids(views, 'select distinct assignment as id from manager_links where manager = ?', manager);
  if (lines.onlyPersons) return linked;
  const held = views.all<{ id: string }>(
    'select distinct position as id from assignments where person = ? and position is not null',
    manager,
  );
  const under = positionsBelow(
    lines,
    held.map(({ id }) => id),
  );
  const seated = 'select id from assignments where position in (select value from json_each(?))';
  return [...new Set([...linked, ...ids(views, seated, JSON.stringify(under))])];
}

/** All links of an assignment, in effect or not, and the seats above where it is and was, whichever hierarchy answers. */
export function linksAround(lines: ReportingLines, assignment: string): readonly ManagerLink[] {
  const { views } = lines.day;
  const recorded = linksOf(views, assignment);
  const job = lines.onlyPersons ? undefined : lines.day.assignment(assignment);
  if (!job) return recorded;
  const former = ids(views, 'select distinct position as id from assignments_past where id = ? and position is not null', assignment);
  const positions = new Set([...former, ...(job.position === undefined ? [] : [job.position])]);
  return [...recorded, ...[...positions].flatMap((position) => lines.seatLinks(job, position))];
}

/** The positions to which one of the positions is the nearest above that somebody holds, if somebody holds it. */
export function positionsBelow({ day }: ReportingLines, positions: readonly string[]): readonly string[] {
  const found: string[] = [];
  const waiting = [...positions];
  for (let position = waiting.pop(); position !== undefined; position = waiting.pop()) {
    const under = positionsUnder(day.views, position, day.on);
    found.push(...under);
    waiting.push(...under.filter((one) => day.holdersOf(one).length === 0));
  }
  return found;
}

/** Everybody who stands above the assignments on the day, by direct or temporary links for any responsibility, or by seats. */
export function peopleAbove(lines: ReportingLines, assignments: readonly string[]): ReadonlySet<string> {
  const people = new Set<string>();
  const seen = new Set<string>();
  let level = assignments;
  for (let count = 0; count < LEVELS_MAX && level.length > 0; count++) {
    for (const assignment of level) seen.add(assignment);
    const links = level.flatMap((assignment) => lines.lineOf(assignment).links).filter(({ kind }) => kind !== 'alternate');
    for (const { manager } of links) people.add(manager);
    level = lines.above(links).filter((assignment) => !seen.has(assignment));
  }
  return people;
}

function ids(views: Views, sql: string, value: string): readonly string[] {
  return views.all<{ id: string }>(sql, value).map(({ id }) => id);
}

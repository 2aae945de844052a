// My Team: everybody whose assignments a person manages on a day, over all of the person's own assignments (S1, S2).
import type { Views } from '@app/kernel';
import { activeSql, type Page } from './hierarchy-queries';
import { present } from './interval';
import type { Responsibility } from './manager-link';
import { maskOf } from './responsibility-mask';
import { TeamWalk, type Report } from './team-walk';

/** One assignment of a person's team. */
export interface TeamMember {
  readonly person: string;
  readonly name: string;
  readonly assignment: string;
  readonly title?: string;
  readonly unit?: string;
  readonly position?: string;
  /** Whose report it is: the person asked about, or somebody below. */
  readonly manager: string;
  /** 1 for a direct report. */
  readonly depth: number;
}

export interface TeamQuery extends Page {
  readonly person: string;
  readonly scope: 'direct' | 'all';
  readonly asOf: string;
  readonly responsibility: Responsibility;
  /** Only those of the team who report to this person directly. */
  readonly reportsTo?: string | undefined;
  /** Only those whose name, id or title contains this. */
  readonly search?: string | undefined;
}

/**
 * A page of the team, from the top down: after each member those below him. `after` is the last assignment of the page
 * before; the pages fit together when all are asked as known at one position.
 */
export function team(views: Views, query: TeamQuery): readonly TeamMember[] {
  const { person, scope, asOf, responsibility, after, limit, reportsTo, search } = query;
  const walk = new TeamWalk(views, { root: person, mask: maskOf([responsibility]), on: asOf });
  const words = search?.toLowerCase();
  const page: TeamMember[] = [];
  for (const report of walk.reports({ after, deep: scope === 'all', only: reportsTo, most: limit })) {
    const member = memberOf(views, report, asOf);
    if (!member || (words !== undefined && !matches(member, words))) continue;
    page.push(member);
    if (page.length === limit) break;
  }
  return page;
}

const MEMBER = `
  select p.given_name || ' ' || p.family_name as name, a.title, a.unit, a.position
  from assignments a join people p on p.id = a.person and ${activeSql('?2')} where a.id = ?1`;

function memberOf(views: Views, { assignment, person, manager, depth }: Report, asOf: string): TeamMember | undefined {
  const row = views.get<MemberRow>(MEMBER, assignment, asOf);
  if (!row) return undefined;
  const { title, unit, position } = row;
  return present({
    person,
    name: row.name.trim(),
    assignment,
    title: title ?? undefined,
    unit: unit ?? undefined,
    position: position ?? undefined,
    manager,
    depth,
  });
}

function matches({ name, person, assignment, title = '' }: TeamMember, words: string): boolean {
  return [name, person, assignment, title].some((text) => text.toLowerCase().includes(words));
}

interface MemberRow {
  readonly name: string;
  readonly title: string | null;
  readonly unit: string | null;
  readonly position: string | null;
}

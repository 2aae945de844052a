// My Team: everybody whose assignments a person manages on a day, over all of the person's own assignments (S1, S2).
import type { Views } from '@app/kernel';
import { present } from './interval';
import type { Page } from './hierarchy-queries';
import type { Responsibility } from './manager-link';
import { maskOf } from './responsibility-mask';

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

/** The one set of edges that makes a team: direct links in effect, of assignments in effect. */
const EDGE = `
  l.kind = 'direct' and l.responsibilities & ?2 and l.valid_from <= ?3 and (l.valid_to is null or l.valid_to > ?3)
  and exists (select 1 from assignments e where e.id = l.assignment and e.valid_from <= ?3 and (e.valid_to is null or e.valid_to > ?3))`;
const MEMBER = `
  join assignments a on a.id = t.assignment
  join people p on p.id = t.person and p.active = 1`;
const DIRECT = `
  select distinct t.person, p.given_name || ' ' || p.family_name as name, t.assignment, a.title, a.unit, a.position, t.manager, 1 as depth
  from (select l.person, l.assignment, l.manager from manager_links l where l.manager = ?1 and l.assignment > ?4 and ${EDGE}) t
  ${MEMBER} order by t.assignment limit +?5`;
/** A link to a person goes on from each of the manager's assignments, a link to an assignment from that one only. */
const ALL = `
  with recursive tree(assignment, person, manager, depth) as (
    select l.assignment, l.person, l.manager, 1 from manager_links l where l.manager = ?1 and ${EDGE}
    union
    select l.assignment, l.person, l.manager, t.depth + 1 from tree t join manager_links l
      on l.manager = t.person and (l.manager_assignment is null or l.manager_assignment = t.assignment)
    where ${EDGE})
  select t.person, p.given_name || ' ' || p.family_name as name, t.assignment, a.title, a.unit, a.position, t.manager, min(t.depth) as depth
  from tree t ${MEMBER} where t.assignment > ?4 group by t.assignment order by t.assignment limit +?5`;

/** A page of the team, by assignment; `after` is the last assignment of the page before. */
export function team(
  views: Views,
  query: Page & {
    readonly person: string;
    readonly scope: 'direct' | 'all';
    readonly asOf: string;
    readonly responsibility: Responsibility;
  },
): readonly TeamMember[] {
  const { person, scope, asOf, responsibility, after = '', limit } = query;
  return views
    .all<Nullable<TeamMember>>(scope === 'direct' ? DIRECT : ALL, person, maskOf([responsibility]), asOf, after, limit)
    .map(({ person: id, name, assignment, title, unit, position, manager, depth }) =>
      present({
        person: id,
        name: name.trim(),
        assignment,
        title: title ?? undefined,
        unit: unit ?? undefined,
        position: position ?? undefined,
        manager,
        depth,
      }),
    );
}

type Nullable<Fields> = {
  readonly [Name in keyof Fields]-?: undefined extends Fields[Name] ? Exclude<Fields[Name], undefined> | null : Fields[Name];
};

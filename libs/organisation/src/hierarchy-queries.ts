// What can be asked of the hierarchy. Every text of SQL is constant, so that each is prepared once.
import { keptRows, type Views } from '@app/kernel';
import { LAST_DAY, present } from './interval';
import type { LinkKind, ManagerLink } from './manager-link';
import { responsibilitiesOf } from './responsibility-mask';

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email?: string;
  readonly active: boolean;
}
export interface Assignment {
  readonly id: string;
  readonly person: string;
  readonly positionType: string;
  readonly position?: string;
  readonly unit?: string;
  readonly title?: string;
  readonly from: string;
  readonly to?: string;
  readonly costCentre?: string;
}
export interface Page {
  /** The last key of the page before; absent for the first. */
  readonly after?: string;
  readonly limit: number;
}

/** For what each request asks: who somebody is, his jobs, their managers. */
export const ask = keptRows('hierarchy');

/** The condition that `p` of people is active on the day that a parameter names. */
export function activeSql(day: string): string {
  return `(p.inactive_from is null or p.inactive_from > ${day} or p.inactive_to <= ${day})`;
}

/** The condition that the manager whom the link `l` names, in a job where it names one, can act on the day. */
export function ableSql(day: string): string {
  return `exists (select 1 from people p where p.id = l.manager and ${activeSql(day)})
    and (l.manager_assignment is null or exists (select 1 from assignments m
      where m.id = l.manager_assignment and m.valid_from <= ${day} and (m.valid_to is null or m.valid_to > ${day})))`;
}

/** The person, active or not on the day; without a day, as it will be when all that is known has come. */
export function personOf(views: Views, id: string, asOf = LAST_DAY): Person | undefined {
  const [row] = ask<PersonRow>(views, 'select * from people where id = ?', id);
  return row && personFrom(row, asOf);
}

/** Whether the person is known and not deactivated on the day. */
export function isActive(views: Views, id: string, asOf: string): boolean {
  const [row] = ask<Inactivity>(views, 'select inactive_from, inactive_to from people where id = ?', id);
  return row !== undefined && activeOn(row, asOf);
}

/** Whether the person is active from the day on, or away; nothing where that is still to change, or nobody is known. */
export function activeFrom(views: Views, id: string, day: string): boolean | undefined {
  const [row] = ask<Inactivity>(views, 'select inactive_from, inactive_to from people where id = ?', id);
  if (!row) return undefined;
  const then = activeOn(row, day);
  return then === activeOn(row, LAST_DAY) ? then : undefined;
}

/** The person's name as it is shown; nothing for one who is not known. */
export function nameOf(views: Views, id: string): string | undefined {
  const [row] = ask<Pick<PersonRow, 'given_name' | 'family_name'>>(views, 'select given_name, family_name from people where id = ?', id);
  return row && fullName(row.given_name, row.family_name);
}

export function personByUsername(views: Views, username: string): Person | undefined {
  const row = views.get<PersonRow>('select * from people where username = ? order by active desc, id limit 1', username);
  return row && personFrom(row, LAST_DAY);
}

export function assignmentOf(views: Views, id: string): Assignment | undefined {
  const row = views.get<AssignmentRow>('select * from assignments where id = ?', id);
  return row && assignmentFrom(row);
}

/** Where in the log the assignment was recorded first; 0 for one that is not known. */
export function firstRecorded(views: Views, assignment: string): number {
  return views.get<{ started: number }>('select started from assignments where id = ?', assignment)?.started ?? 0;
}

/** The person's assignments in effect on the day, by id. */
export function assignmentsOf(views: Views, person: string, asOf: string): readonly Assignment[] {
  return ask<AssignmentRow>(
    views,
    'select * from assignments where person = ? and valid_from <= ? and (valid_to is null or valid_to > ?) order by id',
    person,
    asOf,
    asOf,
  ).map(assignmentFrom);
}

/**
 * Who holds the position on the day; several when the job is shared (O15), nobody when it is vacant. Whoever only aims at it
 * (O14) does not hold it.
 */
export function positionHolders(views: Views, position: string, asOf: string): readonly Assignment[] {
  return ask<AssignmentRow>(
    views,
    `select a.* from assignments a join people p on p.id = a.person and ${activeSql('?2')}
     where a.position = ?1 and a.valid_from <= ?2 and (a.valid_to is null or a.valid_to > ?2)
       and not exists (select 1 from position_types t where t.id = a.position_type and t.aspirational = 1) order by a.id`,
    position,
    asOf,
  ).map(assignmentFrom);
}

/** All recorded links of an assignment, also those that have ended. */
export function linksOf(views: Views, assignment: string): readonly ManagerLink[] {
  return ask<LinkRow>(views, 'select * from manager_links where assignment = ? order by id', assignment).map(linkFrom);
}

/** A page of all assignments in effect on the day, by id. */
export function assignmentsInEffect(views: Views, on: string, { after = '', limit }: Page): readonly Assignment[] {
  const sql = 'select * from assignments where id > ?2 and valid_from <= ?1 and (valid_to is null or valid_to > ?1) order by id limit +?3';
  return views.all<AssignmentRow>(sql, on, after, limit).map(assignmentFrom);
}

/** The same of manager links. */
export function linksInEffect(views: Views, on: string, { after = '', limit }: Page): readonly ManagerLink[] {
  const sql =
    'select * from manager_links where id > ?2 and valid_from <= ?1 and (valid_to is null or valid_to > ?1) order by id limit +?3';
  return views.all<LinkRow>(sql, on, after, limit).map(linkFrom);
}

export function inactivePeople(views: Views, on: string): readonly string[] {
  const sql = 'select id from people where inactive_from <= ?1 and (inactive_to is null or inactive_to > ?1)';
  return views.all<{ id: string }>(sql, on).map(({ id }) => id);
}

/** A page of the ids of all who are active on the day. */
export function peopleOn(views: Views, on: string, { after = '', limit }: Page): readonly string[] {
  const sql = `select p.id from people p where p.id > ?2 and ${activeSql('?1')} order by p.id limit +?3`;
  return views.all<{ id: string }>(sql, on, after, limit).map(({ id }) => id);
}

export function linkOfId(views: Views, id: string): ManagerLink | undefined {
  const row = views.get<LinkRow>('select * from manager_links where id = ?', id);
  return row && linkFrom(row);
}

export interface PersonRow extends Inactivity {
  readonly id: string;
  readonly username: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly email: string | null;
  readonly sought: string;
}
interface Inactivity {
  readonly inactive_from: string | null;
  readonly inactive_to: string | null;
}
interface AssignmentRow {
  readonly id: string;
  readonly person: string;
  readonly position_type: string;
  readonly position: string | null;
  readonly unit: string | null;
  readonly title: string | null;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly cost_centre: string | null;
}
interface LinkRow {
  readonly id: string;
  readonly assignment: string;
  readonly person: string;
  readonly manager: string;
  readonly manager_assignment: string | null;
  readonly kind: LinkKind;
  readonly responsibilities: number;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

export function personFrom(row: PersonRow, asOf: string): Person {
  const { id, username, given_name, family_name, email } = row;
  return present({
    id,
    username,
    name: fullName(given_name, family_name),
    givenName: given_name,
    familyName: family_name,
    email: email ?? undefined,
    active: activeOn(row, asOf),
  });
}

function activeOn({ inactive_from: from, inactive_to: to }: Inactivity, day: string): boolean {
  return from === null || day < from || (to !== null && to <= day);
}

function assignmentFrom(row: AssignmentRow): Assignment {
  return present({
    id: row.id,
    person: row.person,
    positionType: row.position_type,
    position: row.position ?? undefined,
    unit: row.unit ?? undefined,
    title: row.title ?? undefined,
    from: row.valid_from,
    to: row.valid_to ?? undefined,
    costCentre: row.cost_centre ?? undefined,
  });
}

function linkFrom(row: LinkRow): ManagerLink {
  return present({
    id: row.id,
    assignment: row.assignment,
    person: row.person,
    manager: row.manager,
    managerAssignment: row.manager_assignment ?? undefined,
    kind: row.kind,
    responsibilities: responsibilitiesOf(row.responsibilities),
    from: row.valid_from || undefined,
    to: row.valid_to ?? undefined,
  });
}

export function fullName(givenName: string, familyName: string): string {
  return `${givenName} ${familyName}`.trim();
}

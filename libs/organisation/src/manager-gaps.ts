// Assignments that nobody manages directly on a day: their requests go to alternates, upwards, or to the fallback approver (E35).
import type { Views } from '@app/kernel';
import { ableSql, activeSql, type Page } from './hierarchy-queries';
import { inEffect, present } from './interval';
import type { ManagerLink, Responsibility } from './manager-link';
import { ReportingLines } from './reporting-line';
import { maskOf } from './responsibility-mask';

export interface ManagerGap {
  readonly assignment: string;
  readonly person: string;
  readonly positionType: string;
  readonly unit?: string;
  /** Whether the type of the assignment demands a manager (O2). */
  readonly mandatory: boolean;
  /** Whether somebody stands in, or is an alternate, for the same. */
  readonly covered: boolean;
}
export interface GapsPage {
  readonly items: readonly ManagerGap[];
  /** The last assignment that was looked at; absent when there are no more. */
  readonly next?: string;
}
export interface GapsQuery extends Page {
  readonly asOf: string;
  readonly responsibility: Responsibility;
}

/** Whoever only aims at a position needs no manager there. */
const HELD = `
  select a.id as assignment, a.person, a.position_type as positionType, a.unit,
    exists (select 1 from position_types t where t.id = a.position_type and t.manager_mandatory = 1) as mandatory
  from assignments a join people p on p.id = a.person and ${activeSql('?1')}
  where a.id > ?2 and a.valid_from <= ?1 and (a.valid_to is null or a.valid_to > ?1)
    and not exists (select 1 from position_types t where t.id = a.position_type and t.aspirational = 1)`;
const LINKED = `
  select 1 from manager_links l where l.assignment = a.id and l.responsibilities & ?3
    and l.valid_from <= ?1 and (l.valid_to is null or l.valid_to > ?1) and ${ableSql('?1')}`;
const PERSON_GAPS = `
  select *, exists (${LINKED.replace('a.id', 'a.assignment')}) as covered from (${HELD}
    and not exists (${LINKED} and l.kind = 'direct')) a order by assignment limit +?4`;
const JOBS = `${HELD} order by a.id limit +?3`;
/** Jobs looked at for one page, so that an answer takes bounded time however few of them lack a manager. */
const LOOKED_AT_MAX = 5_000;

/** A page of them, by assignment; `after` is the `next` of the page before. One may be short and have a next one. */
export function managerGaps(views: Views, query: GapsQuery): GapsPage {
  const lines = ReportingLines.on(views, query.asOf);
  if (!lines.onlyPersons) return gapsByMode(lines, query);
  const { asOf, responsibility, after = '', limit } = query;
  const items = views
    .all<GapRow>(PERSON_GAPS, asOf, after, maskOf([responsibility]), limit)
    .map(({ covered, ...row }) => gapOf(row, covered === 1));
  return { items, ...(items.length === limit && { next: items.at(-1)!.assignment }) };
}

function gapsByMode(lines: ReportingLines, { asOf, responsibility, after = '', limit }: GapsQuery): GapsPage {
  const jobs = lines.day.views.all<JobRow>(JOBS, asOf, after, LOOKED_AT_MAX);
  const items: ManagerGap[] = [];
  for (const job of jobs) {
    const links = lines
      .lineOf(job.assignment)
      .links.filter((link) => link.responsibilities.includes(responsibility) && isAble(lines, link));
    if (links.some(({ kind }) => kind === 'direct')) continue;
    items.push(gapOf(job, links.length > 0));
    if (items.length === limit) return { items, next: job.assignment };
  }
  return { items, ...(jobs.length === LOOKED_AT_MAX && { next: jobs.at(-1)!.assignment }) };
}

/** Whether the manager can act: a link to a job that he does not hold that day is no manager. */
function isAble({ day }: ReportingLines, { manager, managerAssignment }: ManagerLink): boolean {
  if (!day.isActive(manager)) return false;
  const held = managerAssignment === undefined ? undefined : day.assignment(managerAssignment);
  return managerAssignment === undefined || (held !== undefined && inEffect(held, day.on));
}

function gapOf({ assignment, person, positionType, unit, mandatory }: JobRow, covered: boolean): ManagerGap {
  return present({ assignment, person, positionType, unit: unit ?? undefined, mandatory: mandatory === 1, covered });
}

interface JobRow {
  readonly assignment: string;
  readonly person: string;
  readonly positionType: string;
  readonly unit: string | null;
  readonly mandatory: number;
}
interface GapRow extends JobRow {
  readonly covered: number;
}

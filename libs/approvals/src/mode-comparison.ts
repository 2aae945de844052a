// What would be if a unit, or the site, chose another reporting mode: whose approvers change, whose teams, who would have nobody (N8). Writes nothing.
import type { Views } from '@app/kernel';
import {
  assignmentsInEffect,
  Day,
  loopsAfter,
  maskOf,
  peopleOn,
  ReportingLines,
  TeamEdges,
  type Assignment,
  type Responsibility,
  type Supposed,
} from '@app/organisation';
import type { Candidate } from './approval-request';
import { climb } from './resolver';

export interface Supposition extends Supposed {
  /** The day from which it would hold, on which both are compared. */
  readonly on: string;
}
/** One job, and who would decide its requests first. */
export interface OtherApprovers {
  readonly assignment: string;
  readonly person: string;
  readonly unit?: string;
  readonly now: readonly Candidate[];
  readonly supposed: readonly Candidate[];
  /** Whether nobody above could decide: then the fallback approver is asked, or nobody is. */
  readonly nobody: { readonly now: boolean; readonly supposed: boolean };
}
/** One manager, and the jobs that would be directly below him. */
export interface OtherTeam {
  readonly person: string;
  readonly now: number;
  readonly supposed: number;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}
export interface Totals {
  readonly assignments: number;
  readonly people: number;
  /** Jobs for which the other hierarchy would answer. */
  readonly switched: number;
  readonly approvers: { readonly assignments: number; readonly people: number };
  readonly nobody: { readonly now: number; readonly supposed: number };
  /** Managers with other direct reports. */
  readonly teams: number;
  /** Loops of jobs that there would be, over seats and links; the mode cannot be chosen as long as there are some. */
  readonly loops: readonly (readonly string[])[];
}
export interface ComparisonPage<Item> {
  readonly items: readonly Item[];
  /** What was looked at last; absent when there is no more. A page may be short, or empty, and have a next one. */
  readonly next?: string;
}
type PageOf = { readonly after?: string | undefined; readonly limit: number };

/** Jobs or people looked at for one page, so that an answer takes bounded time however few of them differ. */
const LOOKED_AT_MAX = 1_000;
/** Jobs of a team that are named; the counts are of all. */
const NAMED_MAX = 50;
/** Jobs between two pauses. */
const PORTION = 50;

/** Everybody, once: it pauses after each portion, so that others are served meanwhile. */
export function* comparedWhole(views: Views, supposition: Supposition, responsibility: Responsibility): Generator<void, Totals> {
  const { now, supposed } = bothLines(views, supposition);
  const jobs = (yield* now.day.readAll()).filter((job) => counts(now.day, job));
  const people = { all: new Set<string>(), other: new Set<string>(), teams: new Set<string>() };
  const found = { switched: 0, other: 0, nobodyNow: 0, nobodyThen: 0 };
  for (const [at, job] of jobs.entries()) {
    if (at % PORTION === 0) yield;
    people.all.add(job.person);
    if (now.modeOf(job.id).mode !== supposed.modeOf(job.id).mode) found.switched += 1;
    const compared = approversOf(job, now, supposed);
    if (compared.nobody.now) found.nobodyNow += 1;
    if (compared.nobody.supposed) found.nobodyThen += 1;
    if (differ(compared)) {
      found.other += 1;
      people.other.add(job.person);
    }
    for (const manager of notInBoth(directOf(now, job.id, responsibility), directOf(supposed, job.id, responsibility))) {
      if (now.day.isActive(manager)) people.teams.add(manager);
    }
  }
  return {
    assignments: jobs.length,
    people: people.all.size,
    switched: found.switched,
    approvers: { assignments: found.other, people: people.other.size },
    nobody: { now: found.nobodyNow, supposed: found.nobodyThen },
    teams: people.teams.size,
    loops: (yield* loopsAfter(views, supposition, supposition.on)).map(({ path }) => path),
  };
}

/** A page of the jobs whose approvers would be others, or of those with nobody above who could decide. */
export function comparedApprovers(
  views: Views,
  supposition: Supposition,
  { after, limit, only }: PageOf & { readonly only: 'changed' | 'nobody' },
): ComparisonPage<OtherApprovers> {
  const { now, supposed } = bothLines(views, supposition);
  const jobs = assignmentsInEffect(views, supposition.on, { after: after ?? '', limit: LOOKED_AT_MAX });
  const items: OtherApprovers[] = [];
  for (const job of jobs) {
    if (!counts(now.day, job)) continue;
    const compared = approversOf(job, now, supposed);
    if (!(only === 'nobody' ? compared.nobody.supposed : differ(compared))) continue;
    items.push(compared);
    if (items.length === limit) return { items, next: job.id };
  }
  return { items, ...(jobs.length === LOOKED_AT_MAX && { next: jobs.at(-1)!.id }) };
}

/** A page of the managers who would have other direct reports. */
export function comparedTeams(
  views: Views,
  supposition: Supposition,
  { after, limit, responsibility }: PageOf & { readonly responsibility: Responsibility },
): ComparisonPage<OtherTeam> {
  const { now, supposed } = bothLines(views, supposition);
  const [before, later] = [now, supposed].map((lines) => new TeamEdges(lines, maskOf([responsibility]))) as [TeamEdges, TeamEdges];
  const people = peopleOn(views, supposition.on, { after: after ?? '', limit: LOOKED_AT_MAX });
  const items: OtherTeam[] = [];
  for (const person of people) {
    if (!now.day.mayManage(person)) continue;
    const [had, has] = [before, later].map((edges) => new Set(members(edges, person))) as [Set<string>, Set<string>];
    const [gained, lost] = [[...has.difference(had)], [...had.difference(has)]];
    if (gained.length + lost.length === 0) continue;
    items.push({ person, now: had.size, supposed: has.size, gained: gained.slice(0, NAMED_MAX), lost: lost.slice(0, NAMED_MAX) });
    if (items.length === limit) return { items, next: person };
  }
  return { items, ...(people.length === LOOKED_AT_MAX && { next: people.at(-1)! }) };
}

/** Both read the organisation of the day once, together. */
function bothLines(views: Views, { on, unit, mode }: Supposition): { readonly now: ReportingLines; readonly supposed: ReportingLines } {
  const day = new Day(views, on);
  return { now: new ReportingLines(day), supposed: new ReportingLines(day, { unit, mode }) };
}

/** Whoever has left asks for nothing, and nothing is asked for in the name of a job that is only aimed at. */
function counts(day: Day, { person, positionType }: Assignment): boolean {
  return day.isActive(person) && !day.isAspiration(positionType);
}

function approversOf({ id, person, unit }: Assignment, now: ReportingLines, supposed: ReportingLines): OtherApprovers {
  const [before, later] = [now, supposed].map(
    (lines) => climb(lines, { requester: person, beneficiary: person, assignment: id, on: lines.day.on }).slate,
  ) as [readonly Candidate[], readonly Candidate[]];
  const nobody = { now: isNobody(before), supposed: isNobody(later) };
  return { assignment: id, person, ...(unit !== undefined && { unit }), now: before, supposed: later, nobody };
}

function isNobody(slate: readonly Candidate[]): boolean {
  return slate.every(({ as }) => as === 'fallback');
}

function differ({ now, supposed }: OtherApprovers): boolean {
  return (
    notInBoth(
      now.map(({ person }) => person),
      supposed.map(({ person }) => person),
    ).length > 0
  );
}

function directOf(lines: ReportingLines, assignment: string, responsibility: Responsibility): readonly string[] {
  const direct = lines.lineOf(assignment).links.filter((link) => link.kind === 'direct' && link.responsibilities.includes(responsibility));
  return direct.map(({ manager }) => manager);
}

/** Direct reports who are there. */
function* members(edges: TeamEdges, person: string): Generator<string> {
  const { day } = edges.lines;
  for (const { assignment } of edges.below(person, { after: '', most: LOOKED_AT_MAX }))
    if (counts(day, day.assignment(assignment)!)) yield assignment;
}

function notInBoth(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set(one).symmetricDifference(new Set(other))];
}

// Assignments of a file against those recorded: all rows of one assignment together.
import type { Views } from '@app/kernel';
import {
  assignmentOf,
  firstRecorded,
  neverHeld,
  type Assignment,
  type AssignmentFields,
  type ManagerLink,
  type NamedManager,
} from '@app/organisation';
import { refusedPeople, type AssignmentDraft, type Drafts } from './drafts';
import type { Piecewise } from './piecewise';
import type { Remark } from './sheet';

/** One assignment with all its rows, as it will be. */
export interface PlannedAssignment {
  readonly assignment: string;
  readonly person: string;
  readonly current: Assignment | undefined;
  /** Whether this import records it first: managers without a start then start with it. */
  readonly fresh: boolean;
  readonly wanted: AssignmentFields;
  readonly drafts: readonly AssignmentDraft[];
  /** Links recorded before; looked up once. */
  readonly links: readonly ManagerLink[];
}
export interface Known {
  readonly knowsPerson: (id: string) => boolean;
  readonly knowsUnit: (id: string) => boolean;
  readonly knowsPosition: (id: string) => boolean;
}

const DEFAULT_POSITION_TYPE = 'substantive';

export function* planAssignments(
  views: Views,
  drafts: readonly AssignmentDraft[],
  {
    known,
    effective,
    full,
    since,
    linksOf,
  }: {
    known: Known;
    effective: string;
    full: boolean;
    since: number | undefined;
    linksOf: (assignment: string) => readonly ManagerLink[];
  },
): Piecewise<Map<string, PlannedAssignment>> {
  const planned = new Map<string, PlannedAssignment>();
  for (const [id, all] of Map.groupBy(drafts, ({ assignment }) => assignment)) {
    yield;
    const alive = all.filter((draft) => stands(draft, known));
    refuseContradictions(id, alive);
    const [first] = alive.filter(({ row }) => !row.rejected);
    if (!first) continue;
    const current = assignmentOf(views, id);
    if (current && current.person !== first.person) {
      alive.forEach(({ row }) => row.refuse('assignment-of-another', `${id} is an assignment of ${current.person}`));
      continue;
    }
    if (first.deleted && !current) continue;
    const wanted = wantedFields(first, current, { effective, full });
    if (wanted.to !== undefined && (first.deleted ? wanted.to < wanted.from : wanted.to <= wanted.from)) {
      alive.forEach(({ row }) => row.refuse('ends-before-it-starts', `${id} ends on ${wanted.to} and starts on ${wanted.from}`));
      continue;
    }
    const fresh = !current || (since !== undefined && firstRecorded(views, id) > since);
    planned.set(id, { assignment: id, person: first.person, current, fresh, wanted, drafts: all, links: linksOf(id) });
  }
  return planned;
}

/** Jobs that a file names and that stay ended, since it does not speak of ends. */
export function stillEnded(planned: ReadonlyMap<string, PlannedAssignment>, effective: string): readonly Remark[] {
  return [...planned.values()].flatMap(({ assignment, current, wanted, drafts }) => {
    const [first] = drafts.filter(({ row }) => !row.rejected);
    if (!current || !first || first.deleted || saysEnd(first.fields) || !hasEnded(wanted, effective)) return [];
    return [first.row.remark('stays-ended', `${assignment} ended on ${wanted.to}, and the file does not say that it did not`)];
  });
}

/** Assignments under the same top units as those of the file, which the file no longer names: they end (I4). */
export function* unnamed(
  views: Views,
  planned: ReadonlyMap<string, PlannedAssignment>,
  { drafts, effective, topOf }: { drafts: Drafts; effective: string; topOf: (unit: string | undefined) => string },
): Piecewise<readonly { readonly person: string; readonly wanted: AssignmentFields }[]> {
  const named = new Set(drafts.assignments.map(({ assignment }) => assignment));
  const kept = refusedPeople(drafts);
  const tops = new Set([...planned.values()].map(({ wanted }) => topOf(wanted.unit)));
  const gone: { person: string; wanted: AssignmentFields }[] = [];
  const next = 'select id from assignments where id > ? and (valid_to is null or valid_to > ?) order by id limit 1000';
  for (let page = views.all<{ id: string }>(next, '', effective); page.length > 0; page = views.all(next, page.at(-1)!.id, effective)) {
    for (const { id } of page) {
      yield;
      if (named.has(id)) continue;
      const current = assignmentOf(views, id)!;
      if (kept.has(current.person) || !tops.has(topOf(current.unit))) continue;
      gone.push({ person: current.person, wanted: { ...fieldsOf(current), to: latest(current.from, effective) } });
    }
  }
  return gone;
}

export function fieldsOf({ id, positionType, position, unit, title, from, to, costCentre }: Assignment): AssignmentFields {
  return { assignment: id, positionType, position, unit, title, from, to, costCentre };
}

export function sameFields(current: Assignment | undefined, wanted: AssignmentFields): boolean {
  return (
    current !== undefined &&
    current.positionType === wanted.positionType &&
    current.position === wanted.position &&
    current.unit === wanted.unit &&
    current.title === wanted.title &&
    current.from === wanted.from &&
    current.to === wanted.to &&
    current.costCentre === wanted.costCentre
  );
}

function stands({ row, person, fields }: AssignmentDraft, known: Known): boolean {
  if (!known.knowsPerson(person)) row.refuse('unknown-person', `there is no person ${person}`);
  if (fields.unit !== undefined && !known.knowsUnit(fields.unit)) row.refuse('unknown-unit', `there is no unit ${fields.unit}`);
  if (fields.position !== undefined && !known.knowsPosition(fields.position))
    row.refuse('unknown-position', `there is no position ${fields.position}`);
  return !row.rejected;
}

/** A row that stands twice is taken once. Beyond that, rows of one assignment differ in the manager, or in what he is for. */
function refuseContradictions(id: string, drafts: readonly AssignmentDraft[]): void {
  if (drafts.length < 2) return;
  const refuse = ({ row }: AssignmentDraft) => row.refuse('duplicate-key', `another row says the same of ${id}, or something else`);
  const distinct = drafts.filter((draft, at) => {
    const double = drafts.slice(0, at).some(({ row }) => row.saysTheSameAs(draft.row));
    if (double) refuse(draft);
    return !double;
  });
  const says = ({ row, person, fields, deleted, whole }: AssignmentDraft) => JSON.stringify(whole ? row.line : [person, fields, deleted]);
  if (new Set(distinct.map(says)).size > 1) return distinct.forEach(refuse);
  for (const [, same] of Map.groupBy(distinct, ({ row, managers }) => (managers?.[0] ? managerKey(managers[0]) : row.line))) {
    if (new Set(same.map(({ managers }) => managers?.[0]?.to)).size > 1) same.forEach(refuse);
  }
}

/** What makes two rows speak of one link. */
export function managerKey({ manager, managerAssignment, kind, from }: NamedManager): string {
  return JSON.stringify([manager, managerAssignment, kind, from]);
}

function wantedFields(
  { assignment, fields, deleted }: AssignmentDraft,
  current: Assignment | undefined,
  { effective, full }: { effective: string; full: boolean },
): AssignmentFields {
  const before = current && fieldsOf(current);
  if (deleted && before) {
    return hasEnded(before, effective) ? before : { ...before, to: latest(before.from, effective) };
  }
  const merged = { ...before, ...fields };
  return {
    assignment,
    positionType: merged.positionType ?? before?.positionType ?? DEFAULT_POSITION_TYPE,
    position: merged.position,
    unit: merged.unit,
    title: merged.title,
    from: merged.from ?? before?.from ?? effective,
    to: before && !saysEnd(fields) && isAnew(before, { effective, full }) ? undefined : merged.to,
    costCentre: merged.costCentre,
  };
}

function saysEnd(fields: AssignmentDraft['fields']): boolean {
  return Object.hasOwn(fields, 'to');
}

/** Whether a job that has ended is in effect again when it is named: in a file that holds all that is, or where it never was. */
function isAnew(job: AssignmentFields, { effective, full }: { effective: string; full: boolean }): boolean {
  return neverHeld(job) || (full && hasEnded(job, effective));
}

function hasEnded({ to }: AssignmentFields, effective: string): boolean {
  return to !== undefined && to <= effective;
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}

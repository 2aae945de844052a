// What the rows of a file ask for, before it is compared with what is recorded.
import {
  LINK_KINDS,
  RESPONSIBILITIES,
  type AssignmentFields,
  type LinkKind,
  type NamedManager,
  type PersonDetails,
  type Responsibility,
} from '@app/organisation';
import { YES } from './fields';
import { mapped, type Piecewise } from './piecewise';
import { isId, type Remark, type Row, type Sheet } from './sheet';

/** A unit or a position. A field that the file has no column for is absent, one that is blank is `undefined`. */
export interface NodeDraft {
  readonly row: Row;
  readonly id: string;
  readonly fields: { readonly name: string; readonly above?: string | undefined; readonly unit?: string | undefined };
}
export interface PersonDraft {
  readonly row: Row;
  readonly person: string;
  readonly fields: Partial<PersonDetails>;
  /** Whether the file says that the person is gone; absent when it has no such column. */
  readonly deleted?: boolean;
}
export interface AssignmentDraft {
  readonly row: Row;
  readonly assignment: string;
  readonly person: string;
  readonly fields: Partial<Omit<AssignmentFields, 'assignment'>>;
  readonly deleted?: boolean;
  /** Absent when the file has no columns for managers: then those recorded stay. */
  readonly managers?: readonly NamedManager[];
  /** Says that one row holds all of an assignment, so that there is no second. */
  readonly whole?: true;
}
export interface Drafts {
  readonly units: readonly NodeDraft[];
  readonly positions: readonly NodeDraft[];
  readonly people: readonly PersonDraft[];
  readonly assignments: readonly AssignmentDraft[];
  readonly noted: readonly Remark[];
  /** Whether many rows may say the same of one unit, position or person, as those of an organogram do. */
  readonly repeats?: true;
}

export const NO_DRAFTS: Drafts = { units: [], positions: [], people: [], assignments: [], noted: [] };

/** Whether it is known of every refused row of whom it speaks: of any other nobody can say what it meant to keep. */
export function isComplete(rows: readonly Row[], { people, assignments }: Drafts): boolean {
  const refused = new Set(rows.filter(({ rejected }) => rejected));
  for (const { row } of refused.size > 0 ? [...people, ...assignments] : []) refused.delete(row);
  return refused.size === 0;
}

/** Whoever a refused row speaks of: it may have meant any of his jobs, so that none of them ends for not being named. */
export function refusedPeople({ people, assignments }: Drafts): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const drafts of [people, assignments]) for (const { row, person } of drafts) if (row.rejected) refused.add(person);
  return refused;
}

export function* organisationDrafts({ rows }: Sheet): Piecewise<Drafts> {
  return { ...NO_DRAFTS, units: yield* nodes(rows) };
}

export function* positionDrafts({ rows }: Sheet): Piecewise<Drafts> {
  return { ...NO_DRAFTS, positions: yield* nodes(rows) };
}

export function* peopleDrafts({ rows }: Sheet): Piecewise<Drafts> {
  const people = yield* mapped(taken(rows), (row): PersonDraft => {
    const fields = fed(row, { username: 'username', givenName: 'givenName', familyName: 'familyName', email: 'email' });
    return { row, person: row.text('person')!, fields, ...deletedIn(row) };
  });
  return { ...NO_DRAFTS, people };
}

/** One row for each assignment and manager. */
export function* assignmentDrafts({ rows }: Sheet): Piecewise<Drafts> {
  // Most managers have many who report to them: what rows say alike is read once, and shared. No file holds a NUL.
  const read = new Map<string, readonly NamedManager[]>();
  const managersOf = (row: Row): readonly NamedManager[] => {
    const text = MANAGER_FIELDS.map((field) => row.text(field) ?? '').join('\0');
    const known = read.get(text);
    if (known) return known;
    const managers = managersNamed(row);
    if (!row.rejected) read.set(text, managers);
    return managers;
  };
  const assignments = yield* mapped(taken(rows), (row): AssignmentDraft => {
    const { assignment, person, fields } = assignmentIn(row);
    const managers = row.has('manager') ? managersOf(row) : undefined;
    if (managers && !row.has('deleted')) return { row, assignment, person, fields, managers };
    return { row, assignment, person, fields, ...deletedIn(row), ...(managers && { managers }) };
  });
  return { ...NO_DRAFTS, assignments };
}

/** The rows of which nothing is wrong so far. */
export function taken(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ rejected }) => !rejected);
}

export function assignmentIn(row: Row): Omit<AssignmentDraft, 'row'> {
  const names = {
    positionType: 'positionType',
    position: 'position',
    unit: 'unit',
    title: 'title',
    from: 'from',
    to: 'to',
    costCentre: 'costCentre',
  };
  return { assignment: row.text('assignment')!, person: row.text('person')!, fields: fed(row, names) };
}

export function deletedIn(row: Row): { deleted?: boolean } {
  if (!row.has('deleted')) return {};
  return { deleted: YES.includes((row.text('deleted') ?? '').trim().toLowerCase()) };
}

/** The fields that have a column, blank ones as `undefined`. */
export function fed<Names extends Readonly<Record<string, string>>>(row: Row, names: Names): { [Field in keyof Names]?: string } {
  const found: { [Field in keyof Names]?: string } = {};
  for (const field in names) if (row.has(names[field]!)) found[field] = row.text(names[field]!);
  return found;
}

function nodes(rows: readonly Row[]): Piecewise<readonly NodeDraft[]> {
  return mapped(taken(rows), (row) => ({
    row,
    id: row.text('id')!,
    fields: { ...fed(row, { above: 'above', unit: 'unit' }), name: row.text('name')! },
  }));
}

const MANAGER_FIELDS = ['manager', 'managerKind', 'managerResponsibilities', 'managerFrom', 'managerTo'];

/** The manager of a row: `person`, or `person/assignment`. */
function managersNamed(row: Row): readonly NamedManager[] {
  const reference = row.text('manager')?.trim();
  if (reference === undefined) return [];
  const [manager = '', managerAssignment, ...more] = reference.split('/');
  if (more.length > 0 || !isId(manager) || (managerAssignment !== undefined && !isId(managerAssignment))) {
    row.refuse('bad-id', `manager_ref is neither person nor person/assignment: ${reference}`);
  }
  const kind = (row.text('managerKind')?.trim().toLowerCase() ?? 'direct') as LinkKind;
  if (!LINK_KINDS.includes(kind)) row.refuse('unknown-kind', `manager_kind is one of ${LINK_KINDS.join(', ')}: ${kind}`);
  const responsibilities = (row.text('managerResponsibilities') ?? 'approval;reporting')
    .split(/[;|]/)
    .map((one) => one.trim().toLowerCase());
  const unknown = responsibilities.find((one) => !RESPONSIBILITIES.includes(one as Responsibility));
  if (unknown !== undefined)
    row.refuse('unknown-responsibility', `manager_responsibilities are of ${RESPONSIBILITIES.join(', ')}: ${unknown}`);
  const [from, to] = [row.text('managerFrom'), row.text('managerTo')];
  return [
    {
      manager: manager.normalize('NFC'),
      ...(managerAssignment !== undefined && { managerAssignment: managerAssignment.normalize('NFC') }),
      kind,
      responsibilities: responsibilities as Responsibility[],
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    },
  ];
}

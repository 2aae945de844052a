// Rules of position types, as a file would keep or break them: rows of a job that breaks one are refused (O2).
import type { Views } from '@app/kernel';
import { inEffect, listPositionTypes, ReportingLines, type AssignmentFields, type PositionType, type TypeRules } from '@app/organisation';
import type { Piecewise } from './piecewise';
import { sameFields, type PlannedAssignment } from './plan-assignments';
import { isAlive, type ManagersPlan } from './plan-managers';
import type { Remark } from './sheet';

export type Types = ReadonlyMap<string, PositionType>;
type Planned = ReadonlyMap<string, PlannedAssignment>;

const PAGE = 1_000;

/** Types that have a rule for the fields of their assignments; most sites have few, or none. */
export function typesWithRules(views: Views): Types {
  const found = new Map<string, PositionType>();
  for (let after = '', full = true; full;) {
    const page = listPositionTypes(views, { after, limit: PAGE });
    for (const type of page) if (type.unitMandatory || type.managerMandatory || type.atMost !== undefined) found.set(type.id, type);
    full = page.length === PAGE;
    after = page.at(-1)?.id ?? after;
  }
  return found;
}

/** The rules of these types that a person's own stream keeps. */
export function rulesFor(types: Types, assignments: readonly AssignmentFields[]): Readonly<Record<string, TypeRules>> | undefined {
  if (types.size === 0) return undefined;
  const named = new Set(assignments.map(({ positionType }) => positionType));
  const rules = [...types.values()].filter(({ id, unitMandatory, atMost }) => named.has(id) && (unitMandatory || atMost !== undefined));
  if (rules.length === 0) return undefined;
  return Object.fromEntries(rules.map(({ id, unitMandatory, atMost }) => [id, { unitMandatory, ...(atMost !== undefined && { atMost }) }]));
}

/** What else is recorded of a person, as the file leaves it. */
type HeldBy = (person: string) => readonly AssignmentFields[];

/** Refuses jobs without the unit that their type demands, and all of too many. What is recorded already is left as it is. */
export function* refuseByType(types: Types, planned: Planned, heldBy: HeldBy): Piecewise<void> {
  if (types.size === 0) return;
  const people = new Set<string>();
  for (const one of planned.values()) {
    yield;
    const type = types.get(one.wanted.positionType);
    if (!type || !changes(one)) continue;
    if (type.unitMandatory && one.wanted.unit === undefined) {
      refuse(one, 'unit-required', `${one.assignment}: an assignment of type ${type.id} names a unit`);
    } else if (type.atMost !== undefined) people.add(one.person);
  }
  const theirs = Map.groupBy(
    [...planned.values()].filter(({ person }) => people.has(person)),
    ({ person }) => person,
  );
  for (const [person, jobs] of theirs) {
    yield;
    const others = heldBy(person).filter(({ assignment }) => !planned.has(assignment));
    for (const type of types.values()) refuseTooMany(type, jobs, others);
  }
}

/**
 * Refuses jobs of which a row says who manages them, and nobody does as their type demands. A file that does not speak of
 * managers leaves them for later, and is told so. Where position codes answer, the seat above manages.
 */
export function refuseUnmanaged(
  views: Views,
  types: Types,
  { planned, managers, effective }: { planned: Planned; managers: ManagersPlan; effective: string },
): { readonly refused: boolean; readonly noted: readonly Remark[] } {
  const noted: Remark[] = [];
  let refused = false;
  if (![...types.values()].some(({ managerMandatory }) => managerMandatory)) return { refused, noted };
  const lines = ReportingLines.on(views, effective);
  const named = new Map(managers.named.map((one) => [one.managers.assignment, one.managers.links]));
  for (const one of planned.values()) {
    const { assignment, wanted, drafts } = one;
    const type = types.get(wanted.positionType);
    if (!type?.managerMandatory || type.aspirational || !isAlive(one) || drafts.some(({ deleted }) => deleted)) continue;
    if (!named.has(assignment) && !changes(one)) continue;
    if (lines.modeIn(wanted.unit).mode === 'position-code') continue;
    const day = wanted.from > effective ? wanted.from : effective;
    const links = named.get(assignment) ?? one.links;
    if (!inEffect(wanted, day) || links.some(({ kind, to }) => kind === 'direct' && inEffect({ ...(to && { to }) }, day))) continue;
    const detail = `${assignment}: an assignment of type ${type.id} has a direct manager`;
    if (drafts.some(({ managers: said }) => said)) {
      refuse(one, 'manager-required', detail);
      refused = true;
    } else noted.push(drafts[0]!.row.remark('manager-required', detail));
  }
  return { refused, noted };
}

/** The most at once are there on the first day of one of them; on a day with too many, all that the file brings are refused. */
function refuseTooMany({ id, atMost }: PositionType, jobs: readonly PlannedAssignment[], others: readonly AssignmentFields[]): void {
  if (atMost === undefined) return;
  const own = jobs.filter((one) => isAlive(one) && one.wanted.positionType === id);
  const all = [...others.filter(({ positionType }) => positionType === id), ...own.map(({ wanted }) => wanted)];
  for (const { from } of all) {
    const held = all.filter((one) => inEffect(one, from)).length;
    if (held <= atMost) continue;
    for (const one of own) {
      if (!changes(one) || !inEffect(one.wanted, from)) continue;
      refuse(one, 'too-many-of-type', `${one.person} would hold ${held} assignments of type ${id} on ${from}, and ${atMost} at most`);
    }
  }
}

/** Whether the file brings the job, or changes it; one that ends breaks no rule. */
function changes(one: PlannedAssignment): boolean {
  return isAlive(one) && !one.drafts.some(({ deleted }) => deleted) && !sameFields(one.current, one.wanted);
}

function refuse({ drafts }: PlannedAssignment, code: string, detail: string): void {
  for (const { row } of drafts) if (!row.rejected) row.refuse(code, detail);
}

// Manager links of a file against those recorded, and the loops that the file would close or cut.
import type { Views } from '@app/kernel';
import {
  above,
  counts,
  inEffect,
  linkFault,
  linksOf,
  settle,
  type ManagerLink,
  type NamedManager,
  type NamedManagers,
  type ReportingGraph,
  type Settled,
} from '@app/organisation';
import type { AssignmentDraft } from './drafts';
import { managerKey, type PlannedAssignment } from './plan-assignments';
import type { Row } from './sheet';

export interface ManagersPlan {
  /** Only those that differ, managers before those who report to them. */
  readonly named: readonly { readonly managers: NamedManagers; readonly rows: readonly Row[] }[];
}
export interface ManagersQuestion {
  readonly effective: string;
  readonly knowsPerson: (id: string) => boolean;
  /** Whose assignment it is, recorded or planned. */
  readonly ownerOf: (assignment: string) => string | undefined;
}

interface Wish {
  readonly links: readonly NamedManager[];
  readonly settled: Settled;
}

/**
 * Refuses rows until what is left is a hierarchy: one refused row may leave another without its manager, or a loop uncut.
 * Only the end counts, so the order of the rows does not matter (I5).
 */
export function planManagers(views: Views, planned: ReadonlyMap<string, PlannedAssignment>, question: ManagersQuestion): ManagersPlan {
  const recorded = recordedGraph(views);
  const candidates = [...planned.values()].filter(({ drafts }) => drafts.some(({ managers }) => managers));
  let wishes = new Map<string, Wish>();
  for (let refused = true; refused;) {
    refused = candidates.filter((one) => refuseUnknown(one, question)).length > 0;
    wishes = new Map(candidates.filter(isAlive).map((one) => [one.assignment, wishOf(one, question.effective)]));
    const graph = overlaid(recorded, wishes, planned);
    for (const one of candidates) {
      const wish = wishes.get(one.assignment);
      if (wish && refuseFaults(one, wish, graph)) refused = true;
    }
  }
  const graph = overlaid(recorded, wishes, planned);
  const named = managersFirst(graph, [...wishes.keys()])
    .filter((id) => wishes.get(id)!.settled.assigned.length + wishes.get(id)!.settled.ended.length > 0)
    .map((id) => {
      const rows = alive(planned.get(id)!).map(({ row }) => row);
      judge(rows, planned.get(id)!, wishes.get(id)!.settled);
      return {
        managers: { assignment: id, person: planned.get(id)!.person, fresh: planned.get(id)!.fresh, links: wishes.get(id)!.links },
        rows,
      };
    });
  return { named };
}

export function isAlive(one: PlannedAssignment): boolean {
  return alive(one).length > 0;
}

function alive({ drafts }: PlannedAssignment): readonly AssignmentDraft[] {
  return drafts.filter(({ row }) => !row.rejected);
}

/** A row whose manager is not there says nothing about who else manages; so what is recorded of that kind stays. */
function wishOf(one: PlannedAssignment, effective: string): Wish {
  const lost = new Set(one.drafts.filter(({ row }) => row.rejected).flatMap(({ managers = [] }) => managers.map(({ kind }) => kind)));
  const ends = alive(one).some(({ deleted }) => deleted);
  const kept = one.links.filter((link) => (ends || lost.has(link.kind)) && inEffect({ to: link.to }, effective));
  const links = ends ? kept : [...merged(alive(one).flatMap(({ managers = [] }) => managers)), ...kept];
  return { links, settled: settle(one, one.links, { links, effective, fresh: one.fresh }) };
}

/** Rows that name one manager for different responsibilities are one link. */
function merged(managers: readonly NamedManager[]): readonly NamedManager[] {
  return [...Map.groupBy(managers, managerKey).values()].map((same) => ({
    ...same[0]!,
    responsibilities: [...new Set(same.flatMap(({ responsibilities }) => responsibilities))],
  }));
}

function refuseUnknown(one: PlannedAssignment, { knowsPerson, ownerOf }: ManagersQuestion): boolean {
  let refused = false;
  for (const { row, deleted, managers = [] } of alive(one)) {
    for (const { manager, managerAssignment } of deleted ? [] : managers) {
      const owner = managerAssignment === undefined ? manager : ownerOf(managerAssignment);
      if (knowsPerson(manager) && owner === manager) continue;
      row.refuse(
        'unknown-manager',
        managerAssignment === undefined ? `there is no person ${manager}` : `${manager} has no assignment ${managerAssignment}`,
      );
      refused = true;
    }
  }
  return refused;
}

/** Refuses the rows whose links break a rule of the hierarchy as it would be. */
function refuseFaults(one: PlannedAssignment, { settled }: Wish, graph: ReportingGraph): boolean {
  let refused = false;
  for (const link of settled.assigned) {
    const fault = linkFault(graph, link);
    if (!fault) continue;
    const rows = alive(one).filter(({ managers = [] }) =>
      managers.some((named) => named.manager === link.manager && named.kind === link.kind),
    );
    // A link that was kept breaks no rule by itself; then it is the rows beside it that do.
    for (const { row } of rows.length > 0 ? rows : alive(one)) row.refuse(fault.code, detailOf(fault.facts));
    refused = true;
  }
  return refused;
}

function detailOf(facts: Readonly<Record<string, unknown>>): string {
  const { detail } = facts;
  return typeof detail === 'string'
    ? detail
    : Object.entries(facts)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', ');
}

function judge(rows: readonly Row[], { current, drafts }: PlannedAssignment, { assigned, ended }: Settled): void {
  if (!current || drafts.some(({ deleted }) => deleted)) return;
  if (ended.length > 0) rows[0]?.judge('changed');
  for (const { row, managers = [] } of drafts) {
    if (managers.some((named) => assigned.some((link) => link.manager === named.manager && link.kind === named.kind))) row.judge('changed');
  }
}

/** The recorded graph, each part read once. */
function recordedGraph(views: Views): ReportingGraph {
  const links = new Map<string, readonly ManagerLink[]>();
  const owned = new Map<string, readonly string[]>();
  return {
    linksOf: (assignment) =>
      remembered(links, assignment, () => linksOf(views, assignment).filter(({ from, to }) => !(from && to && to <= from))),
    assignmentsOf: (person) =>
      remembered(owned, person, () => views.all<{ id: string }>('select id from assignments where person = ?', person).map(({ id }) => id)),
  };
}

/** The graph as it would be: links of the file, and assignments that are not recorded yet. */
function overlaid(
  recorded: ReportingGraph,
  wishes: ReadonlyMap<string, Wish>,
  planned: ReadonlyMap<string, PlannedAssignment>,
): ReportingGraph {
  const fresh = Map.groupBy(
    [...planned.values()].filter((one) => !one.current && wishes.has(one.assignment)),
    ({ person }) => person,
  );
  const owned = new Map<string, readonly string[]>();
  return {
    linksOf: (assignment) => wishes.get(assignment)?.settled.after ?? recorded.linksOf(assignment),
    assignmentsOf: (person) =>
      remembered(owned, person, () => [
        ...recorded.assignmentsOf(person),
        ...(fresh.get(person) ?? []).map(({ assignment }) => assignment),
      ]),
  };
}

/**
 * Assignments in an order in which each comes after those above it. Whoever is taken in this order has nothing above him but
 * what is final, so that no part of the way holds a loop, wherever the list is cut.
 */
function managersFirst(graph: ReportingGraph, assignments: readonly string[]): readonly string[] {
  const wanted = new Set(assignments);
  const seen = new Set<string>();
  const ordered: string[] = [];
  for (const start of assignments) {
    const path: { readonly id: string; readonly uppers: string[] }[] = [];
    const enter = (id: string) => {
      if (seen.has(id)) return;
      seen.add(id);
      path.push({
        id,
        uppers: graph
          .linksOf(id)
          .filter(counts)
          .flatMap((link) => above(graph, link)),
      });
    };
    enter(start);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const upper = last.uppers.pop();
      if (upper !== undefined) enter(upper);
      else {
        path.pop();
        if (wanted.has(last.id)) ordered.push(last.id);
      }
    }
  }
  return ordered;
}

function remembered<Value>(kept: Map<string, Value>, key: string, make: () => Value): Value {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

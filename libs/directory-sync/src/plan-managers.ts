// Manager links of a file against those recorded, and the loops that the file would close or cut.
import type { Views } from '@app/kernel';
import {
  inEffect,
  linkFault,
  linksOf,
  settle,
  UpwardWalk,
  type LinkKind,
  type ManagerLink,
  type NamedManager,
  type NamedManagers,
  type Overlap,
  type ReportingGraph,
  type Settled,
} from '@app/organisation';
import { demoted } from './demote-overlaps';
import type { AssignmentDraft } from './drafts';
import type { Piecewise } from './piecewise';
import { managerKey, type PlannedAssignment } from './plan-assignments';
import type { Remark, Row } from './sheet';

export interface ManagersPlan {
  /** Only those that differ, managers before those who report to them. */
  readonly named: readonly {
    readonly managers: NamedManagers;
    readonly rows: readonly Row[];
    /** Whether no link of the assignment was recorded before. */
    readonly isNew: boolean;
  }[];
  /** Direct managers who were taken as alternates, and managers who were over before anybody heard of them. */
  readonly noted: readonly Remark[];
}
export interface ManagersQuestion {
  readonly effective: string;
  readonly overlap: Overlap;
  readonly knowsPerson: (id: string) => boolean;
  /** Whose assignment it is, recorded or planned. */
  readonly ownerOf: (assignment: string) => string | undefined;
}

/** Shared by nearly all, of whom there are very many. */
const NOBODY: ReadonlySet<NamedManager> = new Set();

interface Wish {
  /** Said, and left out: over by now, and nobody can say since when. */
  readonly over: ReadonlySet<NamedManager>;
  readonly links: readonly NamedManager[];
  readonly settled: Settled;
}

/**
 * Refuses rows until what is left is a hierarchy: one refused row may leave another without its manager, or a loop uncut.
 * Only the end counts, so the order of the rows does not matter (I5).
 */
export function* planManagers(
  views: Views,
  planned: ReadonlyMap<string, PlannedAssignment>,
  question: ManagersQuestion,
): Piecewise<ManagersPlan> {
  const recorded = recordedGraph(views);
  const candidates = [...planned.values()].filter(({ drafts }) => drafts.some(({ managers }) => managers));
  let wishes = new Map<string, Wish>();
  let walk: UpwardWalk | undefined;
  for (let refused = true; refused;) {
    refused = candidates.filter((one) => refuseUnknown(one, question)).length > 0;
    wishes = new Map();
    for (const one of candidates) {
      yield;
      if (isAlive(one)) wishes.set(one.assignment, wishOf(one, question));
    }
    const graph = overlaid(recorded, wishes, planned);
    walk = new UpwardWalk(graph);
    for (const [id, { settled }] of wishes) {
      yield;
      if (differs(settled)) walk.from(id);
    }
    for (const one of candidates) {
      yield;
      const wish = wishes.get(one.assignment);
      if (wish && refuseFaults(one, wish, { graph, mayLoop: walk.loops })) refused = true;
    }
  }
  const named: ManagersPlan['named'][number][] = [];
  const noted = candidates.flatMap((one) => remarksOnOver(one, wishes.get(one.assignment)));
  // Whoever is taken in this order has nothing above him but what is final: wherever the list is cut, no part of it holds a loop.
  for (const id of walk!.ordered) {
    const [one, wish] = [planned.get(id), wishes.get(id)];
    if (!one || !wish || !differs(wish.settled)) continue;
    yield;
    const { links, settled } = wish;
    const rows = alive(one).map(({ row }) => row);
    judge(rows, one, settled);
    noted.push(...demotions(one, wish));
    named.push({ managers: { assignment: id, person: one.person, fresh: one.fresh, links }, rows, isNew: one.links.length === 0 });
  }
  return { named, noted };
}

/** Rows that name a direct manager who is an alternate now. */
function demotions(one: PlannedAssignment, { links, over }: Wish): readonly Remark[] {
  return alive(one).flatMap(({ row, managers = [] }) =>
    managers
      .filter((said) => said.kind === 'direct' && !over.has(said) && !links.some((link) => managerKey(link) === managerKey(said)))
      .map(({ manager }) => row.remark('demoted', `${manager} is an alternate of ${one.assignment}: another is its direct manager`)),
  );
}

function differs({ assigned, ended }: Settled): boolean {
  return assigned.length + ended.length > 0;
}

export function isAlive({ drafts }: PlannedAssignment): boolean {
  return drafts.some(({ row }) => !row.rejected);
}

function alive({ drafts }: PlannedAssignment): readonly AssignmentDraft[] {
  return drafts.some(({ row }) => row.rejected) ? drafts.filter(({ row }) => !row.rejected) : drafts;
}

/** A row whose manager is not there says nothing about who else manages; so what is recorded of that kind stays. */
function wishOf(one: PlannedAssignment, { effective, overlap }: Pick<ManagersQuestion, 'effective' | 'overlap'>): Wish {
  const taken = alive(one);
  const lost = taken === one.drafts ? [] : one.drafts.filter(({ row }) => row.rejected);
  const ends = taken.some(({ deleted }) => deleted);
  const isLost = (kind: LinkKind) => lost.some(({ managers = [] }) => managers.some((named) => named.kind === kind));
  const kept = one.links.filter((link) => (ends || isLost(link.kind)) && inEffect({ to: link.to }, effective));
  const all = taken.flatMap(({ managers = [] }) => managers);
  const past = all.filter((named) => isOver(named, one, effective));
  const over = past.length > 0 ? new Set(past) : NOBODY;
  const said = merged(past.length > 0 ? all.filter((named) => !over.has(named)) : all);
  const named = overlap === 'demote' ? merged(demoted(said, one.links)) : said;
  const links = ends ? kept : [...named, ...kept];
  return { over, links, settled: settle(one, one.links, { links, effective, fresh: one.fresh }) };
}

/** Whether the manager of a job that is known was so until a day, and nobody can say since when. */
function isOver(
  { manager, managerAssignment, kind, from, to }: NamedManager,
  { fresh, links }: PlannedAssignment,
  effective: string,
): boolean {
  if (fresh || from !== undefined || to === undefined || to > effective) return false;
  const isSame = (link: ManagerLink) => link.kind === kind && link.manager === manager && link.managerAssignment === managerAssignment;
  return !links.some((link) => isSame(link) && (link.to === to || inEffect({ to: link.to }, effective)));
}

function remarksOnOver(one: PlannedAssignment, wish: Wish | undefined): readonly Remark[] {
  if (!wish || wish.over.size === 0) return [];
  return alive(one).flatMap(({ row, managers = [] }) =>
    managers
      .filter((named) => wish.over.has(named))
      .map(({ manager, to }) =>
        row.remark('manager-over', `${manager} managed ${one.assignment} until ${to}, and the file does not say since when`),
      ),
  );
}

/** Rows that name one manager for different responsibilities are one link. */
function merged(managers: readonly NamedManager[]): readonly NamedManager[] {
  if (managers.length < 2) return managers;
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
function refuseFaults(
  one: PlannedAssignment,
  { settled }: Wish,
  { graph, mayLoop }: { readonly graph: ReportingGraph; readonly mayLoop: boolean },
): boolean {
  let refused = false;
  for (const link of settled.assigned) {
    const fault = linkFault(graph, link, mayLoop);
    if (!fault) continue;
    const rows = alive(one).filter(({ managers = [] }) =>
      managers.some((named) => named.manager === link.manager && (named.kind === link.kind || named.kind === 'direct')),
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
    if (
      managers.some((named) =>
        assigned.some((link) => link.manager === named.manager && (link.kind === named.kind || named.kind === 'direct')),
      )
    )
      row.judge('changed');
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

function remembered<Value>(kept: Map<string, Value>, key: string, make: () => Value): Value {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

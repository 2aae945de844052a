// Who manages whom. All edges of a site are one stream, so that its revision lets no two writers close a loop together.
import { Map } from 'immutable';
import { reject, type Decider, type RejectionKind } from '@app/kernel';
import { FIRST_DAY, neverHeld, present } from './interval';
import { linkOf, overlappingDirect, settle, type ManagerLink, type NamedManager, type Responsibility } from './manager-link';
import { loopThrough, UpwardWalk, type ReportingGraph } from './reporting-graph';

/** Most links of one event, so that it stays far below the largest event that the log takes. */
export const LINKS_PER_EVENT_MAX = 500;
/** An end for a link without a start that has never been. */
const BEFORE_ANY_DAY = '0001-01-01';
/** The stream's id: one per site. */
export const SITE = 'site';

/** All managers of one assignment, as another system names them. */
export interface NamedManagers {
  readonly assignment: string;
  readonly person: string;
  /** Says that the assignment is new, so that managers without a start manage it from its first day. */
  readonly fresh?: boolean;
  readonly links: readonly NamedManager[];
}

/** What becomes of a direct manager beside another for the same at the same time: refused, or taken as an alternate (E35). */
export const OVERLAPS = ['refuse', 'demote'] as const;
export type Overlap = (typeof OVERLAPS)[number];

export type ReportingCommand =
  | ({ type: 'AssignManager'; assignment: string; person: string; overlap?: Overlap } & NamedManager)
  | { type: 'EndManagerLink'; link: string; to: string }
  | CorrectManagerLink
  | { type: 'SyncManagers'; effective: string; assignments: readonly NamedManagers[] }
  | { type: 'RestoreManagers'; assignments: readonly { readonly assignment: string; readonly links: readonly ManagerLink[] }[] };
/** Says that a link was never as it was recorded. What is not named stays; a `to` of null takes the end away (E32, E34). */
export interface CorrectManagerLink {
  readonly type: 'CorrectManagerLink';
  readonly link: string;
  readonly from?: string;
  readonly to?: string | null;
  readonly responsibilities?: readonly Responsibility[];
}
export type ReportingEvent =
  | { type: 'ManagersAssigned'; links: readonly ManagerLink[] }
  | { type: 'ManagersEnded'; links: readonly { readonly id: string; readonly to: string }[] };

/** The library's own collections: with 600 000 links a copy of everything for each event would take seconds. */
interface State {
  readonly assignmentOfLink: Map<string, string>;
  readonly links: Map<string, readonly ManagerLink[]>;
  readonly assignments: Map<string, readonly string[]>;
}

export const reporting: Decider<State, ReportingCommand, ReportingEvent> = {
  name: 'reporting',
  initial: { assignmentOfLink: Map(), links: Map(), assignments: Map() },
  events: { ManagersAssigned: { links: 'list' }, ManagersEnded: { links: 'list' } },
  decide(command, state) {
    switch (command.type) {
      case 'AssignManager': {
        const asked = linkOf(command, command);
        const demotes = command.overlap === 'demote' && overlappingDirect(asked, linksOf(state, command.assignment));
        const link = demotes ? linkOf(command, { ...command, kind: 'alternate' }) : asked;
        if (state.assignmentOfLink.has(link.id)) reject('conflict', 'link-exists', { link: link.id });
        return allowed(state, [{ type: 'ManagersAssigned', links: [link] }]);
      }
      case 'EndManagerLink':
        return allowed(state, ended(state, command.link, command.to));
      case 'CorrectManagerLink':
        return allowed(state, corrected(state, command));
      case 'SyncManagers':
        return allowed(state, differences(state, command));
      case 'RestoreManagers':
        return allowed(state, restored(state, command.assignments));
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'ManagersAssigned':
        return withLinks(state, event.links);
      case 'ManagersEnded':
        return withLinks(
          state,
          event.links.flatMap(({ id, to }) => {
            const link = linkNamed(state, id);
            return link ? [{ ...link, to }] : [];
          }),
        );
    }
  },
};

/** Why a link cannot be, in a graph that already holds it. */
export interface LinkFault {
  readonly kind: RejectionKind;
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The rule that a link breaks, or nothing; the graph is the one that would be. Loops are looked for only where there may be any. */
export function linkFault(graph: ReportingGraph, link: ManagerLink, mayLoop: boolean): LinkFault | undefined {
  const { assignment, manager, from, to } = link;
  if (link.responsibilities.length === 0) return { kind: 'invalid', code: 'no-responsibility', facts: { assignment, manager } };
  if (manager === link.person) return { kind: 'invalid', code: 'self-manager', facts: { assignment, manager } };
  if (link.kind === 'temporary' && to === undefined)
    return { kind: 'invalid', code: 'temporary-needs-end', facts: { assignment, manager } };
  if (from !== undefined && to !== undefined && to <= from) {
    return { kind: 'invalid', code: 'ends-before-it-starts', facts: { assignment, from, to } };
  }
  const other = overlappingDirect(link, graph.linksOf(assignment));
  if (other) return { kind: 'conflict', code: 'direct-overlap', facts: { assignment, manager, other: other.manager, link: other.id } };
  const loop = mayLoop ? loopThrough(graph, link) : undefined;
  if (!loop) return undefined;
  return { kind: 'invalid', code: 'manager-loop', facts: { ...loop, detail: `${loop.path.join(' reports to ')} ${daysOf(loop)}` } };
}

function differences(
  state: State,
  { assignments, effective }: { assignments: readonly NamedManagers[]; effective: string },
): ReportingEvent[] {
  const settled = assignments.map((named) =>
    settle(named, linksOf(state, named.assignment), { links: named.links, effective, fresh: named.fresh === true }),
  );
  return [
    ...slices(settled.flatMap((one) => one.ended)).map((links): ReportingEvent => ({ type: 'ManagersEnded', links })),
    ...slices(settled.flatMap((one) => one.assigned)).map((links): ReportingEvent => ({ type: 'ManagersAssigned', links })),
  ];
}

/** Exactly these links: others are ended as if they had never been, and those that differ are recorded as they were. */
function restored(state: State, assignments: Extract<ReportingCommand, { type: 'RestoreManagers' }>['assignments']): ReportingEvent[] {
  const ended: { id: string; to: string }[] = [];
  const assigned: ManagerLink[] = [];
  for (const { assignment, links } of assignments) {
    const current = linksOf(state, assignment);
    ended.push(
      ...current.filter(({ id }) => !links.some((link) => link.id === id)).map(({ id, from = BEFORE_ANY_DAY }) => ({ id, to: from })),
    );
    for (const link of links) {
      const wanted = { ...linkOf(link, link), id: link.id };
      if (!current.some((one) => JSON.stringify(one) === JSON.stringify(wanted))) assigned.push(wanted);
    }
  }
  return [
    ...slices(ended).map((links): ReportingEvent => ({ type: 'ManagersEnded', links })),
    ...slices(assigned).map((links): ReportingEvent => ({ type: 'ManagersAssigned', links })),
  ];
}

/** The events, if the state after all of them keeps the rules: inside one command only the end counts (E13, I5). */
function allowed(state: State, events: readonly ReportingEvent[]): readonly ReportingEvent[] {
  const graph = graphOf(events.reduce((before, event) => reporting.evolve(before, event), state));
  const links = events.flatMap((event) => (event.type === 'ManagersAssigned' ? event.links : []));
  const walk = new UpwardWalk(graph);
  for (const { assignment } of links) walk.from(assignment);
  for (const link of links) {
    const fault = linkFault(graph, link, walk.loops);
    if (fault) reject(fault.kind, fault.code, fault.facts);
  }
  return events;
}

function ended(state: State, id: string, to: string): ReportingEvent[] {
  const link = linkNamed(state, id) ?? reject('not-found', 'unknown-link', { link: id });
  if (link.to === to) return [];
  // It lasts longer, as was never known of it.
  if (link.to !== undefined && link.to < to) return corrected(state, { type: 'CorrectManagerLink', link: id, to });
  if (link.from !== undefined && to < link.from) reject('invalid', 'ends-before-it-starts', { link: id, from: link.from, to });
  return [{ type: 'ManagersEnded', links: [{ id, to }] }];
}

/** The link in its new form. From another day it is another link, and the old one never was. */
function corrected(state: State, { link: id, from, to, responsibilities }: CorrectManagerLink): ReportingEvent[] {
  const link = linkNamed(state, id) ?? reject('not-found', 'unknown-link', { link: id });
  const wanted: NamedManager = present({
    ...link,
    from: from ?? link.from,
    to: to === undefined ? link.to : (to ?? undefined),
    responsibilities: responsibilities ?? link.responsibilities,
  });
  if (wanted.from === link.from) {
    const now: ManagerLink = { ...linkOf(link, wanted), id };
    return JSON.stringify(now) === JSON.stringify({ ...linkOf(link, link), id }) ? [] : [{ type: 'ManagersAssigned', links: [now] }];
  }
  const other = linkOf(link, wanted);
  if (state.assignmentOfLink.has(other.id)) reject('conflict', 'link-exists', { link: other.id });
  return [
    { type: 'ManagersEnded', links: [{ id, to: link.from ?? FIRST_DAY }] },
    { type: 'ManagersAssigned', links: [other] },
  ];
}

function withLinks(state: State, links: readonly ManagerLink[]): State {
  const assignmentOfLink = state.assignmentOfLink.asMutable();
  const byAssignment = state.links.asMutable();
  const assignments = state.assignments.asMutable();
  for (const link of links) {
    const others = (byAssignment.get(link.assignment) ?? []).filter(({ id }) => id !== link.id);
    // A link that ends before its first day was never in effect, and stands in nobody's way.
    const never = neverHeld(link);
    byAssignment.set(link.assignment, never ? others : [...others, link]);
    if (never) assignmentOfLink.delete(link.id);
    else assignmentOfLink.set(link.id, link.assignment);
    const owned = assignments.get(link.person) ?? [];
    if (!owned.includes(link.assignment)) assignments.set(link.person, [...owned, link.assignment]);
  }
  return { assignmentOfLink: assignmentOfLink.asImmutable(), links: byAssignment.asImmutable(), assignments: assignments.asImmutable() };
}

function graphOf(state: State): ReportingGraph {
  return {
    linksOf: (assignment) => linksOf(state, assignment),
    assignmentsOf: (person) => state.assignments.get(person) ?? [],
  };
}

function linksOf(state: State, assignment: string): readonly ManagerLink[] {
  return state.links.get(assignment) ?? [];
}

function linkNamed(state: State, id: string): ManagerLink | undefined {
  const assignment = state.assignmentOfLink.get(id);
  return assignment === undefined ? undefined : linksOf(state, assignment).find((link) => link.id === id);
}

function slices<Item>(items: readonly Item[]): (readonly Item[])[] {
  const count = Math.ceil(items.length / LINKS_PER_EVENT_MAX);
  return Array.from({ length: count }, (_, at) => items.slice(at * LINKS_PER_EVENT_MAX, (at + 1) * LINKS_PER_EVENT_MAX));
}

function daysOf({ from, to }: { readonly from?: string; readonly to?: string }): string {
  return `from ${from ?? 'the beginning'} ${to === undefined ? 'on' : `until ${to}`}`;
}

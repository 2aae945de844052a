// What a manager link is, and what remains of an assignment's links when another system names them anew.
import { inEffect, present, shared, type Interval } from './interval';

export const RESPONSIBILITIES = ['approval', 'reporting', 'appraisal', 'goals', 'notification'] as const;
export type Responsibility = (typeof RESPONSIBILITIES)[number];
/** Every set of responsibilities by its bits, each in its own order: hundreds of thousands of links share these few lists. */
export const RESPONSIBILITY_SETS: readonly (readonly Responsibility[])[] = Array.from({ length: 1 << RESPONSIBILITIES.length }, (_, bits) =>
  RESPONSIBILITIES.filter((_one, bit) => bits & (1 << bit)),
);

/** In the order in which they are asked: who stands in, who is first, who is next. */
export const LINK_KINDS = ['temporary', 'direct', 'alternate'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** Who manages an assignment, as what, for what and when; the manager is a person, or a person in one of his assignments. */
export interface NamedManager extends Interval {
  readonly manager: string;
  readonly managerAssignment?: string;
  readonly kind: LinkKind;
  readonly responsibilities: readonly Responsibility[];
}

export interface ManagerLink extends NamedManager {
  readonly id: string;
  readonly assignment: string;
  /** Whose assignment it is. */
  readonly person: string;
}

/** The links of one assignment, before and after, and what has to be recorded for it. */
export interface Settled {
  readonly after: readonly ManagerLink[];
  readonly assigned: readonly ManagerLink[];
  readonly ended: readonly { readonly id: string; readonly to: string }[];
}

/** The same manager in the same role from the same day is the same link, whoever names it. */
export function linkIdOf(assignment: string, { manager, managerAssignment, kind, from }: NamedManager): string {
  const who = managerAssignment === undefined ? manager : `${manager}/${managerAssignment}`;
  return `${assignment}/${kind}/${who}/${from ?? '-'}`;
}

/** The link with every field written out, responsibilities in their own order. */
export function linkOf({ assignment, person }: { assignment: string; person: string }, named: NamedManager): ManagerLink {
  return present({
    id: linkIdOf(assignment, named),
    assignment,
    person,
    manager: named.manager,
    managerAssignment: named.managerAssignment,
    kind: named.kind,
    responsibilities: RESPONSIBILITY_SETS[bitsOf(named.responsibilities)]!,
    from: named.from,
    to: named.to,
  });
}

/**
 * Compares an assignment's links with those that another system names. A named link without a start is whatever link of
 * the same manager and kind is there; if there is none, it starts on the effective day, or with the assignment when that
 * is new. Links that are named no longer end on the effective day; the past stays.
 */
export function settle(
  owner: { readonly assignment: string; readonly person: string },
  current: readonly ManagerLink[],
  { links, effective, fresh }: { readonly links: readonly NamedManager[]; readonly effective: string; readonly fresh: boolean },
): Settled {
  const rest = new Set(current);
  const after: ManagerLink[] = [];
  const assigned: ManagerLink[] = [];
  const ended: { id: string; to: string }[] = [];
  for (const named of links) {
    const found = knownLink(owner.assignment, rest, named, effective);
    const known = found && !turns(found, named, effective) ? found : undefined;
    const stated = linkOf(owner, { ...named, from: named.from ?? (known ? known.from : startOf(named, fresh, effective)) });
    const wanted = known ? { ...stated, id: known.id } : stated;
    if (known) rest.delete(known);
    after.push(wanted);
    if (!known || !sameSet(known.responsibilities, wanted.responsibilities)) assigned.push(wanted);
    else if (known.to !== wanted.to) {
      // What lasts longer than it did may close a loop, as a new link may; only what is shorter cannot.
      if (wanted.to === undefined || (known.to !== undefined && known.to < wanted.to)) assigned.push(wanted);
      else ended.push({ id: wanted.id, to: wanted.to });
    }
  }
  for (const link of rest) {
    if (link.to !== undefined && link.to <= effective) after.push(link);
    else {
      const to = link.from !== undefined && link.from > effective ? link.from : effective;
      ended.push({ id: link.id, to });
      if (link.from === undefined || link.from < to) after.push({ ...link, to });
    }
  }
  // A list that has grown keeps room for more, and an import holds one of each for every job.
  return { after: after.slice(), assigned: assigned.slice(), ended };
}

export function bitsOf(responsibilities: readonly Responsibility[]): number {
  return responsibilities.reduce((bits, one) => bits | (1 << RESPONSIBILITIES.indexOf(one)), 0);
}

/** Two direct managers of one assignment, for the same responsibility at the same time: nobody could say who is asked (E35). */
export function overlappingDirect(link: ManagerLink, others: readonly ManagerLink[]): ManagerLink | undefined {
  if (link.kind !== 'direct') return undefined;
  return others.find(
    (other) =>
      other.kind === 'direct' &&
      other.id !== link.id &&
      shared(link, other) !== undefined &&
      other.responsibilities.some((one) => link.responsibilities.includes(one)),
  );
}

function knownLink(assignment: string, rest: ReadonlySet<ManagerLink>, named: NamedManager, effective: string): ManagerLink | undefined {
  let inForce: ManagerLink | undefined;
  for (const link of rest) {
    if (link.kind !== named.kind || link.manager !== named.manager || link.managerAssignment !== named.managerAssignment) continue;
    if (named.from !== undefined) {
      if (link.id === linkIdOf(assignment, named)) return link;
    } else if (link.to === named.to && named.to !== undefined) return link;
    else if (inEffect({ to: link.to }, effective)) inForce ??= link;
  }
  return inForce;
}

/** Whether other responsibilities begin on the effective day; until then the link stands as it was. */
function turns(known: ManagerLink, named: NamedManager, effective: string): boolean {
  if (named.from !== undefined || sameSet(known.responsibilities, named.responsibilities)) return false;
  const began = known.from === undefined || known.from < effective;
  return began && (named.to === undefined || effective < named.to);
}

function startOf({ to }: NamedManager, fresh: boolean, effective: string): string | undefined {
  if (fresh || (to !== undefined && to <= effective)) return undefined;
  return effective;
}

function sameSet(one: readonly Responsibility[], other: readonly Responsibility[]): boolean {
  return one.every((each) => other.includes(each)) && other.every((each) => one.includes(each));
}

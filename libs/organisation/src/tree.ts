// What units and positions have in common: each has at most one above it on any day, and nothing is ever above itself.
import { Map } from 'immutable';
import { reject } from '@app/kernel';
import { LAST_DAY } from './interval';

/** Most nodes of one event, so that it stays far below the largest event that the log takes. */
export const NODES_PER_EVENT_MAX = 500;

/** How a node is from a day on, until its next version begins; '' is before any day. Without a node it is not there. */
export interface Version<Node> {
  readonly from: string;
  readonly node?: Node;
}
/** The first day on which a node is not there any more; without one, an end is taken back. */
export interface NodeEnd {
  readonly id: string;
  readonly to?: string;
}
/** Every node with its versions in the order of their days. */
export type Versions<Node> = Map<string, readonly Version<Node>[]>;

/**
 * Ids from a node over those above it back to itself, or nothing.
 * @param inNone nodes that are in no loop, as is known of the same tree; those that are found to be so are added, so that
 *   no part of a deep tree is walked twice
 */
export function treeLoop(
  above: (id: string) => string | undefined,
  id: string,
  inNone: Set<string> = new Set(),
): readonly string[] | undefined {
  const path = new Set<string>();
  let upper: string | undefined = id;
  for (; upper !== undefined && !path.has(upper) && !inNone.has(upper); upper = above(upper)) path.add(upper);
  if (upper === id && path.size > 0) return [...path, id];
  // A loop further up is told at the nodes that are in it.
  for (const one of path) {
    if (one === upper) break;
    inNone.add(one);
  }
  return undefined;
}

/** The recorded nodes with those of a command over them from the effective day; without one they always were so. */
export function overlaid<Node extends { readonly id: string }>(
  recorded: Versions<Node>,
  nodes: readonly Node[],
  effective: string | undefined,
): Versions<Node> {
  return recorded.withMutations((all) => {
    for (const node of nodes) {
      const others = effective === undefined ? [] : (all.get(node.id) ?? []).filter(({ from }) => from !== effective);
      const versions = [...others, { from: effective ?? '', node }];
      all.set(
        node.id,
        versions.sort((one, other) => (one.from < other.from ? -1 : 1)),
      );
    }
  });
}

/** Whether the node is already so: from the effective day, or always where none is named. */
export function isSo<Node>(
  versions: readonly Version<Node>[] | undefined,
  effective: string | undefined,
  same: (node: Node) => boolean,
): boolean {
  if (!versions) return false;
  if (effective === undefined) return versions.every(({ node }) => node !== undefined && same(node));
  const then = nodeOn(versions, effective);
  return then !== undefined && same(then);
}

/**
 * Holds every node to the rules of a tree on every day, as it is after all of them are recorded.
 * @throws Rejection `unknown` when nothing has the id above a node, or has ended; `loop` with the path and its first day
 */
export function requireTree<Node extends { readonly id: string }>(
  all: Versions<Node>,
  nodes: readonly Node[],
  {
    effective = '',
    above,
    unknown,
    loop,
  }: { effective: string | undefined; above: (node: Node) => string | undefined; unknown: string; loop: string },
): void {
  for (const node of nodes) {
    const upper = above(node);
    if (upper !== undefined && !all.has(upper)) reject('invalid', unknown, { id: node.id, above: upper });
  }
  for (const day of daysFrom(all, effective)) {
    const inNone = new Set<string>();
    const aboveOf = (id: string) => {
      const node = nodeOn(all.get(id) ?? [], day);
      return node && above(node);
    };
    for (const { id } of nodes) {
      const upper = aboveOf(id);
      if (upper !== undefined && hasEnded(all.get(upper), day)) reject('invalid', unknown, { id, above: upper, ended: day });
      const path = treeLoop(aboveOf, id, inNone);
      const since = day === '' ? {} : { from: day };
      if (path) reject('invalid', loop, { path, ...since, detail: path.join(' is below ') });
    }
  }
}

/** Lists short enough for one event each. */
export function inEvents<Node>(nodes: readonly Node[]): (readonly Node[])[] {
  const count = Math.ceil(nodes.length / NODES_PER_EVENT_MAX);
  return Array.from({ length: count }, (_, at) => nodes.slice(at * NODES_PER_EVENT_MAX, (at + 1) * NODES_PER_EVENT_MAX));
}

/** The nodes with their ends: what was to come after an end does not, and an end that was recorded before is moved. */
export function withEnds<Node>(recorded: Versions<Node>, ends: readonly NodeEnd[]): Versions<Node> {
  return recorded.withMutations((all) => {
    for (const { id, to } of ends) {
      const versions = all.get(id) ?? [];
      const kept = versions.at(-1)?.node === undefined ? versions.slice(0, -1) : versions;
      all.set(id, to === undefined ? kept : [...kept.filter(({ from }) => from < to), { from: to }]);
    }
  });
}

/** The ends that are not recorded so. @throws Rejection `unknown` for a node that nobody has recorded, `ends-before-it-starts` */
export function otherEnds<Node>(recorded: Versions<Node>, ends: readonly NodeEnd[], unknown: string): readonly NodeEnd[] {
  return ends.filter(({ id, to }) => {
    const versions = recorded.get(id) ?? reject('not-found', unknown, { id });
    const [from, last] = [versions[0]!.from, versions.at(-1)!];
    if (to !== undefined && to <= from) reject('invalid', 'ends-before-it-starts', { id, from, to });
    return to !== (last.node === undefined ? last.from : undefined);
  });
}

/** @throws Rejection `used` with what is directly below an ended node on a day after its end */
export function requireUnused<Node>(
  all: Versions<Node>,
  ends: readonly NodeEnd[],
  { above, used }: { above: (node: Node) => string | undefined; used: string },
): void {
  const ended = Map(ends.flatMap(({ id, to }) => (to === undefined ? [] : [[id, to] as const])));
  for (const day of daysFrom(all, [...ended.values()].toSorted()[0] ?? LAST_DAY)) {
    for (const [below, versions] of all) {
      const node = nodeOn(versions, day);
      const id = node && above(node);
      const to = id === undefined ? undefined : ended.get(id);
      if (to !== undefined && to <= day) reject('conflict', used, { id, to, below: [below], detail: `${below} is below it on ${day}` });
    }
  }
}

function hasEnded<Node>(versions: readonly Version<Node>[] | undefined, day: string): boolean {
  const version = versions?.findLast(({ from }) => from <= day);
  return version !== undefined && version.node === undefined;
}

export function nodeOn<Node>(versions: readonly Version<Node>[], day: string): Node | undefined {
  return versions.findLast(({ from }) => from <= day)?.node;
}

/** The effective day, and each later one on which the tree becomes another. */
function daysFrom<Node>(all: Versions<Node>, effective: string): ReadonlySet<string> {
  const days = new Set([effective]);
  for (const versions of all.values()) for (const { from } of versions) if (from > effective) days.add(from);
  return days;
}

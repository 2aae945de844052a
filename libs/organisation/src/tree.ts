// What units and positions have in common: each has at most one above it, and nothing is above itself.
import type { Map } from 'immutable';
import { reject } from '@app/kernel';

/** Most nodes of one event, so that it stays far below the largest event that the log takes. */
export const NODES_PER_EVENT_MAX = 500;

/** Ids from a node over those above it back to itself, or nothing. */
export function treeLoop(above: (id: string) => string | undefined, id: string): readonly string[] | undefined {
  const path = [id];
  const seen = new Set(path);
  for (let upper = above(id); upper !== undefined; upper = above(upper)) {
    path.push(upper);
    if (upper === id) return path;
    // A loop further up is told at the nodes that are in it.
    if (seen.has(upper)) return undefined;
    seen.add(upper);
  }
  return undefined;
}

/** The recorded nodes, and over them those of a command. */
export function overlaid<Node extends { readonly id: string }>(recorded: Map<string, Node>, nodes: readonly Node[]): Map<string, Node> {
  return recorded.withMutations((all) => nodes.forEach((node) => all.set(node.id, node)));
}

/**
 * Holds every node to the rules of a tree, as it is after all of them are recorded.
 * @throws Rejection `unknown` when nothing has the id above a node; `loop` with the path
 */
export function requireTree<Node extends { readonly id: string }>(
  all: Map<string, Node>,
  nodes: readonly Node[],
  { above, unknown, loop }: { above: (node: Node) => string | undefined; unknown: string; loop: string },
): void {
  const aboveOf = (id: string) => {
    const node = all.get(id);
    return node && above(node);
  };
  for (const node of nodes) {
    const upper = above(node);
    if (upper === undefined) continue;
    if (!all.has(upper)) reject('invalid', unknown, { id: node.id, above: upper });
    const path = treeLoop(aboveOf, node.id);
    if (path) reject('invalid', loop, { path, detail: path.join(' is below ') });
  }
}

/** Lists short enough for one event each. */
export function inEvents<Node>(nodes: readonly Node[]): (readonly Node[])[] {
  const count = Math.ceil(nodes.length / NODES_PER_EVENT_MAX);
  return Array.from({ length: count }, (_, at) => nodes.slice(at * NODES_PER_EVENT_MAX, (at + 1) * NODES_PER_EVENT_MAX));
}

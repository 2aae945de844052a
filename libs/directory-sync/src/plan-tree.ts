// Units or positions of a file against those recorded: what differs, those above first, so that any part may be taken alone.
import { treeLoop } from '@app/organisation';
import type { NodeDraft } from './drafts';
import type { Piecewise } from './piecewise';
import type { Remark, Row } from './sheet';

export interface NodeFields {
  readonly name: string;
  readonly above?: string | undefined;
  readonly unit?: string | undefined;
}
export interface PlannedNode {
  readonly id: string;
  readonly fields: NodeFields;
  readonly rows: readonly Row[];
  /** Whether nothing is recorded of it yet. */
  readonly isNew?: boolean;
}
export interface TreePlan {
  /** Only what differs. */
  readonly nodes: readonly PlannedNode[];
  readonly noted: readonly Remark[];
  /** Whether the node is recorded, or will be. */
  readonly knows: (id: string) => boolean;
}
export interface TreeQuestion {
  readonly drafts: readonly NodeDraft[];
  /** Whether several rows may name one node; then one whose superior is unknown is recorded without it. */
  readonly repeats: boolean;
  readonly recorded: (id: string) => NodeFields | undefined;
  /** Whether it was there and has ended: then it begins anew on the day, and has not always been so. */
  readonly hasEnded: (id: string) => boolean;
  readonly knowsUnit: (id: string) => boolean;
  readonly codes: { readonly unknown: string; readonly loop: string };
}

export function* planTree(question: TreeQuestion): Piecewise<TreePlan> {
  const { recorded, repeats, codes } = question;
  const noted: Remark[] = [];
  const wanted = repeats ? yield* gathered(question, noted) : yield* single(question);
  for (const { id, fields, rows } of wanted.values()) {
    yield;
    if (fields.unit === undefined || question.knowsUnit(fields.unit)) continue;
    rows.forEach((row) => row.refuse('unknown-unit', `there is no unit ${fields.unit}`));
    wanted.delete(id);
  }
  const fieldsOf = (id: string) => wanted.get(id)?.fields ?? recorded(id);
  const drop = (node: PlannedNode, code: string, detail: string) => {
    for (const row of node.rows) {
      if (repeats) row.refusePart(code, `${detail}; it is recorded without a superior`);
      else row.refuse(code, detail);
    }
    if (repeats) wanted.set(node.id, { ...node, fields: { ...node.fields, above: undefined } });
    else wanted.delete(node.id);
  };
  // What is dropped may be above something else, so it goes on until nothing more is.
  for (let before = -1; before !== cuts(wanted);) {
    before = cuts(wanted);
    for (const node of wanted.values()) {
      yield;
      const { above } = node.fields;
      if (above === undefined) continue;
      const loop = treeLoop((id) => fieldsOf(id)?.above, node.id);
      if (!fieldsOf(above)) drop(node, codes.unknown, `there is no ${above} above ${node.id}`);
      else if (loop) drop(node, codes.loop, loop.join(' is below '));
    }
  }
  const nodes = [...wanted.values()].flatMap((node): PlannedNode[] => {
    const { id, fields, rows } = node;
    const current = recorded(id);
    if (current && current.name === fields.name && current.above === fields.above && current.unit === fields.unit) return [];
    rows.forEach((row) => row.judge(current ? 'changed' : 'added'));
    return [{ ...node, isNew: !current && !question.hasEnded(id) }];
  });
  return { nodes: highestFirst(nodes), noted, knows: (id) => fieldsOf(id) !== undefined };
}

/** Grows with every drop, whether the node is left out or recorded without what is above it. */
function cuts(wanted: ReadonlyMap<string, PlannedNode>): number {
  let linked = 0;
  for (const { fields } of wanted.values()) if (fields.above !== undefined) linked++;
  return linked * 2 + wanted.size;
}

/** Every node once; of two rows that differ neither is taken, since nobody can say which is right. */
function* single({ drafts, recorded }: TreeQuestion): Piecewise<Map<string, PlannedNode>> {
  const wanted = new Map<string, PlannedNode>();
  for (const [id, all] of Map.groupBy(drafts, (draft) => draft.id)) {
    yield;
    if (
      refuseDoubles(
        all.map(({ row }) => row),
        id,
      )
    )
      continue;
    wanted.set(id, { id, fields: { ...recorded(id), ...all[0]!.fields }, rows: [all[0]!.row] });
  }
  return wanted;
}

function* gathered({ drafts, recorded }: TreeQuestion, noted: Remark[]): Piecewise<Map<string, PlannedNode>> {
  const wanted = new Map<string, PlannedNode>();
  for (const [id, all] of Map.groupBy(drafts, (draft) => draft.id)) {
    yield;
    const [first] = all;
    const other = all.find(({ fields }) => fields.name !== first!.fields.name || fields.above !== first!.fields.above);
    if (other) noted.push(other.row.remark('said-differently', `an earlier row says something else of ${id}, and is taken`));
    wanted.set(id, { id, fields: { ...recorded(id), ...first!.fields }, rows: [...new Set(all.map(({ row }) => row))] });
  }
  return wanted;
}

/** Refuses rows of one key but the first, and that too when they differ. Answers whether none is left. */
export function refuseDoubles(rows: readonly Row[], key: string): boolean {
  const [first, ...others] = rows;
  if (others.length === 0) return first!.rejected;
  const differs = others.some((row) => !row.saysTheSameAs(first!));
  const lines = rows.map(({ line }) => line).join(', ');
  for (const row of differs ? rows : others) row.refuse('duplicate-key', `${key} stands in the lines ${lines}`);
  return differs || first!.rejected;
}

function highestFirst(nodes: readonly PlannedNode[]): readonly PlannedNode[] {
  const waiting = new Map(nodes.map((node) => [node.id, node]));
  const ordered: PlannedNode[] = [];
  for (const node of nodes) {
    const upwards: PlannedNode[] = [];
    for (let next: PlannedNode | undefined = node; next && waiting.delete(next.id); next = waiting.get(next.fields.above ?? ''))
      upwards.push(next);
    ordered.push(...upwards.reverse());
  }
  return ordered;
}

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
  /** The day on which it ends for good, as it is recorded or will be. */
  readonly endOf: (id: string) => string | undefined;
}
/** How a node is from a day on; without fields it has ended. */
export interface NodeVersion {
  readonly from: string;
  readonly fields?: NodeFields;
}
type Recorded = (id: string) => NodeFields | undefined;
export interface TreeQuestion {
  readonly drafts: readonly NodeDraft[];
  /** Whether several rows may name one node; then one whose superior is unknown is recorded without it. */
  readonly repeats: boolean;
  readonly versions: (id: string) => readonly NodeVersion[];
  readonly effective: string;
  /** The days after it on which anything in the tree becomes another. */
  readonly laterDays: readonly string[];
  /** Absent of the units themselves. */
  readonly units?: Pick<TreePlan, 'knows' | 'endOf'>;
  readonly codes: { readonly unknown: string; readonly loop: string };
}

export function* planTree(question: TreeQuestion): Piecewise<TreePlan> {
  const { versions, effective, repeats, codes } = question;
  const then = (id: string) => thenOf(question, id);
  const recorded = (id: string) => then(id)?.fields;
  const noted: Remark[] = [];
  const wanted = repeats ? yield* gathered(question, recorded, noted) : yield* single(question, recorded);
  const fieldsOf = (id: string) => wanted.get(id)?.fields ?? recorded(id);
  /** As it will be on a later day: what was recorded for it stays, but of a node that was not there before. */
  const fieldsOn = (id: string, day: string) => {
    const later = wanted.has(id) && !then(id) ? undefined : versions(id).findLast(({ from }) => from > effective && from <= day);
    return later ? later.fields : fieldsOf(id);
  };
  yield* refuseUnits(wanted, question, fieldsOn);
  const drop = (node: PlannedNode, code: string, detail: string) => {
    for (const row of node.rows) {
      if (repeats) row.refusePart(code, `${detail}; it is recorded without a superior`);
      else row.refuse(code, detail);
    }
    if (repeats) wanted.set(node.id, { ...node, fields: { ...node.fields, above: undefined } });
    else wanted.delete(node.id);
  };
  const faultOn = (id: string, day: string) => {
    const above = fieldsOn(id, day)?.above;
    const since = day === effective ? '' : ` from ${day} on`;
    if (above === undefined) return undefined;
    const path = treeLoop((one) => fieldsOn(one, day)?.above, id);
    if (!fieldsOn(above, day)) return [codes.unknown, `there is no ${above} above ${id}${since}`] as const;
    return path && ([codes.loop, `${path.join(' is below ')}${since}`] as const);
  };
  const days = [effective, ...question.laterDays];
  // What is dropped may be above something else, so it goes on until nothing more is.
  for (let before = -1; before !== cuts(wanted);) {
    before = cuts(wanted);
    for (const node of wanted.values()) {
      yield;
      if (node.fields.above === undefined) continue;
      const fault = days
        .values()
        .map((day) => faultOn(node.id, day))
        .find((found) => found !== undefined);
      if (fault) drop(node, ...fault);
    }
  }
  const nodes = highestFirst(
    [...wanted.values()].filter(({ id, fields, rows }) => {
      const current = recorded(id);
      if (current && current.name === fields.name && current.above === fields.above && current.unit === fields.unit) return false;
      rows.forEach((row) => row.judge(current ? 'changed' : 'added'));
      return true;
    }),
  );
  return {
    nodes: withBeginnings(nodes, question),
    noted,
    knows: (id) => fieldsOf(id) !== undefined,
    endOf: (id) => {
      const last = versions(id).at(-1);
      if (!last || last.fields) return undefined;
      return wanted.has(id) && (!then(id) || last.from <= effective) ? undefined : last.from;
    },
  };
}

/** How it is on the effective day, or that it has ended; nothing for one that was not there before. */
function thenOf({ versions, effective }: Pick<TreeQuestion, 'versions' | 'effective'>, id: string): NodeVersion | undefined {
  return versions(id).findLast(({ from }) => from <= effective);
}

/** Nothing is in a unit that is not there, or after its end. */
function* refuseUnits(
  wanted: Map<string, PlannedNode>,
  { units, laterDays }: TreeQuestion,
  fieldsOn: (id: string, day: string) => NodeFields | undefined,
): Piecewise<void> {
  for (const { id, fields, rows } of wanted.values()) {
    yield;
    const { unit } = fields;
    if (unit === undefined || !units) continue;
    const end = units.endOf(unit);
    if (!units.knows(unit)) rows.forEach((row) => row.refuse('unknown-unit', `there is no unit ${unit}`));
    else if (end !== undefined && [end, ...laterDays].some((day) => day >= end && fieldsOn(id, day)?.unit === unit))
      rows.forEach((row) => row.refuse('unit-in-use', `unit ${unit} ends on ${end}, and ${id} would be there after it`));
    else continue;
    wanted.delete(id);
  }
}

/** What is new always was so. What had ended begins anew on the day, and what is new below it begins with it. */
function withBeginnings(highest: readonly PlannedNode[], question: TreeQuestion): readonly PlannedNode[] {
  const anew = new Set<string>();
  return highest.map((node) => {
    const then = thenOf(question, node.id);
    const { above = '' } = node.fields;
    if (!then?.fields && (then || anew.has(above) || question.versions(above).some(({ fields }) => !fields))) anew.add(node.id);
    return { ...node, isNew: !then && !anew.has(node.id) };
  });
}

/** Grows with every drop, whether the node is left out or recorded without what is above it. */
function cuts(wanted: ReadonlyMap<string, PlannedNode>): number {
  let linked = 0;
  for (const { fields } of wanted.values()) if (fields.above !== undefined) linked++;
  return linked * 2 + wanted.size;
}

/** Every node once; of two rows that differ neither is taken, since nobody can say which is right. */
function* single({ drafts }: TreeQuestion, recorded: Recorded): Piecewise<Map<string, PlannedNode>> {
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

function* gathered({ drafts }: TreeQuestion, recorded: Recorded, noted: Remark[]): Piecewise<Map<string, PlannedNode>> {
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

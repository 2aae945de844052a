// The organisation chart of a day: posts with those who hold them, or units with the posts that head them, from the top down (O16).
import type { Views } from '@app/kernel';
import { nameOf, positionHolders, type Page } from './hierarchy-queries';
import { present } from './interval';
import { positionOf, unitOf } from './structure-queries';

export interface Holder {
  readonly person: string;
  readonly name: string;
  readonly assignment: string;
}
export interface ChartPost {
  readonly id: string;
  readonly title: string;
  readonly unit?: string;
  readonly superior?: string;
  /** Several when the job is shared, none when it is vacant. */
  readonly holders: readonly Holder[];
}
export interface ChartUnit {
  readonly id: string;
  readonly name: string;
  readonly parent?: string;
  /** The first posts of the unit whose superior is elsewhere, or that have none. */
  readonly heads: readonly ChartPost[];
}
export interface ChartQuery extends Page {
  readonly asOf: string;
  /** Most levels that are shown. */
  readonly depth?: number | undefined;
  /** Of units: this one at the top. Of posts: the heads of this unit at the top, and whatever is below them. */
  readonly unit?: string | undefined;
  /** Of posts: this one at the top. */
  readonly position?: string | undefined;
}
export interface ChartPage<Node> {
  /** Each with its level, 1 for those at the top. */
  readonly items: readonly (Node & { readonly depth: number })[];
  /** The `after` of the next page, where one may follow. */
  readonly next?: string;
}

/** Heads shown of one unit. */
const HEADS_MAX = 20;

export function chartOfPosts(views: Views, query: ChartQuery): ChartPage<ChartPost> {
  const { asOf, unit, position } = query;
  const above = (id: string) => standing(positionOf(views, id, asOf)?.superior, (upper) => positionOf(views, upper, asOf));
  const named = position !== undefined && (positionOf(views, position, asOf) ? [position] : []);
  const heads = unit !== undefined && headsOf(views, unit, { asOf, above });
  const forest: Forest = {
    tops: named || heads || ((after, most) => idsOf(views, TOPS.positions, asOf, after, most)),
    below: (id, after, most) => idsOf(views, BELOW.positions, asOf, after, most, id),
    above,
  };
  return pageOf(forest, query, (id) => postOf(views, id, asOf));
}

export function chartOfUnits(views: Views, query: ChartQuery): ChartPage<ChartUnit> {
  const { asOf, unit } = query;
  const named = unit !== undefined && (unitOf(views, unit, asOf) ? [unit] : []);
  const forest: Forest = {
    tops: named || ((after, most) => idsOf(views, TOPS.units, asOf, after, most)),
    below: (id, after, most) => idsOf(views, BELOW.units, asOf, after, most, id),
    above: (id) => standing(unitOf(views, id, asOf)?.parent, (upper) => unitOf(views, upper, asOf)),
  };
  return pageOf(forest, query, (id) => {
    const node = unitOf(views, id, asOf);
    return node && { ...node, heads: idsOf(views, HEADS, asOf, '', HEADS_MAX, id).flatMap((post) => postOf(views, post, asOf) ?? []) };
  });
}

/** Nodes by their ids, those beside each other in the order of these; each has one place. */
interface Forest {
  /** Those at the top, where they are few; else a page of them. */
  readonly tops: readonly string[] | ((after: string, most: number) => readonly string[]);
  readonly below: (id: string, after: string, most: number) => readonly string[];
  readonly above: (id: string) => string | undefined;
}
interface Step {
  readonly id: string;
  readonly level: number;
}

function pageOf<Node>(
  forest: Forest,
  { after, limit, depth = Infinity }: ChartQuery,
  nodeOf: (id: string) => Node | undefined,
): ChartPage<Node> {
  const items: (Node & { depth: number })[] = [];
  const path = after === undefined ? [] : pathTo(forest, after);
  for (const { id, level } of stepsBelow(forest, undefined, { path, depth, most: limit, level: 1 })) {
    const node = nodeOf(id);
    if (node) items.push({ ...node, depth: level });
    if (items.length === limit) return { items, next: id };
  }
  return { items };
}

/** Each node before those below it, after the one to which the path leads. */
function* stepsBelow(
  forest: Forest,
  id: string | undefined,
  how: { readonly path: readonly string[]; readonly depth: number; readonly most: number; readonly level: number },
): Generator<Step> {
  const { path, depth, most, level } = how;
  if (level > depth) return;
  const [first = '', ...rest] = path;
  const lower = { ...how, level: level + 1 };
  if (first !== '') yield* stepsBelow(forest, first, { ...lower, path: rest });
  for (let last = first, full = true; full;) {
    const ids = id === undefined ? topsOf(forest, last, most) : forest.below(id, last, most);
    for (const one of ids) {
      yield { id: one, level };
      yield* stepsBelow(forest, one, { ...lower, path: [] });
    }
    full = ids.length === most;
    last = ids.at(-1) ?? last;
  }
}

function topsOf({ tops }: Forest, after: string, most: number): readonly string[] {
  return typeof tops === 'function' ? tops(after, most) : tops.slice(tops.indexOf(after) + 1, tops.indexOf(after) + 1 + most);
}

/** From the top of the chart down to the node. */
function pathTo({ tops, above }: Forest, id: string): readonly string[] {
  const path = [id];
  while (typeof tops === 'function' || !tops.includes(path[0]!)) {
    const upper = above(path[0]!);
    if (upper === undefined) break;
    path.unshift(upper);
  }
  return path;
}

/** What is above a node, if that is there on the day. */
function standing(upper: string | undefined, find: (id: string) => unknown): string | undefined {
  return upper !== undefined && find(upper) ? upper : undefined;
}

/** Posts of the unit that have nobody of it anywhere above them. */
function headsOf(views: Views, unit: string, { asOf, above }: { asOf: string; above: Forest['above'] }): readonly string[] {
  return idsOf(views, HEADS, asOf, '', -1, unit).filter((head) => {
    for (let upper = above(head); upper !== undefined; upper = above(upper))
      if (positionOf(views, upper, asOf)?.unit === unit) return false;
    return true;
  });
}

/** The version of `n` that holds on the day. */
const HOLDS = (tree: string) =>
  `n.valid_from = (select v.valid_from from ${tree} v where v.id = n.id and v.valid_from <= ?1 order by v.valid_from desc limit 1)`;
/** Without anything above, or below what is there only later, or no more. */
const TOP = (tree: string, above: string) => `
  select n.id from ${tree} n where n.${above} is null and n.ended = 0 and n.id > ?2 and ${HOLDS(tree)}
  union select n.id from ${tree} s cross join ${tree} n on n.${above} = s.id
  where s.valid_from > ?1 and not exists (select 1 from ${tree} e where e.id = s.id and e.valid_from <= ?1) and n.id > ?2 and ${HOLDS(tree)}
  union select n.id from ${tree} s cross join ${tree} n on n.${above} = s.id
  where s.ended = 1 and ${HOLDS(tree).replaceAll('n.', 's.')} and n.id > ?2 and ${HOLDS(tree)}
  order by id limit +?3`;
const LOWER = (tree: string, above: string) =>
  `select n.id from ${tree} n where n.${above} = ?4 and n.id > ?2 and ${HOLDS(tree)} order by n.id limit +?3`;
const TOPS = { positions: TOP('positions', 'superior'), units: TOP('units', 'parent') };
const BELOW = { positions: LOWER('positions', 'superior'), units: LOWER('units', 'parent') };
const HEADS = `
  select n.id from positions n where n.unit = ?4 and n.id > ?2 and ${HOLDS('positions')} and not exists (
    select 1 from positions s where s.id = n.superior and s.unit = ?4 and s.valid_from = (
      select v.valid_from from positions v where v.id = s.id and v.valid_from <= ?1 order by v.valid_from desc limit 1))
  order by n.id limit +?3`;

function idsOf(views: Views, sql: string, ...values: readonly (string | number)[]): readonly string[] {
  return views.all<{ id: string }>(sql, ...values).map(({ id }) => id);
}

function postOf(views: Views, id: string, asOf: string): ChartPost | undefined {
  const post = positionOf(views, id, asOf);
  if (!post) return undefined;
  const holders = positionHolders(views, id, asOf).map(({ person, id: assignment }) => ({
    person,
    name: nameOf(views, person) ?? '',
    assignment,
  }));
  return present({ id, title: post.title, unit: post.unit, superior: post.superior, holders });
}

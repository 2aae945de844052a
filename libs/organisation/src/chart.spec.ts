// The chart of any day, as known at any position, page by page, is what drawing the whole tree from the facts gives.
import { ReadModels } from '@app/event-log';
import type { Typed, Views } from '@app/kernel';
import { asKnown, chartOfPosts, chartOfUnits, hierarchy, positionHolders, type ChartQuery } from '.';
import { randomFrom, seedOf } from '../../../test/support/random';

const random = randomFrom(seedOf());
const DAYS = ['2024-01-01', '2025-01-01', '2026-01-01'];
const TODAY = '2026-06-01';
interface Node {
  readonly id: string;
  readonly title: string;
  readonly superior?: string;
  readonly unit?: string;
}

class Trees {
  readonly models = new ReadModels(':memory:', [hierarchy]);
  private readonly facts: { readonly position: number; readonly node: Node; readonly from: string }[] = [];
  private position = 0;

  learn(event: Typed & Record<string, unknown>): number {
    const position = ++this.position;
    const meta = { id: `e${position}`, command: 'c', actor: 'suite', at: new Date(position * 1000).toISOString() };
    this.models.apply([{ position, stream: 's-1', revision: position, event, meta }]);
    return position;
  }

  /** The same tree of posts, and of units under other names. */
  record(node: Node, effective: string): void {
    const { id, title, superior } = node;
    const unit = { id, name: title, ...(superior !== undefined && { parent: superior }) };
    this.learn({ type: 'UnitsRecorded', units: [unit], effective });
    this.facts.push({ position: this.learn({ type: 'PositionsRecorded', positions: [node], effective }), node, from: effective });
  }

  has(id: string): boolean {
    return this.facts.some(({ node }) => node.id === id);
  }

  on(day: string, position: number): ReadonlyMap<string, Node> {
    const known = this.facts.filter((fact) => fact.position <= position && fact.from <= day);
    const byDay = known.toSorted((one, other) => (one.from < other.from ? -1 : one.from > other.from ? 1 : one.position - other.position));
    return new Map(byDay.map(({ node }) => [node.id, node]));
  }
}

/** From the top down, with levels; what is above but not there on the day is as if nothing were. */
function drawn(nodes: ReadonlyMap<string, Node>, tops: readonly string[], depth: number): readonly string[] {
  const below = (id: string) => [...nodes.values()].filter(({ superior }) => superior === id).map((node) => node.id);
  const draw = (id: string, level: number): string[] =>
    level > depth
      ? []
      : [
          `${level} ${id}`,
          ...below(id)
            .toSorted()
            .flatMap((lower) => draw(lower, level + 1)),
        ];
  return tops.toSorted().flatMap((top) => draw(top, 1));
}

function topsOf(nodes: ReadonlyMap<string, Node>): readonly string[] {
  return [...nodes.values()].filter(({ superior }) => superior === undefined || !nodes.has(superior)).map(({ id }) => id);
}

function headsOf(nodes: ReadonlyMap<string, Node>, unit: string): readonly string[] {
  const underOne = ({ superior }: Node): boolean => {
    const upper = superior === undefined ? undefined : nodes.get(superior);
    return upper !== undefined && (upper.unit === unit || underOne(upper));
  };
  return [...nodes.values()].filter((node) => node.unit === unit && !underOne(node)).map(({ id }) => id);
}

function pages(chart: typeof chartOfPosts | typeof chartOfUnits, views: Views, query: Omit<ChartQuery, 'limit'>): readonly string[] {
  const all: string[] = [];
  const limit = 1 + random.below(4);
  for (let after: string | undefined; ;) {
    const page = chart(views, { ...query, limit, ...(after !== undefined && { after }) });
    all.push(...page.items.map(({ depth, id }) => `${depth} ${id}`));
    if (page.next === undefined) return all;
    after = page.next;
  }
}

test(`random trees of posts and of units, on any day, whole, in part and by levels (O16; SEED=${random.seed})`, () => {
  let nested = 0;
  for (let round = 0; round < 60; round++) {
    const trees = new Trees();
    for (let count = 0; count < 45; count++) {
      const at = random.below(12);
      // Only what has a smaller number is above, so that no day has a loop.
      const upper = `p${random.below(at || 1)}`;
      const superior = at > 0 && trees.has(upper) && random.below(5) > 0 ? upper : undefined;
      const node = { id: `p${at}`, title: `T${count}`, ...(superior && { superior }), unit: random.of(['u', 'v', 'w']) };
      trees.record(node, random.of(DAYS));
    }
    // After a pair of a unit and its post.
    const known = 2 + 2 * random.below(trees.models.position / 2);
    for (const [views, position] of [
      [trees.models, trees.models.position],
      [asKnown(trees.models, known), known],
    ] as const) {
      const asOf = random.of([...DAYS, '2023-01-01', TODAY]);
      const depth = random.of([1, 2, 3, 99]);
      const nodes = trees.on(asOf, position);
      expect(pages(chartOfPosts, views, { asOf, depth })).toEqual(drawn(nodes, topsOf(nodes), depth));
      expect(pages(chartOfPosts, views, { asOf, depth, unit: 'u' })).toEqual(drawn(nodes, headsOf(nodes, 'u'), depth));
      const root = `p${random.below(12)}`;
      const rooted = drawn(nodes, nodes.has(root) ? [root] : [], depth);
      expect(pages(chartOfPosts, views, { asOf, depth, position: root })).toEqual(rooted);
      expect(pages(chartOfUnits, views, { asOf, depth, unit: root })).toEqual(rooted);
      nested += drawn(nodes, topsOf(nodes), 99).filter((line) => line.startsWith('3')).length;
    }
    trees.models.close();
  }
  // Some 120 are usual; flat trees would prove nothing.
  expect(nested).toBeGreaterThan(30);
});

test('a post shows who holds it on the day, a unit the posts that head it; vacant ones hold nobody', () => {
  const trees = new Trees();
  for (const [id, givenName] of Object.entries({ ann: 'Ann', bob: 'Bob', cat: 'Cat' }))
    trees.learn({ type: 'PersonRegistered', person: id, username: id, givenName, familyName: 'Lee' });
  trees.learn({ type: 'UnitsRecorded', units: [{ id: 'ward', name: 'Ward' }] });
  const posts = [
    { id: 'head', title: 'Head', unit: 'ward' },
    { id: 'nurse', title: 'Nurse', unit: 'ward', superior: 'head' },
  ];
  trees.learn({ type: 'PositionsRecorded', positions: posts });
  for (const [person, position, to] of [
    ['ann', 'head', '2026-03-01'],
    ['bob', 'nurse', undefined],
    ['cat', 'nurse', undefined],
  ])
    trees.learn({
      type: 'AssignmentStarted',
      assignment: `${person}-1`,
      person,
      positionType: 't',
      position,
      from: '2026-01-01',
      ...(to && { to }),
    });
  const shared = ['bob', 'cat'].map((person) => ({
    person,
    name: `${person[0]!.toUpperCase()}${person.slice(1)} Lee`,
    assignment: `${person}-1`,
  }));
  const head = { ...posts[0]!, holders: [{ person: 'ann', name: 'Ann Lee', assignment: 'ann-1' }] };
  const query = { asOf: '2026-02-01', limit: 10 };
  expect(chartOfPosts(trees.models, query).items).toEqual([
    { ...head, depth: 1 },
    { ...posts[1], holders: shared, depth: 2 },
  ]);
  expect(chartOfPosts(trees.models, { ...query, asOf: TODAY, depth: 1 }).items).toEqual([{ ...posts[0], holders: [], depth: 1 }]);
  expect(chartOfUnits(trees.models, query).items).toEqual([{ id: 'ward', name: 'Ward', heads: [head], depth: 1 }]);
  expect(positionHolders(trees.models, 'nurse', TODAY).map(({ person }) => person)).toEqual(['bob', 'cat']);
  trees.models.close();
});

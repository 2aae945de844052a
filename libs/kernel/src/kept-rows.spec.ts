import { keptAnswers, keptRows } from './kept-rows';
import type { Views } from './projection';

/** Views of which a test changes the rows, and says so or not. */
function changing({ versioned = true } = {}) {
  const state = { version: 1, rows: [{ name: 'Ann' }], asked: 0 };
  const all = () => {
    state.asked++;
    return [...state.rows];
  };
  const views = { get: () => undefined, all, ...(versioned && { version: () => state.version }) } as unknown as Views;
  return { state, views };
}
const SQL = 'select name from people where id = ?';

test('the same question is asked once', () => {
  const { state, views } = changing();
  const ask = keptRows('people');
  expect([ask(views, SQL, 'p1'), ask(views, SQL, 'p1')]).toEqual([[{ name: 'Ann' }], [{ name: 'Ann' }]]);
  expect(state.asked).toBe(1);
  ask(views, SQL, 'p2');
  ask(views, 'select 1', 'p1');
  expect(state.asked).toBe(3);
});
test('a change of the read model is seen at once', () => {
  const { state, views } = changing();
  const ask = keptRows('people');
  ask(views, SQL, 'p1');
  Object.assign(state, { version: 2, rows: [{ name: 'Ann Lee' }] });
  expect(ask(views, SQL, 'p1')).toEqual([{ name: 'Ann Lee' }]);
});
test('what two read models of one process say is kept apart', () => {
  const [one, other] = [changing(), changing()];
  Object.assign(other.state, { rows: [{ name: 'Bob' }] });
  const ask = keptRows('people');
  expect([ask(one.views, SQL, 'p1'), ask(other.views, SQL, 'p1')]).toEqual([[{ name: 'Ann' }], [{ name: 'Bob' }]]);
});
test('views that do not say their version are asked each time', () => {
  const { state, views } = changing({ versioned: false });
  const ask = keptRows('people');
  ask(views, SQL, 'p1');
  Object.assign(state, { rows: [] });
  expect(ask(views, SQL, 'p1')).toEqual([]);
});
test('where one value ends and the next begins makes another question', () => {
  const { state, views } = changing();
  const ask = keptRows('people');
  ask(views, SQL, 'a\n', 'b');
  ask(views, SQL, 'a', '\nb');
  expect(state.asked).toBe(2);
});
test('an answer of two read models is found anew when either changes', () => {
  const versions: Record<string, number> = { people: 1, settings: 1 };
  const views = { get: () => undefined, all: () => [], version: (model: string) => versions[model] } as unknown as Views;
  const keep = keptAnswers<number>('people', 'settings');
  let asked = 0;
  const ask = () => keep(views, 'who', () => ++asked);
  expect([ask(), ask()]).toEqual([1, 1]);
  versions['settings']! += 1;
  expect([ask(), ask()]).toEqual([2, 2]);
  versions['people']! += 1;
  expect(ask()).toBe(3);
});

// Real files of two departments over two years, loaded in order: who held a post, and whom it answered to, on any day since (I8).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { positionHolders, positionOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { randomFrom, seedOf } from '../../../test/support/random';

const FOLDER = join(__dirname, '../../../test/data/organograms');
const DAYS = ['2011-03-31', '2011-06-30', '2011-09-30', '2012-03-31', '2012-12-31'];
const NOBODY = ['', 'n/d', 'n/a', 'vacant', 'eliminated', 'unknown'];
const random = randomFrom(seedOf());

type Line = Readonly<Record<string, string>>;
const snapshots = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.csv'))
  .map((name) => ({ name, day: name.slice(-14, -4), department: name.slice(0, -15), content: readFileSync(join(FOLDER, name)) }))
  .toSorted((one, other) => (one.day < other.day ? -1 : 1))
  .map((one) => ({ ...one, lines: parse<Line>(one.content, { columns: true, bom: true, relax_quotes: true }) }));

/** What the file that was in force on the day says of the post; nothing where it does not name it. */
function saidOf(department: string, post: string, day: string): { holders: readonly string[]; superior: string | undefined } | undefined {
  const file = snapshots.findLast((one) => one.department === department && one.day <= day);
  const lines = (file?.lines ?? []).filter((line) => line['Post Unique Reference']!.trim() === post);
  if (lines.length === 0) return undefined;
  const names = lines.map((line) => line['Name']!.trim()).filter((name) => !NOBODY.includes(name.toLowerCase()));
  const superior = lines[0]!['Reports to Senior Post']!.trim();
  const holders = [...new Set(names.map((name) => name.toLowerCase().replaceAll(' ', '-')))];
  return {
    holders: holders.toSorted((one, other) => (one < other ? -1 : 1)),
    superior: ['', 'XX'].includes(superior) ? undefined : superior,
  };
}

let here: World;
const results = new Map<string, { rows: number; rejected: readonly unknown[]; noted: readonly { code: string }[] }>();
beforeAll(async () => {
  here = world();
  for (const { name, day, content } of snapshots)
    results.set(name, await here.importByTwo('organogram', [{ name, content }], { effective: day, mode: 'full' }));
});
afterAll(() => here.close());

test('every row of every file is taken', () => {
  for (const { name, lines } of snapshots) expect(results.get(name)).toMatchObject({ rows: lines.length, rejected: [] });
});
test(`100 posts drawn at random have the holders and the superior of the files on five days (SEED=${random.seed})`, () => {
  const all = [
    ...new Set(snapshots.flatMap(({ department, lines }) => lines.map((line) => `${department}/${line['Post Unique Reference']!.trim()}`))),
  ];
  let [shared, vacant, compared] = [0, 0, 0];
  const drawn = new Set<string>();
  while (drawn.size < 100) drawn.add(random.of(all));
  expect(new Set([...drawn].map((one) => one.split('/')[0])).size).toBe(2);
  for (const one of drawn) {
    const [department, post] = one.split('/') as [string, string];
    for (const day of DAYS) {
      const said = saidOf(department, post, day);
      const holders = positionHolders(here.views, post, day).map(({ person }) => person);
      expect([post, day, holders.toSorted()]).toEqual([post, day, said?.holders ?? []]);
      if (!said) continue;
      expect([post, day, positionOf(here.views, post, day)?.superior]).toEqual([post, day, said.superior]);
      compared++;
      if (said.holders.length > 1) shared++;
      if (said.holders.length === 0) vacant++;
    }
  }
  expect(compared).toBeGreaterThan(100);
  expect(vacant + shared).toBeGreaterThan(10);
});
test('what is odd in them is told: posts in several rows, at the top, and names that stand for nobody', () => {
  const codes = new Set([...results.values()].flatMap(({ noted }) => noted.map(({ code }) => code)));
  expect([...codes]).toEqual(expect.arrayContaining(['post-again', 'top-post', 'holds-many-posts']));
});

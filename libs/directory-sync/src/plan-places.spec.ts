// What a file puts into or below a unit or a position that ends later: a plan refuses that row, and no other.
import type { AnyDecider } from '@app/kernel';
import {
  assignmentOf,
  positionOf,
  positionTree,
  SITE,
  unitOf,
  unitTree,
  type PositionTreeCommand,
  type UnitTreeCommand,
} from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { commitPlan } from './commit-plan';

let here: World;
beforeEach(async () => {
  here = world();
  await take('organisations', 'u1,One,\nu2,Two,');
  await run({ type: 'EndUnits', units: [{ id: 'u2', to: '2099-01-01' }] });
});
afterEach(() => here.close());

const HEADERS = {
  organisations: 'idnumber,fullname,parentidnumber',
  positions: 'idnumber,fullname,orgidnumber,parentidnumber',
  people: 'idnumber,username',
  assignments: 'person_id,assignment_id,position_id,organisation_id,valid_from,valid_to',
} as const;
let commands = 0;
const originOf = (command: string) => ({ actor: 'admin', command, at: '2026-11-22T08:00:00Z' });
async function run(command: UnitTreeCommand | PositionTreeCommand): Promise<void> {
  const decider: AnyDecider = command.type.endsWith('Units') ? unitTree : positionTree;
  await here.run(decider, SITE, command, originOf(`by hand ${++commands}`));
  await here.reached();
}
const take = (element: keyof typeof HEADERS, rows: string, more = {}) =>
  here.importText('native', `${HEADERS[element]}\n${rows}`, { element, ...more });
const commit = (id: string, whole = false) => commitPlan(here.parts, { id, whole, origin: originOf(`commit ${id}`) });
/** The refused rows of the plan, which are those of the import; everything else is done. */
async function refusedBy(element: keyof typeof HEADERS, rows: string): Promise<readonly string[]> {
  const { id, rejected, added, changed } = await take(element, rows, { dryRun: true, id: `plan${++commands}` });
  await expect(commit(id, true)).rejects.toMatchObject({ code: 'rows-rejected' });
  expect(await commit(id)).toMatchObject({ rejected, added, changed });
  return rejected.map(({ line, code }) => `${line} ${code}`);
}

test('a position in a unit', async () => {
  expect(await refusedBy('positions', 'p1,First,u1,\np2,Second,u2,\np3,Third,u1,')).toEqual(['3 unit-in-use']);
  expect(['p1', 'p2', 'p3'].map((id) => positionOf(here.views, id)?.title)).toEqual(['First', undefined, 'Third']);
});
test('a unit below a unit, and what is below that', async () => {
  expect(await refusedBy('organisations', 'u3,Three,u1\nu4,Four,u2\nu5,Five,u4\nu6,Six,u1')).toEqual([
    '3 unknown-parent',
    '4 unknown-parent',
  ]);
  expect(['u3', 'u4', 'u5', 'u6'].map((id) => unitOf(here.views, id)?.name)).toEqual(['Three', undefined, undefined, 'Six']);
});
test('a position below a position', async () => {
  await take('positions', 'head,Head,,\nward,Ward,,');
  await run({ type: 'EndPositions', positions: [{ id: 'head', to: '2099-01-01' }] });
  expect(await refusedBy('positions', 'ward,Ward,,head\nside,Side,,')).toEqual(['2 unknown-superior']);
});
test('a job, but not one that is over by then', async () => {
  await take('people', 'ann,ann\nbob,bob\ncat,cat');
  expect(await refusedBy('assignments', 'ann,a,,u2,2024-01-01,\nbob,b,,u2,2024-01-01,2099-01-01\ncat,c,,u1,2024-01-01,')).toEqual([
    '2 unit-in-use',
  ]);
  expect(['a', 'b', 'c'].map((id) => assignmentOf(here.views, id)?.unit)).toEqual([undefined, 'u2', 'u1']);
});
test('not what is elsewhere by then', async () => {
  await take('positions', 'p1,First,u1,');
  await take('positions', 'p1,First,u1,', { effective: '2098-01-01' });
  await run({ type: 'RecordPositions', positions: [{ id: 'p1', title: 'Moved', unit: 'u1' }], effective: '2098-01-01' });
  expect(await take('positions', 'p1,First,u2,')).toMatchObject({ changed: 1, rejected: [] });
  expect([positionOf(here.views, 'p1', '2097-01-01')?.unit, positionOf(here.views, 'p1')?.unit]).toEqual(['u2', 'u1']);
});
test('a loop that would be there on a later day only', async () => {
  await take('organisations', 'u3,Three,\nu4,Four,');
  await run({ type: 'RecordUnits', units: [{ id: 'u3', name: 'Three', parent: 'u4' }], effective: '2030-01-01' });
  expect(await refusedBy('organisations', 'u4,Four,u3\nu5,Five,')).toEqual(['2 unit-loop']);
});
test('what is new below one that is there again begins with it', async () => {
  await run({ type: 'EndUnits', units: [{ id: 'u2', to: '2025-01-01' }] });
  expect(await take('organisations', 'u7,Seven,u6\nu2,Again,\nu6,Six,u2', { effective: '2026-01-01' })).toMatchObject({
    added: 3,
    rejected: [],
  });
  expect(['2025-06-01', '2026-01-01'].map((day) => unitOf(here.views, 'u7', day)?.parent)).toEqual([undefined, 'u6']);
});
test('what changes while it is recorded refuses its own row alone', async () => {
  let turns = 0;
  const through: World['run'] = async (decider, id, command, ...rest) => {
    if (command.type === 'RecordPositions' && turns++ === 0) await run({ type: 'EndUnits', units: [{ id: 'u1', to: '2098-01-01' }] });
    return here.run(decider, id, command, ...rest);
  };
  const rows = `${HEADERS.positions}\np1,First,u1,\np2,Second,,\np3,Third,,p2`;
  const { rejected } = await here.importText('native', rows, { element: 'positions' }, through);
  expect(rejected.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 unit-in-use']);
  expect(positionOf(here.views, 'p3')?.superior).toBe('p2');
});

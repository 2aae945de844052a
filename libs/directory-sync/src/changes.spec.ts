// What a plan would change is told page by page, and what is new costs nobody who does not look at it.
import { world, type World } from '../../../test/support/import-world';
import type { Change } from './changes';
import { changesOfPlan, commitPlan } from './commit-plan';

const HEADER = 'person_id,assignment_id,valid_from,manager_ref,manager_kind';
const ANN = 'ann,a,2024-01-01,bob,direct';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,username\nann,ann\nbob,bob\ncat,cat\ndan,dan', { element: 'people' });
});
afterEach(() => here.close());
const assignments = (rows: readonly string[], more = {}) =>
  here.importText('native', [HEADER, ...rows].join('\n'), { element: 'assignments', ...more });

test('one by one the changes are those that are shown at once, new beside changed, and all are counted', async () => {
  await assignments([ANN]);
  const rows = [ANN.replace('bob', 'cat'), 'bob,b,2024-01-01,cat,direct', 'bob,c,2024-01-01,,', 'cat,d,2024-01-01,dan,direct'];
  const { changes = [], changesCount, added, changed } = await assignments(rows, { dryRun: true, id: 'plan' });
  expect([added, changed, changes.map((one) => `${one.id.split('/')[0]}: ${one.of} ${one.change}`)]).toEqual([
    3,
    1,
    [
      'b: assignment added',
      'c: assignment added',
      'd: assignment added',
      'd: manager added',
      'b: manager added',
      'a: manager ended',
      'a: manager added',
    ],
  ]);
  await expectSingle('plan', changes, changesCount);
});

test('the same where all of it is new', async () => {
  const { changes = [], changesCount } = await assignments([ANN, 'bob,b,2024-01-01,cat,direct', 'cat,d,2024-01-01,dan,direct'], {
    dryRun: true,
    id: 'plan',
  });
  expect(changes).toHaveLength(6);
  await expectSingle('plan', changes, changesCount);
});

test('a plan of what is new is stale once somebody else has recorded it otherwise', async () => {
  await assignments([ANN], { dryRun: true, id: 'plan' });
  await assignments([ANN.replace('2024-01-01', '2024-02-01')]);
  const origin = { command: 'commit', actor: 'admin', at: '2026-11-22T08:00:00Z' };
  await expect(commitPlan(here.parts, { id: 'plan', origin })).rejects.toMatchObject({ code: 'plan-stale' });
});

async function expectSingle(id: string, changes: readonly Change[], count: number | undefined): Promise<void> {
  expect(count).toBe(changes.length);
  for (const [after, change] of changes.entries()) {
    expect(await changesOfPlan(here.parts, { id, after, limit: 1 })).toMatchObject({ changes: [change], count, stale: false });
  }
}

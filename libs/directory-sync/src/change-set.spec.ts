import { scenario } from '@app/kernel';
import { changeSet } from './change-set';
import { importOf, listImports } from './imports';
import { reporting, SITE } from '@app/organisation';
import { world } from '../../../test/support/import-world';

const { given } = scenario(changeSet);
const facts = { preset: 'native', element: 'people', rows: 2, digest: 'd1', effective: '2026-01-01', mode: 'delta' } as const;
const counts = {
  added: 1,
  changed: 0,
  ended: 0,
  unchanged: 0,
  rejected: [{ line: 3, code: 'bad-date', detail: 'x' }],
  rejectedCount: 1,
} as const;
const started = { type: 'ImportStarted', ...facts } as const;
const finished = { type: 'ImportFinished', ...counts } as const;

test('an import is recorded when it starts and when it ends', () => {
  given()
    .when({ type: 'StartImport', ...facts })
    .thenEvents(started);
  given(started)
    .when({ type: 'FinishImport', ...counts })
    .thenEvents(finished);
});
test('an import starts once, ends once, and not before it started', () => {
  given(started)
    .when({ type: 'StartImport', ...facts })
    .thenRejected('import-exists');
  given(started, finished)
    .when({ type: 'FinishImport', ...counts })
    .thenNothing();
  given()
    .when({ type: 'FinishImport', ...counts })
    .thenRejected('import-not-started');
});

const CSV = 'idnumber,username\nann,ann.1\nbob,bob.1\n';

test('imports are listed with their results, the latest first', async () => {
  const here = world();
  await here.importText('native', CSV, { element: 'people' });
  await here.importText('native', CSV, { element: 'people' });
  expect(listImports(here.views, { limit: 10 }).map(({ id, added, unchanged }) => [id, added, unchanged])).toEqual([
    ['import2', 0, 2],
    ['import1', 2, 0],
  ]);
  expect(listImports(here.views, { before: 'import2', limit: 10 }).map(({ id }) => id)).toEqual(['import1']);
  expect(importOf(here.views, 'import1')).toMatchObject({
    preset: 'native',
    element: 'people',
    rows: 2,
    startedBy: 'admin',
    finishedAt: expect.any(String),
  });
  here.close();
});
test('the same import again answers what it answered, and does nothing', async () => {
  const here = world();
  const first = await here.importText('native', CSV, { element: 'people', id: 'same' });
  const before = here.views.position;
  expect(await here.importText('native', CSV, { element: 'people', id: 'same' })).toEqual({ ...first, verdicts: expect.any(Function) });
  expect(here.views.position).toBe(before);
  here.close();
});
test('an import that was cut off is seen as such, and the same files complete it', async () => {
  const here = world();
  const rows = ['ann', 'bob', 'cat'].map((id) => `${id},${id}-A,2024-01-01,${id === 'ann' ? '' : 'ann'}`);
  await here.importText('native', 'idnumber,username\nann,a\nbob,b\ncat,c', { element: 'people' });
  const text = ['person_id,assignment_id,valid_from,manager_ref', ...rows].join('\n');
  const run: typeof here.run = (decider, id, command, origin) => {
    if (decider.name === reporting.name && id === SITE) throw new Error('the machine stops');
    return here.run(decider, id, command, origin);
  };
  await expect(here.importText('native', text, { element: 'assignments', id: 'cut' }, run)).rejects.toThrow('the machine stops');
  await here.reached();
  expect(importOf(here.views, 'cut')?.finishedAt).toBeUndefined();
  expect(await here.importText('native', text, { element: 'assignments', id: 'cut' })).toMatchObject({ changed: 2, unchanged: 1 });
  expect(importOf(here.views, 'cut')).toMatchObject({ changed: 2, finishedAt: expect.any(String) });
  expect(await here.importText('native', text, { element: 'assignments' })).toMatchObject({ unchanged: 3 });
  here.close();
});

// Several direct managers of one job in a file: refused, or all but one taken as alternates, and told (E35).
import { linksOf } from '@app/organisation';
import { commitPlan } from './commit-plan';
import { world } from '../../../test/support/import-world';

const HEAD = 'person_id,assignment_id,valid_from,manager_ref,manager_kind,manager_responsibilities,manager_valid_from';
const here = world();
const take = (rows: readonly string[], more: object = {}) =>
  here.importText('native', [HEAD, ...rows].join('\n'), { element: 'assignments', effective: '2026-01-01', ...more });
const links = (assignment: string) =>
  linksOf(here.views, assignment)
    .filter(({ to }) => to === undefined)
    .map(({ kind, manager }) => `${kind} ${manager}`)
    .sort();
const rows = ['lea,lea-1,2026-01-01,mel,direct,approval,2026-02-01', 'lea,lea-1,2026-01-01,tom,direct,approval,2026-01-01'];

beforeAll(async () => {
  const people = ['lea', 'mel', 'tom', 'ben'].map((id) => `${id},${id},${id},X`);
  await here.importText('native', ['person_id,username,given_name,family_name', ...people].join('\n'), { element: 'people' });
});
afterAll(() => here.close());

test('they are refused, whoever comes first', async () => {
  expect((await take(rows)).rejected.map(({ code }) => code)).toEqual(['direct-overlap', 'direct-overlap']);
});
test('or who begins first stays direct, the other is an alternate, and it is told, in whatever order', async () => {
  const { rejected, noted } = await take(rows, { overlap: 'demote' });
  expect([rejected, noted.map(({ line, code }) => [line, code])]).toEqual([[], [[2, 'demoted']]]);
  expect(links('lea-1')).toEqual(['alternate mel', 'direct tom']);
});
test('the same file again, in another order, records nothing (I7)', async () => {
  const before = here.organisationEvents();
  expect((await take(rows.toReversed(), { overlap: 'demote' })).rejected).toEqual([]);
  expect(here.organisationEvents()).toBe(before);
});
test('who is direct already stays it', async () => {
  const more = 'lea,lea-1,2026-01-01,ben,direct,approval,2025-01-01';
  await take([...rows, more], { overlap: 'demote' });
  expect(links('lea-1')).toEqual(['alternate ben', 'alternate mel', 'direct tom']);
});
test('a plan keeps what it was told, and is committed so', async () => {
  const own = rows.map((row) => row.replaceAll('lea-1', 'lea-2'));
  const plan = await take(own, { overlap: 'demote', dryRun: true });
  expect([plan.rejected, plan.noted.map(({ code }) => code)]).toEqual([[], ['demoted']]);
  const origin = { command: 'commit', actor: 'admin', at: '2026-01-02T08:00:00Z' };
  await commitPlan(here.parts, { id: plan.id, origin });
  expect(links('lea-2')).toEqual(['alternate mel', 'direct tom']);
});

// Full mode: what a file no longer names ends, and a refused row ends nothing (I4, E48).
import { assignmentsOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

const DAY = '2026-06-01';
let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', 'idnumber,fullname,parentidnumber\nu,Unit,\nw,Ward,u', { element: 'organisations' });
  await here.importText('native', 'idnumber,fullname\np,Post', { element: 'positions' });
});
afterEach(() => here.close());

const full = { mode: 'full', effective: DAY } as const;
const totara25 = (rows: readonly string[], more = {}) =>
  here.importText('totara25', ['idnumber,username,orgidnumber,postitle', ...rows].join('\n'), { effective: '2024-01-01', ...more });
const native = (element: string, rows: readonly string[], more = {}) => here.importText('native', rows.join('\n'), { element, ...more });
const jobs = (person: string) => assignmentsOf(here.views, person, DAY).map(({ id }) => id);
const codes = ({ rejected }: { rejected: readonly { line: number; code: string }[] }) =>
  rejected.map(({ line, code }) => `${line} ${code}`);

describe('a refused row ends nothing', () => {
  beforeEach(() => totara25(['ann,ann,u,t', 'bob,bob,u,t', 'cat,cat,u,t']));

  test('also where it would have moved somebody, so that it does not name the job that is recorded', async () => {
    const result = await totara25(['ann,ann,NOU,t', 'bob,bob,u,t'], full);
    expect(codes(result)).toEqual(['2 unknown-unit']);
    expect(result.ended).toBe(1);
    expect(['ann', 'bob', 'cat'].map((person) => jobs(person))).toEqual([['ann:-:u'], ['bob:-:u'], []]);
  });
  test('and a blank line of a spreadsheet is no row', async () => {
    const result = await totara25(['ann,ann,u,t', ',,,', 'bob,bob,u,t', ',,,'], full);
    expect(result).toMatchObject({ rows: 2, unchanged: 2, ended: 1, rejected: [], noted: [] });
    expect(jobs('cat')).toEqual([]);
  });
  test('also where it fits several jobs', async () => {
    await native('assignments', ['person_id,assignment_id,valid_from,organisation_id', 'ann,a1,2024-01-01,w', 'ann,a2,2024-01-01,w']);
    const result = await totara25(['ann,ann,w,t', 'bob,bob,u,t', 'cat,cat,u,t'], full);
    expect([codes(result), result.ended]).toEqual([['2 ambiguous-job'], 0]);
    expect(jobs('ann')).toEqual(['a1', 'a2', 'ann:-:u']);
  });
  test('and where nobody can say whose row it is, nothing ends at all', async () => {
    await native('people', ['idnumber,username', 'dan,dan.orr']);
    const workplace = ['username,jobdepartment1,jobposition1,jobstartdate1', 'dan,w,p,2026-01-01', 'bob,u,,'];
    const result = await here.importText('workplace', workplace.join('\n'), full);
    expect([codes(result), result.ended, result.noted.map(({ code }) => code)]).toEqual([['2 id-of-another'], 0, ['nothing-ended']]);
    expect(jobs('cat')).toEqual(['cat:-:u']);
  });
  test('of a person in one of his jobs keeps the others, which it may have meant', async () => {
    await native('assignments', ['person_id,assignment_id,valid_from,organisation_id', 'ann,a1,2024-01-01,w', 'bob,b1,2024-01-01,w']);
    const rows = ['person_id,assignment_id,valid_from,organisation_id,manager_ref', 'ann,a2,2024-01-01,w,zoe', 'bob,b2,2024-01-01,w,'];
    expect(codes(await native('assignments', rows, full))).toEqual(['2 unknown-manager']);
    expect([jobs('ann'), jobs('bob')]).toEqual([['a1', 'ann:-:u'], ['b2']]);
  });
});

// A job that a file names again after it has ended is in effect again, and what was between stays true where it can be said (I8).
import { assignmentOf, linksOf, positionHolders } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { undoImport } from './undo-import';

let here: World;
beforeEach(() => (here = world()));
afterEach(() => here.close());

const POSTS = 'Post Unique Reference,Name,Job Title,Organisation,Unit,Reports to Senior Post,FTE';
const organogram = (effective: string, holder: string, more = {}) =>
  here.importText('organogram', [POSTS, `A1,${holder},Chief,Office,Top,XX,1`, 'B1,Dan Orr,Clerk,Office,Top,A1,1'].join('\n'), {
    mode: 'full',
    effective,
    ...more,
  });
const holders = (...days: readonly string[]) => days.map((day) => positionHolders(here.views, 'A1', day).map(({ person }) => person));
const job = (id: string) => {
  const found = assignmentOf(here.views, id);
  return found && `${found.from} ${found.to ?? 'on'}`;
};
const undo = (id: string) =>
  undoImport(here.parts, { id, as: `${id}u`, on: '2026-11-22', origin: { actor: 'admin', command: `${id}u`, at: '2026-11-22T08:00:00Z' } });

describe('who comes back to a post', () => {
  beforeEach(async () => {
    await organogram('2020-01-01', 'Ann Lee');
    await organogram('2021-01-01', 'Bob Fox');
  });
  const DAYS = ['2020-06-01', '2021-06-01', '2022-06-01'];

  test('holds it again from that day, and not while somebody else did', async () => {
    expect(await organogram('2022-01-01', 'Ann Lee')).toMatchObject({ added: 1, ended: 1, rejected: [] });
    expect(holders(...DAYS)).toEqual([['ann-lee'], ['bob-fox'], ['ann-lee']]);
    const manager = linksOf(here.views, 'B1.dan-orr').filter(({ to }) => to === undefined);
    expect(manager.map(({ managerAssignment }) => managerAssignment)).toEqual(['A1.ann-lee:2022-01-01']);
  });
  test('is known again in what comes later, and may go and come once more', async () => {
    await organogram('2022-01-01', 'Ann Lee');
    const before = here.organisationEvents();
    expect(await organogram('2022-01-01', 'Ann Lee')).toMatchObject({ unchanged: 2, ended: 0 });
    expect(await organogram('2022-03-01', 'Ann Lee')).toMatchObject({ unchanged: 2, ended: 0 });
    expect(here.organisationEvents()).toBe(before);
    await organogram('2023-01-01', 'Bob Fox');
    await organogram('2024-01-01', 'Ann Lee');
    expect(holders(...DAYS, '2023-06-01', '2024-06-01')).toEqual([['ann-lee'], ['bob-fox'], ['ann-lee'], ['bob-fox'], ['ann-lee']]);
  });
  test('does not, once that is taken back; and does, when it comes again after all', async () => {
    await organogram('2022-01-01', 'Ann Lee', { id: 'back' });
    await undo('back');
    expect(holders(...DAYS)).toEqual([['ann-lee'], ['bob-fox'], ['bob-fox']]);
    expect(await organogram('2022-01-01', 'Ann Lee')).toMatchObject({ rejected: [] });
    expect(holders(...DAYS)).toEqual([['ann-lee'], ['bob-fox'], ['ann-lee']]);
  });
});

describe('a job with an id of the file, without a column of ends', () => {
  const HEAD = 'person_id,assignment_id,valid_from';
  const [ANN, BOB] = ['ann,a,2024-01-01', 'bob,b,2024-01-01'];
  const jobs = (rows: readonly string[], more = {}) =>
    here.importText('native', [HEAD, ...rows].join('\n'), { element: 'assignments', ...more });
  const night = (effective: string, ...rows: readonly string[]) => jobs(rows, { mode: 'full', effective });
  beforeEach(async () => {
    await here.importText('native', 'idnumber,username\nann,ann\nbob,bob', { element: 'people' });
    await jobs([ANN, BOB], { id: 'first' });
  });

  test('is in effect again when a full file has it again, as though it had never been left out', async () => {
    expect(await night('2026-06-01', ANN)).toMatchObject({ ended: 1 });
    expect(job('b')).toBe('2024-01-01 2026-06-01');
    expect(await jobs([ANN, BOB], { mode: 'full', effective: '2026-06-02', id: 'again' })).toMatchObject({ changed: 1, unchanged: 1 });
    expect(job('b')).toBe('2024-01-01 on');
    const before = here.organisationEvents();
    expect(await night('2026-06-02', ANN, BOB)).toMatchObject({ unchanged: 2 });
    expect(here.organisationEvents()).toBe(before);
    await undo('again');
    expect(job('b')).toBe('2024-01-01 2026-06-01');
  });
  test('stays ended in a delta, which does not speak of ends, and is told', async () => {
    await night('2026-06-01', ANN);
    const result = await jobs([ANN, BOB], { effective: '2026-06-02' });
    expect([result.unchanged, result.noted.map(({ line, code }) => `${line} ${code}`)]).toEqual([2, ['3 stays-ended']]);
    expect(job('b')).toBe('2024-01-01 2026-06-01');
  });
  test('begins after all where its first import was taken back', async () => {
    await undo('first');
    expect(job('b')).toBe('2024-01-01 2024-01-01');
    expect(await jobs([BOB])).toMatchObject({ changed: 1, rejected: [], noted: [] });
    expect(job('b')).toBe('2024-01-01 on');
  });
});

test('a job of a file of users is in effect again from the same first day', async () => {
  await here.importText('native', 'idnumber,fullname\nW,Ward', { element: 'organisations' });
  await here.importText('native', 'idnumber,fullname\nNUR,Nurse', { element: 'positions' });
  const night = (effective: string, ...rows: readonly string[]) =>
    here.importText('workplace', ['username,jobdepartment1,jobposition1,jobstartdate1,jobenddate1', ...rows].join('\n'), {
      mode: 'full',
      effective,
    });
  const [ann, bob] = ['ann,W,NUR,2024-01-01,', 'bob,W,NUR,2024-01-01,'];
  await night('2026-06-01', ann, bob);
  await night('2026-06-02', ann);
  expect(await night('2026-06-03', ann, bob)).toMatchObject({ changed: 1, unchanged: 1 });
  expect(job('bob:NUR:W')).toBe('2024-01-01 on');
});

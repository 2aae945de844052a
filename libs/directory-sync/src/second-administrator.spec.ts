// What one administrator alone does not do by a file: another one has seen the same before.
import { assignmentOf, linksOf, personOf, positionOf, positionTypes } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';
import { commitPlan } from './commit-plan';
import type { ImportRequest } from './import-csv';
import { undoImport } from './undo-import';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', ['idnumber,username', ...PEOPLE.map((id) => `${id},${id}`)].join('\n'), { element: 'people' });
});
afterEach(() => here.close());

const PEOPLE = Array.from({ length: 50 }, (_, at) => `p${at}`);
const HEADER = 'person_id,assignment_id,valid_from,valid_to';
const jobs = (people: readonly string[], more = {}, to = '') =>
  here.importText('native', [HEADER, ...people.map((id) => `${id},${id}-A,2024-01-01,${to}`)].join('\n'), {
    element: 'assignments',
    ...more,
  });
const by = (actor: string, id: string) => ({ id, origin: { actor, command: id, at: '2026-11-22T08:00:00Z' } });

describe('a plan of another administrator opens the guard', () => {
  const first = PEOPLE.slice(0, 1);
  const forced = () => jobs(first, { mode: 'full', force: 'the site has closed', ...by('ann', 'forced') });

  test('not where it came to less than the same file does now', async () => {
    expect(await jobs(first, { mode: 'full', dryRun: true, ...by('bob', 'plan') })).toMatchObject({ added: 1, ended: 0 });
    await jobs(PEOPLE);
    await expect(forced()).rejects.toMatchObject({ code: 'second-administrator', facts: { ends: 49, known: 50 } });
    await here.reached();
    expect(assignmentOf(here.views, 'p49-A')).not.toHaveProperty('to');
  });
  test('where it came to the same', async () => {
    await jobs(PEOPLE);
    expect(await jobs(first, { mode: 'full', dryRun: true, ...by('bob', 'plan') })).toMatchObject({ ended: 49 });
    expect(await forced()).toMatchObject({ ended: 49 });
  });
});

describe('the guard counts as an end', () => {
  const ending = (to: string, more: Partial<ImportRequest> = {}) =>
    jobs(PEOPLE, { dryRun: false, ...by('ann', `until ${to}`), ...more }, to);
  const STOPPED = { code: 'too-many-ends', facts: { ends: 50, known: 50 } };

  test.each([
    ['a day after the file holds', '2026-11-23', {}],
    ['a month after', '2026-12-23', {}],
    ['today, in a file that holds since long', '2026-11-22', { effective: '2020-01-01' }],
    ['soon, where it was to come later', '2026-12-01', { before: '2027-06-01' }],
  ])('%s', async (_what, to, { before = '', ...more }: { before?: string; effective?: string }) => {
    await jobs(PEOPLE, {}, before);
    await expect(ending(to, { effective: '2026-11-22', ...more })).rejects.toMatchObject(STOPPED);
    await here.reached();
    expect(assignmentOf(here.views, 'p7-A')?.to).toBe(before || undefined);
  });
  test.each([
    ['what is far', '2027-06-01', {}],
    ['what was known before', '2026-12-01', { before: '2026-12-01' }],
    ['what is longer than it was', '2026-12-15', { before: '2026-12-01' }],
  ])('not %s', async (_what, to, { before = '' }: { before?: string }) => {
    await jobs(PEOPLE, {}, before);
    expect(await ending(to)).toMatchObject({ rejected: [] });
    expect(assignmentOf(here.views, 'p7-A')?.to).toBe(to);
  });
  test('not a contract that is new', async () => {
    expect(await ending('2026-12-01')).toMatchObject({ added: 50 });
  });
});

describe('an administrator alone does not change by a file', () => {
  const JOBS = 'person_id,assignment_id,position_id,valid_from,manager_ref,manager_kind';
  const AIMS = 'person_id,assignment_id,position_type,position_id,valid_from';
  type Taking = Partial<ImportRequest> & { readonly header?: string };
  const FILES = {
    people: 'idnumber,username,firstname,deleted',
    positions: 'idnumber,fullname,parentidnumber',
    assignments: JOBS,
  } as const;
  const take = (element: keyof typeof FILES, row: string, { header = FILES[element], ...more }: Taking = {}) =>
    here.importText('native', `${header}\n${row}`, { element, ...more });
  const asMel = (more: Partial<ImportRequest> = {}) => ({ person: 'mel', ...by('mel', `mel${here.views.position}`), ...more });
  const commit = (id: string, actor: string) => commitPlan(here.parts, { ...by(actor, `${actor}-commits`), id, person: actor });
  const undo = (id: string, actor: string) =>
    undoImport(here.parts, { ...by(actor, `${actor}-undoes`), id, as: `${actor}-undoes`, on: '2026-11-22', person: actor });
  const REFUSED = { code: 'second-administrator' };
  const ANN_MANAGES = 'mel,mel-1,head,2024-01-01,ann,direct';

  beforeEach(async () => {
    await take('people', ['mel', 'ann', 'bob', 'eve'].map((id) => `${id},${id},,0`).join('\n'));
    await take('positions', 'head,Head,\nward,Ward,head\nside,Side,');
    await take('assignments', 'mel,mel-1,head,2024-01-01,eve,direct\nbob,bob-1,ward,2024-01-01,eve,direct');
  });

  test.each<[string, keyof typeof FILES, string, Partial<ImportRequest>, string]>([
    ['who manages him', 'assignments', ANN_MANAGES, {}, 'managers of mel-1'],
    [
      'who stands in',
      'assignments',
      'mel,mel-1,head,2024-01-01,eve,direct\nmel,mel-1,head,2024-01-01,ann,alternate',
      {},
      'managers of mel-1',
    ],
    ['which jobs he has', 'assignments', 'mel,mel-2,,2024-01-01,,', {}, 'assignment mel-2'],
    ['where he works', 'assignments', 'mel,mel-1,side,2024-01-01,eve,direct', {}, 'assignment mel-1'],
    [
      'that a job of his ends, for not being named',
      'assignments',
      'bob,bob-1,ward,2024-01-01,eve,direct',
      { mode: 'full' },
      'assignment mel-1',
    ],
    ['whom he manages', 'assignments', 'bob,bob-1,ward,2024-01-01,mel,direct', {}, 'managers of bob-1'],
    ['what is above his post', 'positions', 'head,Head,side', {}, 'position head'],
    ['what is below his post', 'positions', 'ward,Ward,side', {}, 'position ward'],
    ['whether his manager is there', 'people', 'eve,eve,,1', {}, 'person eve'],
  ])('%s', async (_what, element, rows, more, own) => {
    const before = here.views.position;
    await expect(take(element, rows, asMel(more))).rejects.toMatchObject({ ...REFUSED, facts: { own: expect.arrayContaining([own]) } });
    await here.reached();
    expect(here.views.position).toBe(before);
    expect((await take(element, rows, more)).rejected).toEqual([]);
  });
  test('but his name, what is somebody else\u2019s, and what he only names', async () => {
    expect(await take('people', 'mel,mel,Melanie,0\nann,ann,Ann,0', asMel())).toMatchObject({ changed: 2 });
    const others = 'mel,mel-1,head,2024-01-01,eve,direct\nbob,bob-1,ward,2024-01-01,ann,direct';
    expect(await take('assignments', others, asMel())).toMatchObject({ unchanged: 1, changed: 1 });
    expect(await take('positions', 'head,Chief,\nside,Aside,\nnew,New,side', asMel())).toMatchObject({ changed: 2, added: 1 });
    expect([personOf(here.views, 'mel')?.givenName, positionOf(here.views, 'head')?.title]).toEqual(['Melanie', 'Chief']);
  });
  test('but what is below a post that he only aims at', async () => {
    const aim = { id: 'aim', name: 'Aim', unitMandatory: false, managerMandatory: false, mayRequestLearning: false, aspirational: true };
    await here.run(positionTypes, 'site', { type: 'RecordPositionTypes', types: [aim] }, by('ann', 'types').origin);
    await here.reached();
    await take('assignments', 'mel,mel-aim,aim,side,2024-01-01', { header: AIMS });
    expect(await take('positions', 'new,New,side', asMel())).toMatchObject({ added: 1 });
  });
  test('unless another one has planned the same', async () => {
    await take('assignments', ANN_MANAGES, { ...by('ann', 'plan'), dryRun: true });
    expect(await take('assignments', ANN_MANAGES, asMel())).toMatchObject({ changed: 1 });
    expect(linksOf(here.views, 'mel-1').find(({ to }) => to === undefined)?.manager).toBe('ann');
  });
  test('and what he planned another one commits', async () => {
    await take('assignments', ANN_MANAGES, asMel({ id: 'plan', dryRun: true }));
    await expect(commit('plan', 'mel')).rejects.toMatchObject(REFUSED);
    expect(await commit('plan', 'bob')).toMatchObject({ changed: 1 });
  });
  test('and takes back no such import', async () => {
    const { id } = await take('assignments', 'mel,mel-1,head,2024-01-01,,\nbob,bob-1,ward,2024-01-01,mel,direct');
    const own = ['managers of mel-1', 'managers of bob-1'];
    await expect(undo(id, 'mel')).rejects.toMatchObject({ ...REFUSED, facts: { own: expect.arrayContaining(own) } });
    expect(await undo(id, 'ann')).toMatchObject({ rejected: [] });
    expect(linksOf(here.views, 'mel-1').map(({ manager }) => manager)).toEqual(['eve']);
  });
  test('but takes back what was others\u2019', async () => {
    const { id } = await take('assignments', 'bob,bob-1,ward,2024-01-01,ann,direct');
    expect(await undo(id, 'mel')).toMatchObject({ rejected: [] });
  });
});

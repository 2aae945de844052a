// Files that are broken, odd or meant to harm: a verdict for the row or a clear refusal of the file, and no event.
import { Rejection } from '@app/kernel';
import { assignmentOf, linksOf, personOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

let here: World;
beforeEach(async () => {
  here = world();
  const people = ['ann', 'bob', 'cat', 'dan'].map((id) => `${id},${id}.1,${id},Lee,`);
  await here.importText('native', ['idnumber,username,firstname,lastname,email', ...people].join('\n'), { element: 'people' });
});
afterEach(() => here.close());

const HEADER =
  'person_id,assignment_id,position_type,valid_from,valid_to,manager_ref,manager_kind,manager_responsibilities,manager_valid_to';
const assignments = (rows: readonly string[], more = {}) =>
  here.importText('native', [HEADER, ...rows].join('\n'), { element: 'assignments', ...more });

async function refusal(preset: string, content: string | Buffer, element?: string): Promise<Record<string, unknown>> {
  const before = here.views.position;
  const file = { name: 'file.csv', content: Buffer.from(content) };
  const error = await here.importFiles(preset, [file], { ...(element && { element }) }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Rejection);
  await here.reached();
  expect(here.views.position).toBe(before);
  const { code, kind, facts } = error as Rejection;
  return { code, kind, ...facts };
}

async function verdicts(rows: readonly string[]): Promise<readonly string[]> {
  const before = here.organisationEvents();
  const result = await assignments(rows);
  expect(result.added + result.changed + result.unchanged).toBe(0);
  expect(here.organisationEvents()).toBe(before);
  return result.rejected.map(({ line, code }) => `${line} ${code}`);
}

test.each([
  ['an opened quotation mark that is never closed', `${HEADER}\nann,"ann-A,x\nbob`, { code: 'unclosed-quote', line: 2 }],
  ['a quotation mark within a cell', `${HEADER}\nann,an"n,x`, { code: 'bad-quotes', line: 2 }],
  ['missing columns, by name', 'person_id,valid_from\nann,2024-01-01', { code: 'missing-columns', columns: ['assignment_id'] }],
  ['a column twice', 'person_id,assignment_id,valid_from,person_id\nann,a,2024-01-01,bob', { code: 'duplicate-column', line: 1 }],
  ['no rows', HEADER, { code: 'no-rows' }],
  ['nothing', '', { code: 'empty-file', line: 1 }],
  ['half a character of UTF-16', Buffer.from(`\uFEFF${HEADER}\nann`, 'utf16le').subarray(0, -1), { code: 'undecodable', line: 2 }],
  ['NUL characters', `${HEADER}\nann\nb\0b`, { code: 'undecodable', line: 3 }],
  ['UTF-8 and Latin-1', Buffer.from(`${HEADER}\nZo\xc3\xab\nJ\xfcrg\n`, 'latin1'), { code: 'undecodable', line: 3 }],
  ['a row without end', `${HEADER}\n${'x'.repeat(100_000)}`, { code: 'row-too-large', line: 2 }],
  ['too many columns', `${Array.from({ length: 300 }, (_, at) => `c${at}`).join()}\n1`, { code: 'too-many-columns', line: 1 }],
  ['an archive', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0xff]), { code: 'undecodable', line: 1 }],
])('a file with %s is refused', async (_what, content, expected) => {
  expect(await refusal('native', content, 'assignments')).toMatchObject({ kind: 'invalid', file: 'file.csv', ...expected });
});
test('the whole or nothing: one bad row refuses all, by name, and a file without one is taken (E48)', async () => {
  const rows = ['ann,ann-A,substantive,2024-01-01,,,,,', 'nobody,x-A,substantive,2024-01-01,,,,,'];
  const before = here.views.position;
  await expect(assignments(rows, { whole: true })).rejects.toMatchObject({
    code: 'rows-rejected',
    facts: { rejectedCount: 1, rejected: [{ line: 3, code: 'unknown-person' }] },
  });
  await here.reached();
  expect(here.views.position).toBe(before);
  expect(await assignments(rows)).toMatchObject({ added: 1, rejected: [{ line: 3 }] });
  expect(await assignments(rows.slice(0, 1), { whole: true })).toMatchObject({ unchanged: 1, rejected: [] });
});
test('an unknown preset or element is refused, whatever its name', async () => {
  expect(await refusal('__proto__', 'a\n1')).toMatchObject({ code: 'unknown-preset' });
  expect(await refusal('native', 'idnumber,fullname\na,b', 'toString')).toMatchObject({ code: 'unknown-element' });
  expect(await refusal('native', 'idnumber,fullname\na,b')).toMatchObject({ code: 'unknown-element' });
});

test.each([
  ['a manager who is not there', ['ann,a,s,2024-01-01,,zoe,direct,approval,'], ['2 unknown-manager']],
  ['a job of the manager that is not there', ['ann,a,s,2024-01-01,,bob/b,direct,approval,'], ['2 unknown-manager']],
  ['himself as manager', ['ann,a,s,2024-01-01,,ann,direct,approval,'], ['2 self-manager']],
  [
    'a loop',
    ['ann,a,s,2024-01-01,,bob,direct,approval,', 'bob,b,s,2024-01-01,,ann,direct,approval,'],
    ['2 manager-loop', '3 manager-loop'],
  ],
  [
    'two direct managers',
    ['ann,a,s,2024-01-01,,bob,direct,approval,', 'ann,a,s,2024-01-01,,cat,direct,approval,'],
    ['2 direct-overlap', '3 direct-overlap'],
  ],
  ['a stand-in without an end', ['ann,a,s,2024-01-01,,bob,temporary,approval,'], ['2 temporary-needs-end']],
  ['one key with two meanings', ['ann,a,s,2024-01-01,,,,,', 'ann,a,t,2024-01-01,,,,,'], ['2 duplicate-key', '3 duplicate-key']],
  ['one job of two people', ['ann,a,s,2024-01-01,,,,,', 'bob,a,s,2024-01-01,,,,,'], ['2 duplicate-key', '3 duplicate-key']],
  ['a person who is not there', ['zoe,a,s,2024-01-01,,,,,'], ['2 unknown-person']],
  ['a date that is none', ['ann,a,s,2024-02-30,,,,,', 'bob,b,s,soon,,,,,'], ['2 bad-date', '3 bad-date']],
  ['an end before the start', ['ann,a,s,2024-01-01,2023-01-01,,,,'], ['2 ends-before-it-starts']],
  ['a value missing', ['ann,,s,2024-01-01,,,,,', 'bob,b,s,,,,,,'], ['2 missing-value', '3 missing-value']],
  ['an unknown kind', ['ann,a,s,2024-01-01,,bob,boss,approval,'], ['2 unknown-kind']],
  ['an unknown responsibility', ['ann,a,s,2024-01-01,,bob,direct,approval;coffee,'], ['2 unknown-responsibility']],
  ['an id with a slash or a blank', ['ann,a/b,s,2024-01-01,,,,,', 'bob,b b,s,2024-01-01,,,,,'], ['2 bad-id', '3 bad-id']],
  ['cells missing', ['ann,a,s'], ['2 wrong-cell-count']],
  [
    'a reference to a row that is refused',
    ['ann,a,s,2024-01-01,,bob/b,direct,approval,', 'bob,b,s,2024-01-01,,zoe,direct,approval,'],
    ['2 unknown-manager', '3 unknown-manager'],
  ],
])('a row with %s is refused, and nothing is recorded', async (_what, rows, expected) => {
  expect(await verdicts(rows)).toEqual(expected);
});
test('a loop is told with its path', async () => {
  const { rejected } = await assignments([
    'ann,a,s,2024-01-01,,bob,direct,approval,',
    'bob,b,s,2024-01-01,,cat,direct,approval,',
    'cat,c,s,2024-01-01,,ann,direct,approval,',
  ]);
  expect(rejected.map(({ detail }) => detail)).toContain('a reports to b reports to c reports to a from the beginning on');
});
test('units and positions that are not there, and doubles among them, are refused', async () => {
  const header = 'person_id,assignment_id,valid_from,organisation_id,position_id';
  const unknown = await here.importText('native', `${header}\nann,a,2024-01-01,H,\nbob,b,2024-01-01,,P`, { element: 'assignments' });
  expect(unknown.rejected.map(({ code }) => code)).toEqual(['unknown-unit', 'unknown-position']);
  const units = await here.importText('native', 'idnumber,fullname,parentidnumber\nA,A,B\nB,B,A\nC,C,Z\nD,D,\nD,E,\nF,F,', {
    element: 'organisations',
  });
  expect(units.rejected.map(({ line, code }) => `${line} ${code}`)).toEqual([
    '2 unit-loop',
    '3 unknown-parent',
    '4 unknown-parent',
    '5 duplicate-key',
    '6 duplicate-key',
  ]);
  expect(units.added).toBe(1);
});
test('two people cannot have one user name', async () => {
  const result = await here.importText('native', 'idnumber,username\neve,x\nfay,x\ngus,ann.1\nhal,h', { element: 'people' });
  expect(result.rejected.map(({ line, code }) => `${line} ${code}`)).toEqual([
    '2 duplicate-username',
    '3 duplicate-username',
    '4 duplicate-username',
  ]);
  expect(result.added).toBe(1);
});
test('good rows beside bad ones are taken, and managers of a bad row stay as they were (E48)', async () => {
  await assignments(['ann,a,s,2024-01-01,,bob,direct,approval,']);
  const result = await assignments([
    'ann,a,s,2024-01-01,,zoe,direct,approval,',
    'ann,a,s,2024-01-01,,cat,alternate,approval,',
    'dan,d,s,2024-01-01,,cat,direct,approval,',
  ]);
  expect(result.rejected.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 unknown-manager']);
  expect(result).toMatchObject({ added: 1, changed: 1 });
  expect(linksOf(here.views, 'a').map((link) => `${link.kind} ${link.manager} ${link.to ?? 'on'}`)).toEqual([
    'alternate cat on',
    'direct bob on',
  ]);
});
test('text that looks like a formula or like a prototype is only text', async () => {
  const csv = 'idnumber;username;firstname;lastname;__proto__;constructor\nmal;mal.1;"=HYPERLINK(""x"")";@SUM;y;z';
  const result = await here.importText('native', csv, { element: 'people' });
  expect(personOf(here.views, 'mal')).toMatchObject({ givenName: '=HYPERLINK("x")', familyName: '@SUM' });
  expect(result.noted.map(({ code, detail }) => `${code} ${detail}`)).toEqual(['unknown-column __proto__', 'unknown-column constructor']);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});
test('a byte order mark, tabs, semicolons and lines within cells are read', async () => {
  const csv = '\uFEFFidnumber\tusername\tfirstname\tlastname\r\neve\te\t"E\nv"\te\r\nfay\t\t\t\r\n';
  const result = await here.importText('native', csv, { element: 'people' });
  expect(personOf(here.views, 'eve')?.givenName).toBe('E\nv');
  expect(result.rejected.map(({ line, code }) => `${line} ${code}`)).toEqual(['4 missing-value']);
});

test('a number that is a date elsewhere is refused, and not read as Unix seconds', async () => {
  const { rejected } = await assignments(['ann,a,s,20261121,,,,,', 'bob,b,s,45000,,,,,']);
  expect(rejected.map(({ detail }) => detail)).toEqual(
    ['20261121', '45000'].map((number) => `valid_from is no date: ${number}; seconds have at least nine digits`),
  );
});

describe('an import', () => {
  const loopCut = ['ann,a,s,2024-01-01,,,,,', 'bob,b,s,2024-01-01,,ann,direct,approval,'];

  test('may turn a hierarchy round within one file (I5)', async () => {
    await assignments(['ann,a,s,2024-01-01,,bob,direct,approval,', 'bob,b,s,2024-01-01,,,,,']);
    expect(await assignments(loopCut)).toMatchObject({ changed: 2, rejected: [] });
  });
  test('that is only tried changes nothing and tells the same', async () => {
    const before = here.organisationEvents();
    const tried = await assignments(loopCut, { dryRun: true });
    expect(tried).toMatchObject({ dryRun: true, added: 2, rejected: [] });
    expect(here.organisationEvents()).toBe(before);
    expect(await assignments(loopCut)).toMatchObject({ added: 2, rejected: [] });
  });
  test('ends what is deleted, and in full mode what is named no more (I4)', async () => {
    await assignments([...loopCut, 'cat,c,s,2024-01-01,,,,,']);
    const csv = 'person_id,assignment_id,valid_from,deleted\nann,a,2024-01-01,0\nbob,b,2024-01-01,1';
    const result = await here.importText('native', csv, { element: 'assignments', mode: 'full', effective: '2026-06-01' });
    expect(result).toMatchObject({ rows: 2, unchanged: 1, ended: 2, rejected: [] });
    expect([assignmentOf(here.views, 'b')?.to, assignmentOf(here.views, 'c')?.to]).toEqual(['2026-06-01', '2026-06-01']);
    expect(await here.importText('native', csv, { element: 'assignments', mode: 'full', effective: '2026-07-01' })).toMatchObject({
      unchanged: 2,
      ended: 0,
    });
  });
  test('in full mode ends nothing when a row could not be read', async () => {
    await assignments([...loopCut, 'cat,c,s,2024-01-01,,,,,']);
    const result = await assignments(['ann,a,s,2024-01-01,,,,,', 'bob,b,s,soon,,,,,'], { mode: 'full' });
    expect(result).toMatchObject({ ended: 0, rejected: [{ line: 3, code: 'bad-date' }] });
    expect(result.noted.map(({ code }) => code)).toEqual(['nothing-ended']);
    expect(assignmentOf(here.views, 'c')?.to).toBeUndefined();
  });
  test('of a person who is gone ends the account, and one who is back gets it again', async () => {
    const people = (deleted: number) => here.importText('native', `idnumber,username,deleted\ndan,dan.1,${deleted}`, { element: 'people' });
    expect(await people(1)).toMatchObject({ ended: 1 });
    expect(personOf(here.views, 'dan')?.active).toBe(false);
    expect(await people(0)).toMatchObject({ changed: 1 });
    expect(personOf(here.views, 'dan')).toMatchObject({ active: true, familyName: 'Lee' });
  });
});

// Files that are broken, odd or meant to harm, uploaded as an administrator would: a code and the line, no fault, no half.
import { gzipSync } from 'node:zlib';
import { expected, type Answer, type Api, type Json } from './support/http';
import { employ, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
let head: Json;
beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'ann', 'bob');
  await employ(admin, 'ann', { direct: 'bob' });
  head = await headNow();
});

const PEOPLE = 'idnumber,username,firstname,lastname,email';
const JOBS = 'person_id,assignment_id,position_type,valid_from,manager_ref,manager_kind,manager_responsibilities';
const upload = (content: string | Buffer, { query = 'preset=native&element=people', headers = {} } = {}): Promise<Answer> =>
  admin.send('POST', `/imports?${query}`, { body: Buffer.from(content), headers: { 'content-type': 'text/csv', ...headers } });
const headNow = async () => expected(200, await admin.get('/audit/proof'));

test.each<[string, string | Buffer, Json]>([
  ['nothing', '', { code: 'empty-file' }],
  ['a header only', PEOPLE, { code: 'no-rows', line: 1 }],
  ['a quotation mark that is never closed', `${PEOPLE}\ncat,cat,"Cat,Lee,`, { code: 'unclosed-quote', line: 2 }],
  [
    'a quotation mark that is never closed, over megabytes',
    `${PEOPLE}\ncat,"${'x\n'.repeat(2_000_000)}`,
    { code: 'row-too-large', line: 2 },
  ],
  ['a quotation mark within a cell', `${PEOPLE}\ncat,c"at,Cat,Lee,`, { code: 'bad-quotes', line: 2 }],
  ['a column missing', 'username,firstname\ncat,Cat', { code: 'missing-columns' }],
  ['a column twice', `${PEOPLE},username\ncat,cat,Cat,Lee,,cat`, { code: 'duplicate-column', line: 1 }],
  ['columns without end', Array.from({ length: 100_000 }, (_, at) => `c${at}`).join(), { code: 'row-too-large' }],
  ['half a pair of UTF-16', Buffer.from(`\uFEFF${PEOPLE}\ncat,\ud83d,Cat,Lee,`, 'utf16le'), { code: 'undecodable', line: 2 }],
  ['Latin-1 and UTF-8', Buffer.from(`${PEOPLE}\ncat,cat,J\xfcrg,Zo\xc3\xab,`, 'latin1'), { code: 'undecodable', line: 2 }],
  ['NUL characters', `${PEOPLE}\ncat,ca\0t,Cat,Lee,`, { code: 'undecodable', line: 2 }],
  ['a lone surrogate', Buffer.from([...Buffer.from(`${PEOPLE}\ncat,`), 0xed, 0xa0, 0x80]), { code: 'undecodable', line: 2 }],
  ['an archive', gzipSync(`${PEOPLE}\ncat,cat,Cat,Lee,`), { code: 'undecodable', line: 1 }],
  ['a workbook', Buffer.from('PK\x03\x04\x14\0\x06\0', 'latin1'), { code: 'undecodable', line: 1 }],
  ['a page', '<!doctype html><table><tr><td>cat</td></tr></table>', { code: 'missing-columns' }],
])('a file with %s is refused as a whole, and nothing is recorded', async (_what, content, problem) => {
  const answer = await upload(content);
  expect(answer).toMatchObject({ status: 422, headers: { 'content-type': expect.stringContaining('problem+json') }, body: problem });
  expect(await headNow()).toEqual(head);
});

test.each<[string, string, readonly string[]]>([
  [
    'a manager who is not there, himself, and a loop',
    'ann,a,s,2024-01-01,zoe,direct,approval\nann,b,s,2024-01-01,ann,direct,approval',
    ['2 unknown-manager', '3 self-manager'],
  ],
  ['a loop', 'ann,a,s,2024-01-01,bob,direct,approval\nbob,b,s,2024-01-01,ann,direct,approval', ['2 manager-loop', '3 manager-loop']],
  ['one key with two meanings', 'ann,a,s,2024-01-01,,,\nann,a,t,2024-01-01,,,', ['2 duplicate-key', '3 duplicate-key']],
  ['dates that are none', 'ann,a,s,2024-02-30,,,\nbob,b,s,32.13.2024,,,', ['2 bad-date', '3 bad-date']],
  ['cells missing', 'ann,a', ['2 wrong-cell-count']],
])('rows with %s are named with their lines', async (_what, rows, verdicts) => {
  const answer = expected(200, await upload(`${JOBS}\n${rows}`, { query: 'preset=native&element=assignments' }));
  expect(answer.rejected.map(({ line, code }: Json) => `${line} ${code}`)).toEqual(verdicts);
  expect(answer).toMatchObject({ added: 0, changed: 0, ended: 0 });
  expect(expected(200, await admin.get('/people/ann/assignments')).items).toHaveLength(1);
});

test('a name that looks like a formula, a script or a prototype is only a name', async () => {
  const names = [
    '=HYPERLINK("http://x")',
    '@SUM(1)',
    '+cmd|calc',
    '-1',
    '<script>alert(1)</script>',
    '{{7*7}}',
    '__proto__',
    '\u202Egnp.exe',
  ];
  const rows = names.map((name, at) => `odd${at},odd${at},"${name.replaceAll('"', '""')}",Lee,`);
  expect(expected(200, await upload([PEOPLE, ...rows].join('\n')))).toMatchObject({ added: names.length, rejected: [] });
  const { items } = expected(200, await admin.get('/people?search=odd&limit=50'));
  expect(items.map(({ name }: Json) => name).toSorted()).toEqual(names.map((name) => `${name} Lee`).toSorted());
});

test('bodies that are no upload are refused before anything is read', async () => {
  const before = await headNow();
  const multipart = (body: string, type = 'multipart/form-data; boundary=x') =>
    admin.send('POST', '/imports?preset=native', { body, headers: { 'content-type': type } });
  const part = (head: string, content: string) => `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const file = (name: string) => part(`name="${name}"; filename="../../${name}.csv"`, `${PEOPLE}\ncat,cat,Cat,Lee,`);
  const answers: readonly (readonly [Answer, number])[] = [
    [await multipart('x'), 400],
    [await multipart(file('people')), 400],
    [await multipart(`${part('name="people"', 'x')}--x--\r\n`), 400],
    [await multipart(`${['a', 'b', 'c', 'd', 'e'].map(file).join('')}--x--\r\n`), 413],
    [await multipart(`${part('name="people"; filename="a.csv"', '"'.repeat(3_000_000))}--x--\r\n`), 422],
    [await multipart('--x--\r\n'), 422],
    [await multipart('x', 'multipart/form-data'), 415],
    [await admin.post('/imports?preset=native', {}), 415],
    [await upload(PEOPLE, { headers: { 'content-type': 'text/plain' } }), 415],
    [await admin.send('POST', '/imports?preset=native'), 400],
    [await upload(PEOPLE, { query: 'preset=excel' }), 422],
    [await upload(PEOPLE, { query: 'preset=native&element=toString' }), 400],
    [await upload(PEOPLE, { query: 'preset=native&element=people&effective=2026-02-30' }), 400],
  ];
  expect(answers.map(([{ status, body }]) => [status, typeof body.code])).toEqual(answers.map(([, status]) => [status, 'string']));
  expect(await headNow()).toEqual(before);
});

test('only administrators import', async () => {
  const body = Buffer.from(`${PEOPLE}\ncat,cat,Cat,Lee,`);
  for (const [api, status] of [
    [await server.as('ann'), 403],
    [await server.as('audit', 'auditor'), 403],
    [server.anonymous, 401],
  ] as const) {
    const answer = await api.send('POST', '/imports?preset=native&element=people', { body, headers: { 'content-type': 'text/csv' } });
    expect(answer.status).toBe(status);
  }
});

test('a key that comes again with the same file answers the same, and with another file is refused', async () => {
  const headers = { 'idempotency-key': 'import-1' };
  const first = expected(200, await upload(`${PEOPLE}\ncat,cat,Cat,Lee,`, { headers }));
  const before = await headNow();
  expect(expected(200, await upload(`${PEOPLE}\ncat,cat,Cat,Lee,`, { headers }))).toMatchObject({ id: first.id, added: 1 });
  expect(await upload(`${PEOPLE}\ndan,dan,Dan,Lee,`, { headers })).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await headNow()).toEqual(before);
  expect(server.said).not.toMatch(/unexpected/);
});

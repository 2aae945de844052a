// Mappings that administrators save for files that no preset knows: over HTTP, by the command line, and in plans (I9).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersignWith } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { expected, type Api, type Json } from './support/http';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
beforeAll(async () => {
  await server.start();
  admin = server.operator;
});

const STAFF = {
  element: 'people',
  columns: { person: ['Personalnummer'], username: ['Kennung', 'Login'], givenName: ['Vorname'], familyName: ['Nachname'] },
  ignored: ['Raum'],
  written: { encoding: 'windows-1252' },
};
const ROWS = 'Personalnummer;Login;Vorname;Nachname;Raum\n';
const upload = (text: string | Buffer, preset: string, more = '') =>
  admin.send('POST', `/imports?preset=${preset}${more}`, { body: Buffer.from(text), headers: { 'content-type': 'text/csv' } });
const nameOf = async (id: string) => (await admin.get(`/people/${id}`)).body.name;

test('a mapping is saved, listed with its columns, and files are read by it', async () => {
  expect(await upload(`${ROWS}1;ann;Ann;Lee;12\n`, 'staff')).toMatchObject({ status: 422, body: { code: 'unknown-preset' } });
  expect(expected(200, await admin.put('/import-presets/staff', STAFF))).toMatchObject({ name: 'staff', version: 1, retired: false });
  const columns = expected(200, await admin.get('/import-presets/staff')).layouts[0].columns;
  expect(columns[0]).toMatchObject({ field: 'person', headers: ['Personalnummer'], kind: 'id', must: true, example: expect.any(String) });
  const taken = expected(200, await upload(Buffer.from(`${ROWS}1;ann;J\u00f6rg;Lee;12\n`, 'latin1'), 'staff'));
  expect(taken).toMatchObject({ added: 1, noted: [], rejected: [], readings: [{ encoding: 'windows-1252', delimiter: 'semicolon' }] });
  expect(expected(200, await admin.get(`/imports/${taken.id}`))).toMatchObject({ preset: 'staff', mappingVersion: 1 });
  expect(await nameOf('1')).toBe('Jörg Lee');
  expect(expected(200, await admin.put('/import-presets/staff', STAFF)).version).toBe(1);
});

test('a plan is committed by the mapping with which it was made, though it is changed or retired', async () => {
  const swapped = { ...STAFF, columns: { ...STAFF.columns, givenName: ['Nachname'], familyName: ['Vorname'] } };
  const planned = expected(200, await upload(`${ROWS}2;bob;Bob;Fox;1\n`, 'staff', '&dryRun=true'));
  expect(expected(200, await admin.put('/import-presets/staff', swapped)).version).toBe(2);
  const other = expected(200, await upload(`${ROWS}3;cat;Cat;Ray;1\n`, 'staff', '&dryRun=true'));
  expect(expected(200, await admin.post('/import-presets/staff/retirement')).retired).toBe(true);
  expect(await upload(`${ROWS}4;dan;Dan;Orr;1\n`, 'staff')).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('is retired') },
  });
  for (const { id } of [planned, other]) expected(200, await admin.post(`/imports/${id}/commit`, {}));
  expect([await nameOf('2'), await nameOf('3')]).toEqual(['Bob Fox', 'Ray Cat']);
  expect(expected(200, await admin.get('/import-presets')).items.map(({ name }: Json) => name)).not.toContain('staff');
  expect(expected(200, await admin.put('/import-presets/staff', STAFF))).toMatchObject({ version: 3, retired: false });
});

test('what is wrong with a mapping is named by its field', async () => {
  const columns = { persno: ['A'], person: ['B', ' b'], username: [], givenName: ['_'], familyName: ['n#'], toString: ['x'] };
  const { status, body } = await admin.put('/import-presets/bad', { ...STAFF, columns, ignored: ['B'], required: ['email'] });
  expect([status, body.code]).toEqual([422, 'bad-mapping']);
  expect(body.errors.map(({ field }: Json) => field)).toEqual([
    'columns.persno',
    'columns.person',
    'columns.username',
    'columns.givenName',
    'columns.familyName',
    'columns.toString',
    'required',
    'ignored',
  ]);
  expect((await admin.put('/import-presets/bad', { ...STAFF, columns: { person: ['A'] } })).body.errors).toEqual([
    { field: 'columns.username', message: expect.any(String) },
  ]);
  expect((await admin.put('/import-presets/native', STAFF)).body.errors[0].field).toBe('name');
  expect((await admin.put('/import-presets/Bad', STAFF)).status).toBe(400);
  expect((await admin.put('/import-presets/bad', { ...STAFF, element: 'cats' })).status).toBe(400);
  expect((await admin.get('/import-presets/bad')).status).toBe(404);
  expect((await admin.post('/import-presets/bad/retirement')).status).toBe(404);
  expect((await (await server.as('ann')).get('/import-presets')).status).toBe(403);
});

test('the organograms are such a mapping: saved as one of its own it reads the same', async () => {
  const [layout] = expected(200, await admin.get('/import-presets/organogram')).layouts;
  const columns = Object.fromEntries(layout.columns.map(({ field, headers }: Json) => [field, headers]));
  const mapping = { element: layout.element, columns, ignored: layout.ignored, vacant: ['', 'N/D', 'Vacant'], top: ['', 'XX'] };
  expected(200, await admin.put('/import-presets/office', mapping));
  const file = readFileSync(join(__dirname, 'data/organograms/home_office-2011-03-31.csv'));
  const read = async (preset: string) => {
    const { id: _id, preset: _preset, ...found } = expected(200, await upload(file, preset, '&dryRun=true'));
    return found;
  };
  expect(await read('office')).toEqual(await read('organogram'));
});

test('the command line saves, lists, shows and retires them', async () => {
  const folder = temporaryFolder();
  const run = async (...words: readonly string[]) => countersignWith({ DATA_DIR: server.folder }, ...words);
  writeFileSync(join(folder, 'mapping.json'), JSON.stringify(STAFF));
  writeFileSync(join(folder, 'staff.csv'), `${ROWS}9;eve;Eve;Poe;1\n`);
  expect(await run('preset', 'save', 'desk', join(folder, 'mapping.json'))).toMatchObject({
    exit: 0,
    out: expect.stringContaining('desk, saved, version 1'),
  });
  const listed = await run('preset', 'list', '--json');
  expect(JSON.parse(listed.out).map(({ name }: Json) => name)).toEqual(expect.arrayContaining(['native', 'totara', 'desk']));
  expect((await run('preset', 'show', 'totara')).out).toMatch(/managerjaidnumber or managerjobassignmentidnumber +id/);
  expect(await run('import', join(folder, 'staff.csv'), '--preset', 'desk')).toMatchObject({ exit: 0 });
  expect(await nameOf('9')).toBe('Eve Poe');
  expect(await run('preset', 'retire', 'desk')).toMatchObject({ exit: 0, out: expect.stringContaining('retired') });
  expect((await run('preset', 'save', 'desk', join(folder, 'staff.csv'))).exit).toBe(2);
});

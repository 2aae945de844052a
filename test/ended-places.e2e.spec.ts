// Units and positions end on a day, by HTTP and by the command line; what is still in them or below them stands in the way.
import { countersign } from './support/command-line';
import { expected, type Api, type Json } from './support/http';
import { FROM, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
const END = '2025-01-01';
const BEFORE = '2024-12-31';
let known = '';

const end = (kind: 'units' | 'positions', id: string, to: string | null) => admin.post(`/${kind}/${id}/end`, { to });
const ids = async (path: string) => expected(200, await admin.get(path)).items.map(({ id }: Json) => id);
const job = (person: string, fields: object) =>
  admin.post(`/people/${person}/assignments`, { id: `${person}-1`, positionType: 'substantive', from: FROM, ...fields });

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'ann', 'bob');
  for (const unit of [{ id: 'site' }, { id: 'ward', parent: 'site' }, { id: 'bay', parent: 'ward' }])
    expected(201, await admin.post('/units', { name: unit.id, ...unit }));
  for (const post of [{ id: 'head' }, { id: 'sister', superior: 'head' }, { id: 'nurse', superior: 'sister', unit: 'bay' }])
    expected(201, await admin.post('/positions', { title: post.id, ...post }));
  expected(201, await job('ann', { position: 'sister', unit: 'ward' }));
});
afterAll(() => server.stop());

test('what is below or in it after the day is named in the refusal, and nothing ends', async () => {
  expect(await end('units', 'ward', END)).toMatchObject({ status: 409, body: { code: 'unit-in-use', to: END, below: ['bay'] } });
  expect(await end('units', 'bay', END)).toMatchObject({
    status: 409,
    body: { code: 'unit-in-use', positions: ['nurse'], assignments: [] },
  });
  expect(await end('positions', 'sister', END)).toMatchObject({ status: 409, body: { code: 'position-in-use', below: ['nurse'] } });
  expected(201, await admin.post('/positions', { id: 'nurse', title: 'nurse', superior: 'head', effective: END }));
  expect(await end('positions', 'sister', END)).toMatchObject({ status: 409, body: { code: 'position-in-use', assignments: ['ann-1'] } });
  expect(await ids(`/positions?asOf=${END}`)).toEqual(['head', 'nurse', 'sister']);
});

test('once all has moved it ends: there the day before, gone on the day, and still there as it was known', async () => {
  expected(200, await admin.post('/assignments/ann-1/end', { to: END }));
  known = String(expected(200, await admin.get('/audit/proof')).events);
  expected(200, await end('positions', 'sister', END));
  expect([await ids(`/positions?asOf=${BEFORE}`), await ids(`/positions?asOf=${END}`)]).toEqual([
    ['head', 'nurse', 'sister'],
    ['head', 'nurse'],
  ]);
  expect(await ids(`/positions?asOf=${END}&knownAt=${known}`)).toEqual(['head', 'nurse', 'sister']);
  expect(await admin.get(`/positions/sister?asOf=${END}`)).toMatchObject({ status: 404, body: { code: 'unknown-position' } });
  expected(200, await end('units', 'bay', END));
  expected(200, await end('units', 'ward', END));
  expect([await ids(`/chart?of=units&asOf=${BEFORE}`), await ids(`/chart?of=units&asOf=${END}`)]).toEqual([
    ['site', 'ward', 'bay'],
    ['site'],
  ]);
  const chart = await ids(`/chart?asOf=${END}`);
  expect(chart).toEqual(['head', 'nurse']);
});

test('nothing comes into it or below it any more, while what lies before the end may still be recorded', async () => {
  expect(await job('bob', { position: 'sister' })).toMatchObject({
    status: 409,
    body: { code: 'position-in-use', assignments: ['bob-1'] },
  });
  expect(await job('bob', { unit: 'ward', to: '2025-01-02' })).toMatchObject({ status: 409, body: { code: 'unit-in-use' } });
  expected(201, await job('bob', { position: 'sister', unit: 'ward', to: END }));
  expect(await admin.post('/assignments/bob-1/end', { to: '2026-01-01' })).toMatchObject({ status: 409, body: { code: 'unit-in-use' } });
  const below = { id: 'aide', title: 'aide', superior: 'sister', effective: END };
  expect(await admin.post('/positions', below)).toMatchObject({ status: 422, body: { code: 'unknown-superior', above: 'sister' } });
  const inside = { id: 'aide', title: 'aide', unit: 'ward' };
  expect(await admin.post('/positions', inside)).toMatchObject({ status: 409, body: { code: 'unit-in-use', positions: ['aide'] } });
});

test('an end is moved, taken back, and made again by the command line; a mistake is refused', async () => {
  const run = async (...line: string[]) => JSON.parse((await countersign(server.folder, ...line, '--json')).out);
  expect(await run('position', 'end', 'sister', '--effective', '2025-06-01')).toEqual({ id: 'sister', to: '2025-06-01' });
  expect(await ids('/positions?asOf=2025-05-31')).toContain('sister');
  expect(await run('position', 'end', 'sister', '--never')).toEqual({ id: 'sister' });
  expect(await ids('/positions?asOf=2030-01-01')).toContain('sister');
  expect(await run('position', 'end', 'sister', '--effective', END)).toEqual({ id: 'sister', to: END });
  expect(await run('unit', 'end', 'nowhere', '--effective', END)).toMatchObject({ code: 'unknown-unit' });
  expected(201, await admin.post('/units', { id: 'late', name: 'Late', effective: END }));
  expect(await end('units', 'late', BEFORE)).toMatchObject({ status: 422, body: { code: 'ends-before-it-starts' } });
});

test('what a file names again is there again from its day, and not before', async () => {
  const headers = { 'content-type': 'text/csv' };
  const body = 'idnumber,fullname,parentidnumber\nward,Ward again,site\n';
  const path = '/imports?preset=native&mode=delta&element=organisations&effective=2025-03-01';
  const { id } = expected(200, await admin.send('POST', path, { body, headers }));
  const there = async (asOf: string) => (await ids(`/units?asOf=${asOf}`)).includes('ward');
  expect([await there(BEFORE), await there('2025-02-28'), await there('2025-03-01')]).toEqual([true, false, true]);
  expected(200, await admin.post(`/imports/${id}/undo`, {}));
  expect([await there(BEFORE), await there('2025-02-28'), await there('2025-03-01')]).toEqual([true, false, false]);
});

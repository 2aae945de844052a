// Rules of position types over HTTP: made by an administrator, kept by every change by hand.
import { expected, type Api } from './support/http';
import { employ, manage, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'lea', 'mel');
  expected(201, await admin.post('/units', { id: 'ward', name: 'Ward' }));
  const rules = { unitMandatory: true, managerMandatory: true, atMost: 1 };
  expected(201, await admin.post('/position-types', { id: 'bank', name: 'Bank', ...rules }));
});
afterAll(() => server.stop());

const start = (id: string, more: object) =>
  admin.post('/people/lea/assignments', { id, positionType: 'bank', from: '2026-01-01', ...more });

test('a job of a type keeps its rules, and hears which one it breaks (O2)', async () => {
  expect(await start('one', {})).toMatchObject({ status: 422, body: { code: 'unit-required' } });
  expected(201, await start('one', { unit: 'ward' }));
  expect(await start('two', { unit: 'ward' })).toMatchObject({ status: 409, body: { code: 'too-many-of-type', held: ['one'], atMost: 1 } });
  await employ(admin, 'lea', { job: 'other', direct: 'mel' });
  const change = await admin.send('PATCH', '/assignments/other', { body: { positionType: 'bank', unit: 'ward' } });
  expect(change).toMatchObject({ status: 409, body: { code: 'too-many-of-type' } });
});
test('a job without the manager that its type demands is listed (E35)', async () => {
  const { items } = expected(200, await admin.get('/manager-gaps'));
  expect(items).toEqual([{ assignment: 'one', person: 'lea', positionType: 'bank', unit: 'ward', mandatory: true, covered: false }]);
  await manage(admin, 'one', { manager: 'mel', kind: 'alternate' });
  expect(expected(200, await admin.get('/manager-gaps')).items).toEqual([{ ...items[0], covered: true }]);
  await manage(admin, 'one', { manager: 'mel', kind: 'direct' });
  expect(expected(200, await admin.get('/manager-gaps')).items).toEqual([]);
});
test('a second direct manager is refused, or an alternate where the caller says so, and the answer tells (E35)', async () => {
  await register(admin, 'tom');
  const body = { manager: 'tom', kind: 'direct', responsibilities: ['approval'], from: '2026-01-01' };
  expect(await admin.post('/assignments/one/managers', body)).toMatchObject({ status: 409, body: { code: 'direct-overlap' } });
  const answer = await admin.post('/assignments/one/managers', { ...body, overlap: 'demote' });
  expect(answer).toMatchObject({ status: 201, body: { demoted: true, link: 'one/alternate/tom/2026-01-01' } });
});
test('a file over HTTP may say the same', async () => {
  const file =
    'person_id,assignment_id,valid_from,manager_ref,manager_kind\nlea,two,2026-01-01,mel,direct\nlea,two,2026-01-01,tom,direct\n';
  const send = (query: string) =>
    admin.send('POST', `/imports?preset=native&element=assignments${query}`, { body: file, headers: { 'content-type': 'text/csv' } });
  expect((await send('')).body.rejected.map(({ code }: { code: string }) => code)).toEqual(['direct-overlap', 'direct-overlap']);
  expect((await send('&overlap=demote')).body).toMatchObject({ rejected: [], noted: [{ line: 3, code: 'demoted' }] });
});

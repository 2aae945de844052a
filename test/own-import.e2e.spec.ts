// An administrator with a job of his own sends files, over HTTP: what changes his own place takes another one (A26).
import { expected, type Api } from './support/http';
import { employ, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let mel: Api;
let ann: Api;
beforeAll(async () => {
  await server.start();
  await register(server.operator, 'mel', 'ann', 'bob');
  await employ(server.operator, 'mel', { direct: 'bob' });
  [mel, ann] = [await server.as('mel', 'admin'), await server.as('ann', 'admin')];
});
afterAll(() => server.stop());

const send = (api: Api, manager: string, more = '') =>
  api.send('POST', `/imports?preset=native&element=assignments${more}`, {
    body: `person_id,assignment_id,position_type,valid_from,manager_ref\nmel,mel-1,substantive,2020-01-01,${manager}\n`,
    headers: { 'content-type': 'text/csv' },
  });
const SECOND = { status: 403, body: { code: 'second-administrator', own: ['managers of mel-1'] } };
const direct = async () =>
  expected(200, await ann.get('/assignments/mel-1'))
    .managers.filter(({ kind }: { kind: string }) => kind === 'direct')
    .map(({ person }: { person: string }) => person);

test('at once, by a plan of his own, and by taking back; what another one commits is done', async () => {
  expect(
    (await mel.post('/assignments/mel-1/managers', { manager: 'ann', kind: 'alternate', responsibilities: ['approval'] })).body,
  ).toMatchObject({ code: 'self-benefit' });
  expect(await send(mel, 'ann')).toMatchObject(SECOND);
  const { id } = expected(200, await send(mel, 'ann', '&dryRun=true'));
  expect(await mel.post(`/imports/${id}/commit`, {})).toMatchObject(SECOND);
  expect(await direct()).toEqual(['bob']);
  expected(200, await ann.post(`/imports/${id}/commit`, {}));
  expect(await direct()).toEqual(['ann']);
  expect(await mel.post(`/imports/${id}/undo`)).toMatchObject(SECOND);
  expected(200, await server.operator.post(`/imports/${id}/undo`));
  expect(await direct()).toEqual(['bob']);
});

test('at once where another one planned the same, and for the operator', async () => {
  expected(200, await send(ann, 'ann', '&dryRun=true'));
  expected(200, await send(mel, 'ann'));
  expect(await direct()).toEqual(['ann']);
  expected(200, await send(server.operator, 'bob'));
  expect(await direct()).toEqual(['bob']);
});

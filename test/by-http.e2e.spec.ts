// People and jobs made by HTTP: once whatever is asked for again, and one person's whatever is asked for at once.
import { expected, type Answer, type Api } from './support/http';
import { FROM, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
const NEW = { username: 'kim', givenName: 'Kim', familyName: 'Hospital' };
const outcomes = (answers: readonly Answer[]) =>
  answers.map(({ body }): string => body.code ?? 'made').toSorted((a, b) => (a < b ? -1 : 1));

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'ann', 'dan', 'eve', 'mel');
});
afterAll(() => server.stop());

test('what is made without an id is made once under one key, and answered again (P3)', async () => {
  const key = (name: string) => ({ 'idempotency-key': name });
  const job = { positionType: 'substantive', from: FROM };
  const [first, again] = [await admin.post('/people', NEW, key('kim')), await admin.post('/people', NEW, key('kim'))];
  expect(first.status).toBe(201);
  expect([again.status, again.body]).toEqual([201, first.body]);
  const [begun, twice] = await Promise.all([1, 2].map(() => admin.post('/people/ann/assignments', job, key('job'))));
  expect(begun!.status).toBe(201);
  expect([twice!.status, twice!.body]).toEqual([201, begun!.body]);
  expect(expected(200, await admin.get('/people/ann/assignments')).items).toHaveLength(1);
  expect(await admin.post('/people', { ...NEW, givenName: 'Kit' }, key('kim'))).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  });
});

test('one job id and one user name that several ask for at once are one person’s, and the others are told', async () => {
  const job = { id: 'shared-job', positionType: 'substantive', from: FROM };
  const jobs = await Promise.all(['dan', 'eve', 'mel'].map((id) => admin.post(`/people/${id}/assignments`, job)));
  expect(outcomes(jobs)).toEqual(['assignment-exists', 'assignment-exists', 'made']);
  const owner = jobs.find(({ status }) => status === 201)!.body.person;
  expect(await admin.get('/assignments/shared-job')).toMatchObject({ status: 200, body: { person: owner } });
  const people = await Promise.all([1, 2, 3].map((at) => admin.post('/people', { ...NEW, id: `lou-${at}`, username: 'lou' })));
  expect(outcomes(people)).toEqual(['made', 'username-taken', 'username-taken']);
  expect(await admin.post('/people', { ...NEW, username: 'ann' })).toMatchObject({ status: 409, body: { code: 'username-taken' } });
  const changed = await Promise.all(['dan', 'eve'].map((id) => admin.send('PATCH', `/people/${id}`, { body: { username: 'dane' } })));
  expect(outcomes(changed)).toEqual(['made', 'username-taken']);
});

test('who is planned to leave later and is deactivated leaves at once, and so do his tokens (E3, E34)', async () => {
  await register(admin, 'bob');
  const bob = await server.as('bob');
  const say = (what: 'deactivation' | 'reactivation', body: object = {}) => admin.post(`/people/bob/${what}`, body);
  const activeOn = async (asOf: string) => expected(200, await admin.get(`/people/bob?asOf=${asOf}`)).active;
  expect(expected(200, await say('deactivation', { on: '2100-06-01' })).active).toBe(true);
  expect(expected(200, await say('deactivation', { on: '2100-09-01' })).active).toBe(true);
  expect([await activeOn('2100-06-01'), await activeOn('2100-09-01')]).toEqual([true, false]);
  expect((await bob.get('/people')).status).toBe(200);
  expect(expected(200, await say('deactivation')).active).toBe(false);
  expect((await bob.get('/people')).status).toBe(401);
  expect(expected(200, await say('reactivation', { on: '2100-06-01' })).active).toBe(false);
  expect(expected(200, await say('reactivation')).active).toBe(true);
});

test('what is not named stays as it is, also where others change it at once', async () => {
  await admin.post('/people/ann/assignments', { id: 'ann-9', positionType: 'substantive', from: FROM });
  const patch = (path: string, body: object) => admin.send('PATCH', path, { body });
  const parts = [{ title: 'Nurse' }, { costCentre: 'C-1' }, { to: '2100-01-01' }];
  for (const answer of await Promise.all(parts.map((part) => patch('/assignments/ann-9', part)))) expect(answer.status).toBe(200);
  expect((await admin.get('/assignments/ann-9')).body).toMatchObject({ title: 'Nurse', costCentre: 'C-1', to: '2100-01-01' });
  const names = [{ givenName: 'Anna' }, { familyName: 'Ray' }, { email: 'anna@x.example' }];
  for (const answer of await Promise.all(names.map((part) => patch('/people/ann', part)))) expect(answer.status).toBe(200);
  expect((await admin.get('/people/ann')).body).toMatchObject({ username: 'ann', name: 'Anna Ray', email: 'anna@x.example' });
});

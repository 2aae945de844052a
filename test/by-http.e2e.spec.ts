// People and jobs made by HTTP: once whatever is asked for again, and one person's whatever is asked for at once.
import { expected, type Api } from './support/http';
import { FROM, register } from './support/organisation';
import { Server } from './support/server';

jest.setTimeout(120_000);
const server = new Server();
let admin: Api;
const NEW = { username: 'kim', givenName: 'Kim', familyName: 'Hospital' };

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
  expect(jobs.map(({ body }) => body.code ?? 'made').toSorted()).toEqual(['assignment-exists', 'assignment-exists', 'made']);
  const owner = jobs.find(({ status }) => status === 201)!.body.person;
  expect(await admin.get('/assignments/shared-job')).toMatchObject({ status: 200, body: { person: owner } });
  const people = await Promise.all([1, 2, 3].map((at) => admin.post('/people', { ...NEW, id: `lou-${at}`, username: 'lou' })));
  expect(people.map(({ body }) => body.code ?? 'made').toSorted()).toEqual(['made', 'username-taken', 'username-taken']);
  expect(await admin.post('/people', { ...NEW, username: 'ann' })).toMatchObject({ status: 409, body: { code: 'username-taken' } });
  const changed = await Promise.all(['dan', 'eve'].map((id) => admin.send('PATCH', `/people/${id}`, { body: { username: 'dane' } })));
  expect(changed.map(({ body }) => body.code ?? 'made').toSorted()).toEqual(['made', 'username-taken']);
});

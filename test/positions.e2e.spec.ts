// Read your own writes: what a write answers as its position, a read can ask for.
import { expected, type Api, type Json } from './support/http';
import { employ, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let lea: Api;

beforeAll(async () => {
  await server.start();
  await register(server.operator, 'lea', 'mel');
  await employ(server.operator, 'lea', { direct: 'mel' });
  lea = await server.as('lea');
});
afterAll(() => server.stop());

const submit = (course: string, key = course) => lea.post('/requests', { kind: 'enrolment', course }, { 'idempotency-key': key });

test('a write says its position, the same when it is repeated, and a read that asks for it shows what was written', async () => {
  const first = await submit('C-1');
  const position = first.headers['position'] as string;
  expect(position).toMatch(/^\d+$/);
  await submit('C-2');
  expect((await submit('C-1')).headers['position']).toBe(position);
  const { items } = expected(200, await lea.get(`/requests?limit=5&min-position=${position}`));
  expect(items.map(({ id }: Json) => id)).toContain(first.body.id);
  expected(200, await lea.get('/requests', { 'min-position': position }));
});

test('an import says its position', async () => {
  const csv = 'person_id,username,given_name,family_name\nnew,new,Nora,New\n';
  const answer = await server.operator.send('POST', '/imports?preset=native&element=people', {
    body: csv,
    headers: { 'content-type': 'text/csv' },
  });
  expected(200, answer);
  expected(200, await server.operator.get('/people/new', { 'min-position': answer.headers['position'] as string }));
});

test('what was refused says none', async () => {
  const answer = await lea.post('/requests', { kind: 'enrolment', course: 'C-1' });
  expect([answer.status, answer.headers['position']]).toEqual([409, undefined]);
});

test('what is no position is refused with its name, after who asks is known', async () => {
  const answer = await lea.get('/inbox?min-position=soon');
  expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([400, 'bad-position', 'min-position']);
  expected(401, await server.anonymous.get('/inbox?min-position=soon'));
});

test('a position that nobody was told is answered, and whoever asks for it a thousand times is in the way of nobody', async () => {
  const answers = Promise.all(Array.from({ length: 1_000 }, () => lea.get('/inbox', { 'min-position': '9007199254740991' })));
  await lea.get('/me');
  expected(200, await server.operator.get('/me'));
  const codes = (await answers).map(({ status, body }) => `${status} ${body.code}`);
  expect(new Set(codes)).toEqual(new Set(['503 position-not-reached']));
});

test('the description names it at every read and every write', async () => {
  const { paths } = expected(200, await lea.get('//openapi.json'));
  expect(paths['/api/v1/inbox'].get.parameters.filter(({ name }: Json) => name === 'min-position')).toHaveLength(2);
  expect(paths['/api/v1/requests'].post.responses['201'].headers.position.schema).toEqual({ type: 'string', pattern: '^[0-9]{1,16}$' });
});

test('the stream of the longest id can be asked for', async () => {
  const stream = `approvalRequest-${'x'.repeat(200)}`;
  expect(expected(200, await server.operator.get(`/audit/events?stream=${stream}`)).items).toEqual([]);
});

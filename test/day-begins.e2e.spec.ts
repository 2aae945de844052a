// A day begins where the organisation is: what was to hold from it takes effect, although the process was killed before.
import { expected, type Api } from './support/http';
import { employ, register } from './support/organisation';
import { Server } from './support/server';
import { until } from './support/until';

/** Between these two it is always another day: the clock of the second is 25 hours ahead. */
const [TODAY_HERE, TOMORROW_HERE] = ['Pacific/Pago_Pago', 'Pacific/Kiritimati'];
const SETTLED_MS = 3_000;

const settings = { TIME_ZONE: TODAY_HERE };
const server = new Server(settings);
const settled = () => new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
const tomorrow = () => Temporal.Now.plainDateISO(TOMORROW_HERE).toString();
const slateOf = async (learner: Api, id: string) =>
  expected(200, await learner.get(`/requests/${id}`))
    .chain.at(-1)
    .slate.map(({ person }: { person: string }) => person);
const movesOf = async (learner: Api, id: string) =>
  expected(200, await learner.get(`/requests/${id}/history`)).items.filter(({ event }: { event: string }) => event === 'SlateChanged');

test('an approver whose leaving was recorded for tomorrow is replaced tomorrow, once, after a kill in between (E33, E31)', async () => {
  await server.start();
  await register(server.operator, 'lea', 'mel', 'ann');
  await employ(server.operator, 'lea', { direct: 'mel', alternate: 'ann' });
  const asLea = () => server.as('lea');
  const { id } = expected(201, await (await asLea()).post('/requests', { kind: 'enrolment', course: 'first-aid' }));
  const left = expected(200, await server.operator.post('/people/mel/deactivation', { on: tomorrow() }));
  expect(left.active).toBe(true);
  expect(await slateOf(await asLea(), id)).toEqual(['mel']);
  // By now the server has looked at it, and noted so in its file.
  await settled();
  await server.kill();

  settings.TIME_ZONE = TOMORROW_HERE;
  await server.start();
  const learner = await asLea();
  await until(async () => (await slateOf(learner, id))[0] === 'ann');
  expect(expected(200, await server.operator.get('/people/mel')).active).toBe(false);
  await server.kill();

  await server.start();
  await settled();
  const again = await asLea();
  expect(await slateOf(again, id)).toEqual(['ann']);
  expect(await movesOf(again, id)).toMatchObject([
    { actor: 'rerouting', facts: { removed: ['mel'], added: ['ann'], because: 'approver-left' } },
  ]);
  expect(expected(200, await server.operator.post('/audit/replay?check=true')).different).toEqual([]);
  await server.stop();
});

test('a file that says days in Unix seconds means the days here (E31)', async () => {
  settings.TIME_ZONE = 'Europe/London';
  await server.start();
  await register(server.operator, 'eve');
  // Midnight of the first of July in London, which is the evening before in UTC.
  const body = Buffer.from('person_id,assignment_id,valid_from\neve,eve-1,1782860400');
  const path = '/imports?preset=native&element=assignments';
  const admin = server.operator;
  expected(200, await admin.send('POST', path, { body, headers: { 'content-type': 'text/csv' } }));
  expect(expected(200, await admin.get('/assignments/eve-1')).from).toBe('2026-07-01');
  await server.stop();
});

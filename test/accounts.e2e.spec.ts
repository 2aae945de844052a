// Accounts over HTTP: who makes tokens and takes them back, and what a token is for beside being a person.
import { createRunCommand } from '@app/kernel';
import { account } from '@app/access';
import { eventId, SqliteEventLog } from '@app/event-log';
import { digestOf, newId, now } from '@app/platform/ids';
import { NO_SUCH_ID } from './support/bad-values';
import { expected, type Answer, type Api, type Json } from './support/http';
import { employ, manage, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let operator: Api;
let lea: Api;
const OLD = { admin: `cs_${'a'.repeat(43)}`, auditor: `cs_${'b'.repeat(43)}`, person: `cs_${'c'.repeat(43)}` };

beforeAll(async () => {
  await server.start();
  operator = server.operator;
  await register(operator, 'lea', 'mel', 'operator');
  const pam = { id: 'P7', username: 'pam', givenName: 'Pam', familyName: 'Hospital', email: 'pam@hospital.example' };
  expected(201, await operator.post('/people', pam));
  const job = await employ(operator, 'lea', { direct: 'mel' });
  await manage(operator, job, { manager: 'P7', kind: 'alternate' });
  await employ(operator, 'mel', { direct: 'P7' });
  await server.stop();
  // Tokens of a time when any name was taken.
  const log = new SqliteEventLog(server.folder);
  const run = createRunCommand({ log, eventId });
  for (const [token, who] of [
    [OLD.admin, { username: 'operator', role: 'admin' }],
    [OLD.auditor, { username: 'P7', role: 'auditor' }],
    [OLD.person, { username: 'operator', person: 'operator', role: 'admin' }],
  ] as const) {
    const issue = { type: 'IssueToken', digest: digestOf(token), ...who, expiresAt: '2099-01-01T00:00:00.000Z' } as const;
    await run(account, who.username, issue, { command: newId(), actor: 'operator', at: now() });
  }
  await log.close();
  await server.start();
  operator = server.operator;
  lea = await server.as('lea');
});
afterAll(() => server.stop());

let courses = 0;
const ask = (api: Api) => api.post('/requests', { kind: 'enrolment', course: `C-${++courses}` });
const submit = async (): Promise<Json> => expected(201, await ask(lea));
const decide = (api: Api, { id, revision }: Json) =>
  api.post(`/requests/${id}/decisions`, { outcome: 'approve' }, { 'if-match': `"${revision}"` });
const withdraw = (api: Api, { id }: Json) => api.post(`/requests/${id}/withdrawal`);
const move = (api: Api, { id, revision }: Json) =>
  api.post(`/requests/${id}/assignment`, { assignment: 'lea-1' }, { 'if-match': `"${revision}"` });
const refusal = ({ status, body }: Answer) => [status, body.code];
/** What was recorded for callers; sagas may be at work on what came before. */
const recorded = async (): Promise<readonly string[]> => {
  const { items } = expected(200, await operator.get('/audit/events?limit=200'));
  const called = items.filter(({ stream, meta }: Json) => /^(account|request)-/.test(stream) && meta.causation === undefined);
  return called.map(({ event }: Json) => event.type);
};

test('only the operator makes tokens: no token of an administrator does, whatever he is called', async () => {
  for (const admin of [await server.as('ann', 'admin'), await server.as('mel', 'admin')])
    expect(refusal(await admin.post('/tokens', { username: 'evil', role: 'admin' }))).toEqual([403, 'operator-required']);
});

test('no account is called so that the log would not tell it from the operator or from a person', async () => {
  const before = await recorded();
  for (const [username, role] of [
    ['operator', 'admin'],
    ['operator', 'user'],
    ['P7', 'auditor'],
    ['P7', 'admin'],
    ['P7', 'integration'],
  ])
    expect(refusal(await operator.post('/tokens', { username, role }))).toEqual([409, 'reserved-name']);
  expect(await recorded()).toEqual(before);
});

test('whoever has a token from before under such a name is not signed in with it', async () => {
  for (const token of Object.values(OLD)) {
    expect(refusal(await server.anonymous.as(token).get('/me'))).toEqual([401, 'not-signed-in']);
    expect(refusal(await server.anonymous.as(token).post('/tokens', { username: 'evil', role: 'admin' }))).toEqual([401, 'not-signed-in']);
  }
});

test('an account is nobody from the day on which somebody has its name for an id', async () => {
  const nia = await server.as('nia', 'admin');
  expected(200, await nia.get('/me'));
  await register(operator, 'nia');
  expect(refusal(await nia.get('/me'))).toEqual([401, 'not-signed-in']);
  expect(expected(200, await (await server.as('nia', 'admin')).get('/me')).person.id).toBe('nia');
});

test('an account without a person learns nothing, decides nothing, and nothing waits for it', async () => {
  const request = await submit();
  const before = await recorded();
  for (const api of [operator, await server.as('hal', 'admin')]) {
    const made = await recorded();
    for (const act of [ask(api), decide(api, request), move(api, request), withdraw(api, request)])
      expect(refusal(await act)).toEqual([403, 'person-required']);
    expect(expected(200, await api.get('/inbox'))).toEqual({ items: [], waiting: 0 });
    expect(await recorded()).toEqual(made);
    expect(refusal(await withdraw(api, { id: NO_SUCH_ID }))).toEqual([404, 'unknown-request']);
  }
  expect(await recorded()).toEqual([...before, 'TokenIssued']);
});

test('whoever signs in as an auditor or a program acts in no request, whatever else he is to it', async () => {
  const request = await submit();
  for (const [role, decides, asks] of [
    ['auditor', [403, 'role-required'], [403, 'role-required']],
    ['integration', [404, 'unknown-request'], [403, 'role-required']],
  ] as const) {
    const [mel, learner] = [await server.as('mel', role), await server.as('lea', role)];
    const before = await recorded();
    expect(refusal(await decide(mel, request))).toEqual(decides);
    expect(refusal(await withdraw(learner, request))).toEqual(decides);
    expect(refusal(await move(learner, request))).toEqual(decides);
    expect(refusal(await ask(learner))).toEqual(asks);
    expect(await recorded()).toEqual(before);
  }
  expect(expected(200, await decide(await server.as('mel', 'admin'), request)).status).toBe('granted');
});

test('an auditor reads every request, and a program none, not even those of whom it belongs to', async () => {
  const request = await submit();
  const reads = async (api: Api) => [
    (await api.get(`/requests/${request.id}`)).status,
    (await api.get(`/requests/${request.id}/history`)).status,
    (await api.get('/requests')).status,
  ];
  expect(await reads(await server.as('mel', 'auditor'))).toEqual([200, 200, 200]);
  for (const username of ['lea', 'mel', 'payroll']) {
    const program = await server.as(username, 'integration');
    expect(await reads(program)).toEqual([404, 404, 403]);
    expect(expected(200, await program.get('/inbox'))).toEqual({ items: [], waiting: 0 });
    expect(expected(200, await program.get('/me'))).toMatchObject({ username, assignments: [], counts: { inbox: 0, openRequests: 0 } });
  }
  expected(200, await withdraw(lea, request));
});

test('a token that an account does not have is not taken back, and the answer says so', async () => {
  const { token } = await server.as('lea');
  const revoke = (username: string, key?: string) =>
    operator.post('/tokens/revocation', { username, token }, key === undefined ? {} : { 'idempotency-key': key });
  expect(refusal(await revoke('mel'))).toEqual([404, 'unknown-token']);
  expected(200, await server.anonymous.as(token).get('/me'));
  expect(expected(200, await revoke('lea', 'once'))).toEqual({ revoked: true });
  expect(refusal(await server.anonymous.as(token).get('/me'))).toEqual([401, 'not-signed-in']);
  // The same command, and another for what is taken back already.
  const before = await recorded();
  for (const key of ['once', 'twice']) expect(expected(200, await revoke('lea', key))).toEqual({ revoked: true });
  expect(await recorded()).toEqual(before);
});

test('a key that comes again makes no second token, and says that the first one was shown', async () => {
  const make = (username: string) => operator.post('/tokens', { username, role: 'admin' }, { 'idempotency-key': 'make' });
  const { token } = expected(201, await make('ida'));
  expected(200, await server.anonymous.as(token).get('/me'));
  const before = await recorded();
  const again = await make('ida');
  expect([...refusal(again), again.body.token]).toEqual([409, 'token-shown-before', undefined]);
  expect(await recorded()).toEqual(before);
});

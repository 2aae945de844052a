// Races as people run them: over HTTP, with tokens of their own, against the real server.
import { expected, type Answer, type Api, type Json } from './support/http';
import { employ, nameFallback, register } from './support/organisation';
import { randomFrom, seedOf } from './support/random';
import { Server } from './support/server';
import { until } from './support/until';

const random = randomFrom(seedOf());
const server = new Server();
let lea: Api, mel: Api, tom: Api, fin: Api;
beforeAll(async () => {
  await server.start();
  const admin = server.operator;
  await register(admin, 'lea', 'mel', 'tom', 'fin');
  await employ(admin, 'lea', { direct: 'mel', temporary: 'tom' });
  await nameFallback(admin, 'fin');
  [lea, mel, tom, fin] = await Promise.all(['lea', 'mel', 'tom', 'fin'].map((name) => server.as(name)) as [any, any, any, any]);
});

let courses = 0;
const submit = async (): Promise<Json> => expected(201, await lea.post('/requests', { kind: 'enrolment', course: `C-${++courses}` }));
const decide = (who: Api, { id, revision }: Json, body: Json = { outcome: 'approve' }, headers: Record<string, string> = {}) =>
  who.post(`/requests/${id}/decisions`, body, { 'if-match': `"${revision}"`, ...headers });
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);

test('of two managers who decide at once one wins, and the other gets 409 with who and when, whatever he saw', async () => {
  for (let done = 0; done < 300; done += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const request = await submit();
        const both = random.below(2) === 0 ? [mel, tom] : [tom, mel];
        const body = random.of([{ outcome: 'approve' }, { outcome: 'deny', reason: 'No cover' }, { outcome: 'approve', nominate: 'fin' }]);
        const answers = await Promise.all(both.map((who) => decide(who, request, body)));
        expect(statuses(answers)).toEqual([200, 409]);
        const won = answers.find(({ status }) => status === 200)!.body.chain[0].decision;
        const lost = answers.find(({ status }) => status === 409)!.body;
        expect(lost).toMatchObject({ code: 'already-decided', by: won.by, at: won.at, step: 1, status: 409 });
        const { items } = expected(200, await lea.get(`/requests/${request.id}/history`));
        expect(items.filter(({ event }: Json) => /Approved|Granted|Denied/.test(event))).toHaveLength(1);
      }),
    );
  }
});

test('the same button twice, with one key: one decision, the same answer; another body under the key is refused', async () => {
  const request = await submit();
  const headers = { 'idempotency-key': 'button' };
  const answers = await Promise.all([1, 2, 3, 4].map(() => decide(mel, request, { outcome: 'approve' }, headers)));
  for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 200, body: answers[0]!.body });
  expect(answers[0]!.body).toMatchObject({ status: 'granted', revision: 2 });
  expect(await decide(mel, request, { outcome: 'deny', reason: 'No' }, headers)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused' },
  });
  // Keys are each caller's own.
  expect(await decide(tom, request, { outcome: 'approve' }, headers)).toMatchObject({ status: 409, body: { code: 'already-decided' } });
});

test('a key is of one command: with another body it is refused wherever it goes, and repeated it answers as before', async () => {
  const [one, other] = [await submit(), await submit()];
  const headers = { 'idempotency-key': 'of-one-command' };
  const first = await decide(mel, one, { outcome: 'approve' }, headers);
  expect(await decide(mel, other, { outcome: 'deny', reason: 'No' }, headers)).toMatchObject(REUSED);
  expect((await decide(mel, one, { outcome: 'approve' }, headers)).body).toEqual(first.body);
  expect(expected(200, await lea.get(`/requests/${other.id}`)).status).toBe('open');

  const register = (id: string) => server.operator.post('/people', { id, username: id, givenName: 'X', familyName: 'Y' }, headers);
  expect([(await register('x1')).status, (await register('x1')).status]).toEqual([201, 201]);
  expect(await register('x2')).toMatchObject(REUSED);
  const csv = { body: 'person_id,username,given_name,family_name\nx3,x3,X,Y\n', headers: { ...headers, 'content-type': 'text/csv' } };
  expect(await server.operator.send('POST', '/imports?preset=native&element=people', csv)).toMatchObject(REUSED);
  const own = { ...csv, headers: { ...csv.headers, 'idempotency-key': 'of-an-import' } };
  for (const _ of ['sent', 'repeated']) expected(200, await server.operator.send('POST', '/imports?preset=native&element=people', own));
  const after = { id: 'x4', username: 'x4', givenName: 'X', familyName: 'Y' };
  expect(await server.operator.post('/people', after, { 'idempotency-key': 'of-an-import' })).toMatchObject(REUSED);
});
const REUSED = { status: 422, body: { code: 'idempotency-key-reused' } };

test('a decision names what it saw: 428 without, 412 with the state when it moved on, 409 when it is decided', async () => {
  const request = await submit();
  expect(await mel.post(`/requests/${request.id}/decisions`, { outcome: 'approve' })).toMatchObject({
    status: 428,
    body: { code: 'if-match-required' },
  });
  const stale = await decide(mel, { ...request, revision: 0 });
  expect(stale).toMatchObject({ status: 412, body: { code: 'stale-revision', revision: 1, current: { id: request.id, revision: 1 } } });
  expected(200, await decide(mel, request));
  expect(await mel.post(`/requests/${request.id}/decisions`, { outcome: 'approve' })).toMatchObject({ status: 409 });
  expect(await decide(tom, { ...request, revision: 0 })).toMatchObject({ status: 409, body: { code: 'already-decided', by: 'mel' } });
});

test('E21: who is asked next, and saw the step before, is told that it moved on', async () => {
  const request = await submit();
  const early = await decide(fin, request);
  expect(early).toMatchObject({ status: 404, body: { code: 'unknown-request' } });
  expected(200, await decide(mel, request, { outcome: 'approve', nominate: 'tom' }));
  expect(await decide(tom, request)).toMatchObject({ status: 412, body: { code: 'stale-revision', current: { revision: 3 } } });
  expect(await decide(mel, { ...request, revision: 3 })).toMatchObject({ status: 403, body: { code: 'distinct-approver' } });
  expected(200, await decide(tom, { ...request, revision: 3 }));
});

test('E45: submissions for one course that race make one request, and the others are told which', async () => {
  for (let round = 0; round < 50; round++) {
    const body = { kind: 'enrolment', course: `C-${++courses}` };
    const answers = await Promise.all([1, 2, 3].map((at) => lea.post('/requests', body, { 'idempotency-key': `race-${round}-${at}` })));
    expect(statuses(answers)).toEqual([201, 409, 409]);
    const { id } = answers.find(({ status }) => status === 201)!.body;
    const refusals = answers.filter(({ status }) => status === 409);
    for (const refusal of refusals) expect(refusal.body).toMatchObject({ code: 'duplicate-request', request: id });
  }
});

test('E46: after the end the same course can be asked for again', async () => {
  const request = await submit();
  expected(200, await decide(mel, request, { outcome: 'deny', reason: 'Not this year' }));
  const again = expected(201, await lea.post('/requests', { kind: 'enrolment', course: request.course }));
  expect(again.id).not.toBe(request.id);
});

test('E22: a withdrawal and an approval at once: one counts, and the other says how it stands', async () => {
  const ends = new Set<string>();
  await until(async () => {
    const request = await submit();
    const withdraw = () => lea.post(`/requests/${request.id}/withdrawal`);
    const approve = () => decide(mel, request);
    const answers = await Promise.all(random.below(2) === 0 ? [withdraw(), approve()] : [approve(), withdraw()]);
    expect(statuses(answers)).toEqual([200, 409]);
    const now = expected(200, await lea.get(`/requests/${request.id}`));
    const lost = answers.find(({ status }) => status === 409)!.body;
    expect(lost.code).toBe(now.status === 'withdrawn' ? 'already-withdrawn' : 'already-decided');
    expect(lost.by).toBe(now.status === 'withdrawn' ? 'lea' : 'mel');
    ends.add(now.status);
    return ends.size === 2;
  });
});

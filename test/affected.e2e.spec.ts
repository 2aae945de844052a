// Decisions that a back-dated change has put in question, over HTTP and on the command line: listed, ratified, voided (N7, E32).
import { countersign } from './support/command-line';
import { expected, type Answer, type Api, type Json } from './support/http';
import { employ, manage, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
const requests: Record<string, string> = {};
const list = async (query = '', api = admin): Promise<readonly Json[]> =>
  expected(200, await api.get(`/audit/affected-decisions${query}`)).items;
const found = async (learner: string): Promise<Json> => (await list()).find(({ beneficiary }) => beneficiary === learner)!;
interface Seen {
  readonly as?: Api;
  /** A revision, or whether to name the one in the list. */
  readonly seen?: boolean | number;
  readonly step?: number;
}
const review = async (learner: string, how: string, { as = admin, seen = true, step = 1 }: Seen = {}): Promise<Answer> => {
  const revision = seen === true ? (await found(learner))?.revision : seen;
  const headers: Record<string, string> = seen === false ? {} : { 'if-match': `"${revision}"` };
  return as.send('POST', `/audit/affected-decisions/${requests[learner]}/${step}/${how}`, {
    body: { reason: 'Not her team then' },
    headers,
  });
};
const refusal = ({ status, body }: Answer) => [status, body.code];
const ask = async (learner: string): Promise<Json> =>
  expected(201, await (await server.as(learner)).post('/requests', { kind: 'enrolment', course: 'first-aid' }));
const decide = async (by: string, { id, revision }: Json, body: object): Promise<Json> =>
  expected(200, await (await server.as(by)).send('POST', `/requests/${id}/decisions`, { body, headers: { 'if-match': `"${revision}"` } }));

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'mel', 'max', 'ada', 'lea', 'ben', 'cem', 'eva');
  for (const id of ['mel', 'max', 'ada']) await employ(admin, id);
  const links: string[] = [];
  for (const id of ['lea', 'ben', 'cem']) {
    links.push(await manage(admin, await employ(admin, id), { manager: 'mel', kind: 'direct' }));
    const request = await ask(id);
    requests[id] = request['id'];
    await decide('mel', request, id === 'ben' ? { outcome: 'deny', reason: 'No cover' } : { outcome: 'approve' });
  }
  await employ(admin, 'eva', { direct: 'max' });
  requests['eva'] = (await decide('max', await ask('eva'), { outcome: 'approve' }))['id'];
  // Only now it is recorded that they had another manager since long ago.
  for (const link of links) expected(200, await admin.post(`/manager-links/${encodeURIComponent(link)}/end`, { to: '2025-01-01' }));
  for (const id of ['lea', 'ben', 'cem']) await manage(admin, `${id}-1`, { manager: 'max', kind: 'direct', from: '2025-01-01' });
});
afterAll(() => server.stop());

test('they are listed for administrators and auditors alone, and nothing became of them yet', async () => {
  for (const api of [admin, await server.as('ada', 'auditor')]) {
    expect((await list('?review=open', api)).map(({ beneficiary, by, instead }) => [beneficiary, by, instead])).toEqual([
      ['lea', 'mel', ['max']],
      ['ben', 'mel', ['max']],
      ['cem', 'mel', ['max']],
    ]);
  }
  expect((await (await server.as('ada')).get('/audit/affected-decisions')).status).toBe(403);
});

test.each(['ratification', 'annulment'])('a %s names what was seen, and is for administrators without a part in it', async (how) => {
  const before = (await list()).map(({ revision }) => revision);
  expect(refusal(await review('lea', how, { seen: false }))).toEqual([428, 'if-match-required']);
  const stale = await review('lea', how, { seen: 0 });
  expect(refusal(stale)).toEqual([412, 'stale-revision']);
  expect(stale.body.current).toEqual({
    ...expected(200, await admin.get(`/requests/${requests['lea']}`)),
    revision: stale.body.revision,
  });
  expect(refusal(await review('lea', how, { as: await server.as('ada', 'auditor') }))).toEqual([403, 'role-required']);
  expect(refusal(await review('lea', how, { as: await server.as('lea', 'admin') }))).toEqual([403, 'self-approval']);
  expect(refusal(await review('lea', how, { as: await server.as('mel', 'admin') }))).toEqual([403, 'distinct-approver']);
  expect(refusal(await review('lea', how, { step: 2, seen: 2 }))).toEqual([404, 'unknown-decision']);
  expect(refusal(await review('eva', how, { seen: 2 }))).toEqual([409, 'not-affected']);
  expect((await list()).map(({ revision }) => revision)).toEqual(before);
});

test('a ratified decision stands, and is reviewed once', async () => {
  expect(expected(200, await review('lea', 'ratification')).status).toBe('granted');
  expect((await found('lea'))['review']).toMatchObject({ outcome: 'ratified', by: 'operator', reason: 'Not her team then' });
  expect(refusal(await review('lea', 'annulment'))).toEqual([409, 'already-reviewed']);
});

test('a voided one opens the request again for the manager of that job, and is shown as such', async () => {
  const { status, chain } = expected(200, await review('cem', 'annulment'));
  expect(status).toBe('open');
  expect(chain.map((step: Json) => [step.step, step.status, step.slate[0].person])).toEqual([
    [1, 'voided', 'mel'],
    [2, 'waiting', 'max'],
  ]);
  const max = await server.as('max');
  const waiting = expected(200, await max.get('/inbox')).items;
  expect(waiting).toMatchObject([{ request: requests['cem'], step: 2 }]);
  expect((await decide('max', { id: requests['cem'], revision: waiting[0].revision }, { outcome: 'approve' })).status).toBe('granted');
  expect((await list('?review=voided')).map(({ beneficiary, step }) => [beneficiary, step])).toEqual([['cem', 1]]);
  const history = expected(200, await admin.get(`/requests/${requests['cem']}/history`)).items.map(({ event }: Json) => event);
  expect(history).toEqual(['RequestSubmitted', 'ApproverAsked', 'RequestGranted', 'DecisionVoided', 'ApproverAsked', 'RequestGranted']);
});

test('a denial is not voided beside a later request for the same thing', async () => {
  const again = await ask('ben');
  const answer = await review('ben', 'annulment');
  expect(refusal(answer)).toEqual([409, 'duplicate-request']);
  expect(answer.body.request).toBe(again['id']);
  expected(200, await (await server.as('ben')).post(`/requests/${again['id']}/withdrawal`));
});

test('of an annulment and another request for the same thing at once one opens, and the other hears of it (E45)', async () => {
  const learners = Array.from({ length: 20 }, (_, at) => `twice${at}`);
  await register(admin, ...learners);
  const races = await Promise.all(
    learners.map(async (id) => {
      const link = await manage(admin, await employ(admin, id), { manager: 'mel', kind: 'direct' });
      const first = await ask(id);
      const { revision } = await decide('mel', first, { outcome: 'deny', reason: 'No cover' });
      expected(200, await admin.post(`/manager-links/${encodeURIComponent(link)}/end`, { to: '2025-01-01' }));
      await manage(admin, `${id}-1`, { manager: 'max', kind: 'direct', from: '2025-01-01' });
      requests[id] = first['id'];
      return { id, revision, learner: await server.as(id) };
    }),
  );
  const open = await Promise.all(
    races.map(async ({ id, revision, learner }) => {
      const both = await Promise.all([
        learner.post('/requests', { kind: 'enrolment', course: 'first-aid' }),
        review(id, 'annulment', { seen: revision }),
      ]);
      const lost = both.filter(({ status }) => status === 409).map(({ body }) => body.code);
      return [lost, expected(200, await learner.get('/requests?status=open')).items.length];
    }),
  );
  expect(open).toEqual(learners.map(() => [['duplicate-request'], 1]));
});

test('the command line lists, ratifies and voids them', async () => {
  const { revision } = await found('ben');
  const words = ['affected', 'void', requests['ben']!, '1', '--reason', 'Not her team then'];
  expect(await countersign(server.folder, ...words)).toMatchObject({ exit: 2 });
  expect(await countersign(server.folder, ...words, '--revision', '0', '--json')).toMatchObject({
    exit: 1,
    out: expect.stringContaining('"stale-revision"'),
  });
  const voided = await countersign(server.folder, ...words, '--revision', String(revision));
  expect(voided).toMatchObject({ exit: 0, out: expect.stringMatching(/ is open at revision \d+; step 2 asks Max Hospital \(max\)/) });
  const ratified = await countersign(
    server.folder,
    'affected',
    'ratify',
    requests['ben']!,
    '1',
    '--reason',
    'x',
    '--revision',
    '9',
    '--json',
  );
  expect([ratified.exit, JSON.parse(ratified.out).code]).toEqual([1, 'already-reviewed']);
  const listed = await countersign(server.folder, 'affected');
  expect(listed).toMatchObject({ exit: 0, out: expect.stringContaining('voided by operator at ') });
  const { items } = JSON.parse((await countersign(server.folder, 'affected', '--review', 'ratified', '--json')).out);
  expect(items.map(({ beneficiary }: Json) => beneficiary)).toEqual(['lea']);
});

test('the read models made anew are the same', async () =>
  expect(expected(200, await admin.post('/audit/replay?check=true')).different).toEqual([]));

// The main job over HTTP: a learner asks in the name of one job, managers and finance decide, everyone concerned is told.
import { expected, type Api, type Json } from './support/http';
import { addressOf, employ, manage, nameFallback, register } from './support/organisation';
import { Server } from './support/server';
import { startSmtp, type SmtpServer } from './support/smtp';
import { until } from './support/until';

let smtp: SmtpServer;
let server: Server;
let admin: Api;
/** Everybody speaks with a token of his own. */
const as = new Map<string, Api>();
const PEOPLE = ['lea', 'mel', 'tom', 'alt', 'dir', 'max', 'fin', 'fay', 'eve', 'bob', 'old', 'new', 'sol', 'zoe', 'ray', 'gone', 'ceo'];

beforeAll(async () => {
  smtp = await startSmtp();
  server = new Server({ SMTP_URL: smtp.url, PUBLIC_URL: 'https://learn.hospital.example' });
  await server.start();
  admin = server.operator;
  await register(admin, ...PEOPLE);
  await employ(admin, 'dir', { direct: 'ceo' });
  await employ(admin, 'mel', { direct: 'dir' });
  await employ(admin, 'zoe', { direct: 'dir' });
  const job = await employ(admin, 'lea', { direct: 'mel', temporary: 'tom', alternate: 'alt', costCentre: 'CC-1' });
  await employ(admin, 'lea', { job: 'lea-2', direct: 'max', costCentre: 'CC-2' });
  await manage(admin, job, { manager: 'old', kind: 'alternate', to: '2021-01-01' });
  await manage(admin, job, { manager: 'new', kind: 'alternate', from: '2090-01-01' });
  await employ(admin, 'bob', { direct: 'lea' });
  await employ(admin, 'sol');
  await employ(admin, 'ray', { direct: 'zoe' });
  for (const person of PEOPLE) as.set(person, await server.as(person));
  as.set('officer', await server.as('officer', 'admin'));
  as.set('auditor', await server.as('auditor', 'auditor'));
  as.set('program', await server.as('program', 'integration'));
  expected(200, await admin.post('/people/gone/deactivation'));
});
afterAll(() => smtp.stop());

let courses = 0;
const newCourse = () => `C-${++courses}`;
const submit = async (who = 'lea', more: Json = { assignment: 'lea-1' }): Promise<Json> =>
  expected(201, await as.get(who)!.post('/requests', { kind: 'enrolment', course: newCourse(), ...more }));
const decide = (who: string, { id, revision }: Json, body: Json = { outcome: 'approve' }) =>
  as.get(who)!.post(`/requests/${id}/decisions`, body, { 'if-match': `"${revision}"` });
const slateOf = (request: Json) =>
  request.chain
    .at(-1)
    .slate.map(({ person }: Json) => person)
    .toSorted();
const read = async (id: string): Promise<Json> => expected(200, await admin.get(`/requests/${id}`));
/** Subjects of the mails that a person got about a course, in order. */
const subjects = (person: string, course: string) =>
  smtp.mails
    .filter(({ envelopeTo, subject }) => envelopeTo.includes(addressOf(person)) && subject?.includes(`in ${course}`))
    .map(({ subject }) => subject);
const mailed = (person: string, course: string, words: string) =>
  until(() => subjects(person, course).some((subject) => subject!.includes(words)));

test('E54: where nobody could ever decide, the submission is refused and says why', async () => {
  const refusal = await as.get('sol')!.post('/requests', { kind: 'enrolment', course: newCourse() });
  expect(refusal).toMatchObject({ status: 422, body: { code: 'no-approver', skipped: [] } });
  await nameFallback(admin, 'fin');
});

test('E2: without any manager the fallback approver is asked', async () => {
  const request = await submit('sol', {});
  expect(request.chain).toMatchObject([{ step: 1, status: 'waiting', slate: [{ person: 'fin', as: 'fallback' }] }]);
  expect((await decide('fin', request)).body.status).toBe('granted');
});

test('nobody names the fallback approver for a request of his own, or himself, or somebody who cannot decide', async () => {
  const chief = await server.as('sol', 'admin');
  const name = async (who: Api, person: string) => {
    const { status, body } = await who.put('/fallback-approver', { person });
    return [status, body.code ?? body.person];
  };
  expect(await name(chief, 'fay')).toEqual([200, 'fay']);
  const request = await submit('sol', {});
  expect(await name(chief, 'fin')).toEqual([403, 'self-benefit']);
  expect(await name(as.get('officer')!, 'fin')).toEqual([200, 'fin']);
  await until(async () => slateOf(await read(request.id)).includes('fin'));
  expect((await decide('fin', await read(request.id))).body.status).toBe('granted');
  expect(await name(chief, 'sol')).toEqual([403, 'self-benefit']);
  expect(await name(chief, 'nobody')).toEqual([404, 'unknown-person']);
  expect(await name(chief, 'gone')).toEqual([409, 'person-inactive']);
  expect(expected(200, await admin.get('/fallback-approver'))).toEqual({ person: 'fin' });
});

test('E9: a learner with several jobs says in whose name, and is shown the choices', async () => {
  const refusal = await as.get('lea')!.post('/requests', { kind: 'enrolment', course: newCourse() });
  expect(refusal).toMatchObject({ status: 422, body: { code: 'assignment-required' } });
  expect(refusal.body.choices).toMatchObject([
    { assignment: 'lea-1', approvers: ['mel', 'tom'] },
    { assignment: 'lea-2', approvers: ['max'] },
  ]);
  expect(slateOf(await submit('lea', { assignment: 'lea-2' }))).toEqual(['max']);
  const others = await as.get('lea')!.post('/requests', { kind: 'enrolment', course: newCourse(), assignment: 'bob-1' });
  expect(others).toMatchObject({ status: 422, body: { code: 'not-your-assignment', choices: ['lea-1', 'lea-2'] } });
});

test('asked, approved and passed on, approved by finance: granted, and everyone concerned is told', async () => {
  const request = await submit('lea', { assignment: 'lea-1', costMinor: 45_000, currency: 'GBP', note: 'For the ward' });
  const { course } = request;
  expect(request).toMatchObject({ status: 'open', revision: 1, chain: [{ step: 1, status: 'waiting' }] });
  const { items } = expected(200, await as.get('mel')!.get('/inbox'));
  expect(items.find(({ request: id }: Json) => id === request.id)).toMatchObject({
    beneficiary: 'lea',
    beneficiaryName: 'Lea Hospital',
    costMinor: 45_000,
    currency: 'GBP',
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    why: { person: 'mel', as: 'direct', since: '2020-01-01' },
  });
  for (const manager of ['mel', 'tom']) await mailed(manager, course, 'Lea Hospital asks for enrolment');

  const passed = expected(200, await decide('mel', request, { outcome: 'approve', nominate: 'fin', reason: 'Needed on the ward' }));
  expect(passed.chain[1]).toMatchObject({
    step: 2,
    status: 'waiting',
    nominatedBy: 'mel',
    slate: [{ person: 'fin', as: 'nominee', via: 'mel' }],
  });
  await mailed('fin', course, 'Mel Hospital asks you to decide too');
  await mailed('lea', course, 'Mel Hospital approved your request');
  for (const other of ['tom', 'alt']) await mailed(other, course, 'Mel Hospital approved the request of Lea Hospital');

  expect((await decide('fin', passed)).body).toMatchObject({ status: 'granted' });
  for (const person of ['lea', 'mel', 'tom', 'alt']) await mailed(person, course, 'Fin Hospital approved');
  expect(subjects('lea', course).at(-1)).toBe(`Fin Hospital approved your request for enrolment in ${course}: it is granted`);
  // Each is told once of each thing, and nobody else of anything.
  const counts = Object.fromEntries(PEOPLE.map((person) => [person, subjects(person, course).length]).filter(([, count]) => count !== 0));
  expect(counts).toEqual({ lea: 2, mel: 2, tom: 3, alt: 2, fin: 1 });
  await until(async () => {
    const { items: ledger } = expected(200, await admin.get(`/requests/${request.id}/deliveries`));
    return ledger.every(({ status }: Json) => status === 'sent');
  });
  const mail = smtp.mails.find(({ subject }) => subject?.includes(`Fin Hospital approved your request for enrolment in ${course}`))!;
  expect(mail.text).toContain(`https://learn.hospital.example/requests/${request.id}`);

  const { items: history } = expected(200, await as.get('lea')!.get(`/requests/${request.id}/history`));
  expect(history.map(({ event, actor }: Json) => `${event} ${actor}`)).toEqual([
    'RequestSubmitted lea',
    'ApproverAsked approval-chain',
    'StepApproved mel',
    'ApproverAsked approval-chain',
    'RequestGranted fin',
  ]);
});

test('the inbox comes in pages, and each says how many wait in all', async () => {
  const asked: Json[] = [];
  for (let nth = 0; nth < 3; nth++) asked.push(await submit('ray', {}));
  const page = async (query = ''): Promise<Json> => expected(200, await as.get('zoe')!.get(`/inbox${query}`));
  const ids = ({ items }: Json) => items.map(({ request }: Json) => request);
  const [one, two, three] = asked.map(({ id }) => id);
  const first = await page('?limit=2');
  expect([ids(first), first.waiting]).toEqual([[one, two], 3]);
  const last = await page(`?limit=2&after=${encodeURIComponent(first.next)}`);
  expect([ids(last), last.waiting, last.next]).toEqual([[three], 3, undefined]);
  const whole = await page();
  expect([ids(whole), whole.waiting, whole.next]).toEqual([[one, two, three], 3, undefined]);
  for (const request of asked) expected(200, await decide('zoe', request));
});

test('denied: it is over, the learner hears the reason, and the inbox is empty again', async () => {
  const request = await submit();
  await mailed('mel', request.course, 'asks for');
  expect(await decide('mel', request, { outcome: 'deny' })).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } });
  expected(200, await decide('mel', request, { outcome: 'deny', reason: 'No cover on that day' }));
  await mailed('lea', request.course, 'Mel Hospital denied your request');
  await mailed('tom', request.course, 'Mel Hospital denied the request of Lea Hospital');
  expect(smtp.mails.find(({ subject }) => subject?.includes(`denied your request for enrolment in ${request.course}`))!.text).toContain(
    'No cover on that day',
  );
  const { items } = expected(200, await as.get('tom')!.get('/inbox'));
  expect(items.map(({ request: id }: Json) => id)).not.toContain(request.id);
});

test('withdrawn: those who were asked are told, and it cannot be decided any more', async () => {
  const request = await submit();
  await mailed('tom', request.course, 'asks for');
  expected(200, await as.get('lea')!.post(`/requests/${request.id}/withdrawal`));
  for (const person of ['mel', 'tom']) await mailed(person, request.course, 'withdrew');
  expect(await decide('mel', request)).toMatchObject({ status: 409, body: { code: 'already-withdrawn', by: 'lea' } });
});

test('who may read a request, its history, and act on it, follows from how he stands to it', async () => {
  const first = await submit();
  const request = expected(200, await decide('mel', first, { outcome: 'approve', nominate: 'fin' }));
  const at = async (who: string) => {
    const api = as.get(who)!;
    const answers = [
      await api.get(`/requests/${request.id}`),
      await api.get(`/requests/${request.id}/history`),
      await decide(who, request),
      await api.post(`/requests/${request.id}/withdrawal`),
    ];
    const [seen] = answers;
    const redacted = seen!.status === 200 && !('assignment' in seen!.body);
    return answers.map(({ status, body }, place) => (place === 0 && redacted ? 'redacted' : status === 403 ? body.code : status)).join(' ');
  };
  const table = Object.fromEntries(
    await Promise.all(
      ['tom', 'mel', 'dir', 'ceo', 'max', 'old', 'new', 'eve', 'officer', 'auditor', 'program'].map(
        async (who) => [who, await at(who)] as const,
      ),
    ),
  );
  const cannotAct = 'not-current-approver not-your-request';
  expect(table).toEqual({
    tom: '200 200 409 not-your-request', // Asked before, and the step was decided.
    mel: '200 200 distinct-approver not-your-request',
    dir: `200 200 ${cannotAct}`, // Above who was asked.
    ceo: `200 200 ${cannotAct}`, // Two levels above.
    max: `redacted not-yours-to-read ${cannotAct}`, // Manages another job of the learner.
    old: '404 404 404 404', // No longer a manager, and never asked.
    new: '404 404 404 404', // Not yet a manager.
    eve: '404 404 404 404',
    officer: '200 200 person-required person-required',
    auditor: '200 200 role-required role-required',
    program: '404 404 404 404',
  });
  const { assignment, chain } = expected(200, await as.get('max')!.get(`/requests/${request.id}`));
  expect([assignment, JSON.stringify(chain).includes('lea-1')]).toEqual([undefined, false]);
  expect(await at('lea')).toBe('200 200 self-approval 200');
});

test('E41, E42: a nominee who cannot decide is refused whole, and the answer names who can', async () => {
  const request = await submit();
  const nominate = (who: string, nominee: string, seen = request) => decide(who, seen, { outcome: 'approve', nominate: nominee });
  for (const [nominee, because] of [
    ['mel', 'self'],
    ['lea', 'learner'],
    ['bob', 'subordinate'],
    ['nobody', 'not-available'],
    ['gone', 'not-available'],
  ]) {
    const refusal = await nominate('mel', nominee!);
    expect(refusal).toMatchObject({ status: 422, body: { code: 'ineligible-nominee', because } });
    expect(refusal.body.choices).toEqual(expect.arrayContaining(['tom', 'dir', 'fin']));
    expect(refusal.body.choices).not.toEqual(expect.arrayContaining(['mel', 'lea']));
  }
  expect(await read(request.id)).toMatchObject({ revision: 1 });
  const passed = expected(200, await nominate('mel', 'fay'));
  expect(await nominate('fay', 'mel', passed)).toMatchObject({ status: 422, body: { code: 'nomination-cycle' } });
  expect((await decide('fay', passed)).body.status).toBe('granted');
});

test('E3: when an approver leaves, his token dies at once and his place is taken', async () => {
  const request = await submit('ray', {});
  expect(slateOf(request)).toEqual(['zoe']);
  await mailed('zoe', request.course, 'asks for');
  expected(200, await admin.post('/people/zoe/deactivation'));
  expect(await as.get('zoe')!.get('/inbox')).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
  expect(await decide('zoe', request)).toMatchObject({ status: 401 });
  const moved = await until(async () => {
    const now = await read(request.id);
    return now.revision > request.revision && now;
  });
  expect(moved.chain[0].slate).toMatchObject([{ person: 'dir', as: 'next-level', via: 'zoe' }]);
  await mailed('dir', request.course, 'asks for');
  expect((await decide('dir', moved)).body.status).toBe('granted');
});

test('a key that comes again answers the same, and records nothing', async () => {
  const body = { kind: 'enrolment', course: newCourse(), assignment: 'lea-1' };
  const send = (more = {}) => as.get('lea')!.post('/requests', { ...body, ...more }, { 'idempotency-key': 'again' });
  const first = await send();
  const again = await send();
  expect({ ...again.body, ...first.body }).toEqual(again.body);
  expect([first.status, again.status, again.headers.location]).toEqual([201, 201, `/api/v1/requests/${first.body.id}`]);
  expect(await send({ note: 'other' })).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect((await read(first.body.id)).revision).toBe(1);
});

test('those that one decided are listed by how they stand, a page at a time', async () => {
  const mel = as.get('mel')!;
  const { items: all } = expected(200, await mel.get('/requests?as=approver&limit=200'));
  expect(new Set(all.map(({ status }: Json) => status)).size).toBeGreaterThan(1);
  for (const standing of ['open', 'granted', 'denied', 'withdrawn', 'cancelled']) {
    const found: Json[] = [];
    for (let next = ''; ;) {
      const page = expected(200, await mel.get(`/requests?as=approver&status=${standing}&limit=1${next}`));
      found.push(...page.items);
      if (page.next === undefined) break;
      next = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(found).toEqual(all.filter(({ status }: Json) => status === standing));
  }
});

test('everything that happened replays to the same state', async () => {
  const { position } = expected(200, await admin.get('//readyz'));
  const replay = expected(200, await admin.post('/audit/replay?check=true', undefined));
  expect(replay.different).toEqual([]);
  expect(replay.position).toBeGreaterThanOrEqual(position);
  expect(expected(200, await admin.get('/audit/proof')).fault).toBeUndefined();
  expect(await server.stop()).toMatchObject({ code: 0 });
});

// The job in whose name was asked ends, over HTTP and the command line: what the site has chosen becomes of the request (E11).
import { countersign } from './support/command-line';
import { expected, type Api, type Json } from './support/http';
import { addressOf, employ, register } from './support/organisation';
import { Server } from './support/server';
import { startSmtp } from './support/smtp';
import { until } from './support/until';

let server: Server;
let admin: Api;
const as = new Map<string, Api>();
const PEOPLE = ['lea', 'mel', 'max', 'fin', 'eve'];
const mailed = (person: string, words: string) =>
  until(() => smtp.mails.some(({ envelopeTo, subject }) => envelopeTo.includes(addressOf(person)) && subject?.includes(words)));
let smtp: Awaited<ReturnType<typeof startSmtp>>;

beforeAll(async () => {
  smtp = await startSmtp();
  server = new Server({ SMTP_URL: smtp.url, PUBLIC_URL: 'https://learn.hospital.example' });
  await server.start();
  admin = server.operator;
  await register(admin, ...PEOPLE);
  for (const person of PEOPLE) as.set(person, await server.as(person));
});
afterAll(() => smtp.stop());

const yesterday = () => Temporal.Now.plainDateISO('UTC').subtract({ days: 1 }).toString();
const endJob = async (job: string) => expected(200, await admin.post(`/assignments/${job}/end`, { to: yesterday() }));
const policy = async () => expected(200, await admin.get('/ended-job-policy')).policy;
const submit = async (course: string, assignment: string): Promise<Json> =>
  expected(201, await as.get('lea')!.post('/requests', { kind: 'enrolment', course, assignment }));
const decide = (who: string, { id, revision }: Json, body: Json = { outcome: 'approve' }) =>
  as.get(who)!.post(`/requests/${id}/decisions`, body, { 'if-match': `"${revision}"` });
const read = async ({ id }: Json): Promise<Json> => expected(200, await as.get('lea')!.get(`/requests/${id}`));

test('only an administrator chooses what becomes of requests whose job has ended, and it is told to whoever watches', async () => {
  expect(await policy()).toBe('continue');
  expect(await as.get('lea')!.put('/ended-job-policy', { policy: 'cancel' })).toMatchObject({
    status: 403,
    body: { code: 'role-required' },
  });
  const auditor = await server.as('auditor', 'auditor');
  expect(await auditor.put('/ended-job-policy', { policy: 'cancel' })).toMatchObject({ status: 403 });
  expect(expected(200, await auditor.get('/ended-job-policy'))).toEqual({ policy: 'continue' });
  expect(await admin.put('/ended-job-policy', { policy: 'forget' })).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
  expect(await policy()).toBe('continue');
});

test('cancelled: who was asked and the learner hear of it, a decision comes too late, and the same may be asked for again', async () => {
  const chosen = await countersign(server.folder, 'ended-job-policy', 'cancel', '--json');
  expect([chosen.exit, JSON.parse(chosen.out)]).toEqual([0, { policy: 'cancel' }]);
  expect(await policy()).toBe('cancel');
  await employ(admin, 'lea', { job: 'lea-1', direct: 'mel' });
  await employ(admin, 'lea', { job: 'lea-2', direct: 'max' });
  const request = await submit('C-1', 'lea-1');
  await endJob('lea-1');
  await until(async () => (await read(request)).status === 'cancelled');
  for (const person of ['lea', 'mel']) await mailed(person, 'is over: the job in whose name it was made has ended');
  const why = { because: 'assignment-ended', assignment: 'lea-1', endedOn: yesterday() };
  expect(await decide('mel', request)).toMatchObject({ status: 409, body: { code: 'already-cancelled', ...why } });
  expect(expected(200, await as.get('mel')!.get('/inbox')).items).toEqual([]);
  const { items } = expected(200, await as.get('lea')!.get('/requests?status=cancelled'));
  expect(items.map(({ id }: Json) => id)).toEqual([request.id]);
  const again = await submit('C-1', 'lea-2');
  expect(again.id).not.toBe(request.id);
  expect(expected(200, await decide('max', again)).status).toBe('granted');
});

test('moved: the learner hears that his job has ended, names another one, and its manager decides what he has seen', async () => {
  expected(200, await admin.put('/ended-job-policy', { policy: 'move' }));
  await employ(admin, 'lea', { job: 'lea-3', direct: 'mel' });
  await employ(admin, 'eve', { job: 'eve-1', direct: 'fin' });
  const request = await submit('C-2', 'lea-3');
  const move = (who: string, revision: number, assignment: string, id = request.id) =>
    as.get(who)!.post(`/requests/${id}/assignment`, { assignment }, { 'if-match': `"${revision}"` });
  expect(await move('lea', request.revision, 'lea-2')).toMatchObject({
    status: 409,
    body: { code: 'not-movable', because: 'job-goes-on' },
  });
  await endJob('lea-3');
  const { revision, status } = await until(async () => {
    const now = await read(request);
    return now.revision > request.revision && now;
  });
  expect(status).toBe('open');
  await mailed('lea', 'The job in whose name your request for enrolment in C-2 was made has ended');

  expect(await move('mel', revision, 'lea-2')).toMatchObject({ status: 403, body: { code: 'not-your-request' } });
  for (const id of [request.id, crypto.randomUUID()])
    expect(await move('eve', revision, 'lea-2', id)).toMatchObject({ status: 404, body: { code: 'unknown-request' } });
  for (const job of ['eve-1', 'lea-1', 'nowhere'])
    expect(await move('lea', revision, job)).toMatchObject({ status: 422, body: { code: 'not-your-assignment', choices: ['lea-2'] } });
  expect(await as.get('lea')!.post(`/requests/${request.id}/assignment`, { assignment: 'lea-2' })).toMatchObject({ status: 428 });
  expect(await move('lea', request.revision, 'lea-2')).toMatchObject({ status: 412, body: { code: 'stale-revision' } });

  const moved = expected(200, await move('lea', revision, 'lea-2'));
  expect([moved.assignment, moved.chain.at(-1).slate[0].person]).toEqual(['lea-2', 'max']);
  expect(await decide('mel', moved)).toMatchObject({ status: 403, body: { code: 'not-current-approver' } });
  const [waiting] = expected(200, await as.get('max')!.get('/inbox')).items;
  expect(waiting).toMatchObject({ request: request.id, assignment: 'lea-2', revision: moved.revision });
  expect(expected(200, await decide('max', moved)).status).toBe('granted');
  const { items } = expected(200, await as.get('lea')!.get(`/requests/${request.id}/history`));
  expect(items.map(({ event, actor }: Json) => `${event} ${actor}`)).toEqual([
    'RequestSubmitted lea',
    'ApproverAsked approval-chain',
    'AskingJobEnded rerouting',
    'RequestMoved lea',
    'SlateChanged approval-chain',
    'RequestGranted max',
  ]);
});

test('after a replay everything is as it was', async () =>
  expect(expected(200, await admin.post('/audit/replay?check=true')).different).toEqual([]));

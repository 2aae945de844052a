// An import that takes approvers away: the plan says what waits for them, the guard counts it, and then somebody else is asked (E47).
import { countersign } from './support/command-line';
import { expected, type Answer, type Api, type Json } from './support/http';
import { employ, register } from './support/organisation';
import { Server } from './support/server';
import { until } from './support/until';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const server = new Server();
const LEARNERS = Array.from({ length: 12 }, (_, at) => `lea${at}`);
let admin: Api;
let second: Api;
const requests = new Map<string, string>();
const send = (element: string, rows: string, more = '', as = admin): Promise<Answer> =>
  as.send('POST', `/imports?preset=native&element=${element}${more}`, { body: rows, headers: { 'content-type': 'text/csv' } });
const MEL_LEAVES = 'idnumber,username,deleted\nmel,mel,1\n';
const inbox = async (person: string): Promise<Json> => expected(200, await (await server.as(person)).get('/inbox'));
const ofMel = () => LEARNERS.map((learner) => ({ request: requests.get(learner), step: 1, learner, approver: 'mel' }));

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  second = await server.as('second', 'admin');
  await register(admin, 'mel', 'ann', 'zoe', ...LEARNERS);
  for (const id of ['mel', 'ann', 'zoe']) await employ(admin, id);
  for (const id of LEARNERS) {
    await employ(admin, id, { direct: 'mel', alternate: 'ann' });
    const asked = await (await server.as(id)).post('/requests', { kind: 'enrolment', course: 'first-aid' });
    requests.set(id, expected(201, asked).id);
  }
});
afterAll(() => server.stop());

test('a plan names each request that waits for somebody who would leave, and changes nothing', async () => {
  const plan = (await send('people', MEL_LEAVES, '&dryRun=true')).body;
  expect(plan).toMatchObject({ ended: 1, waitingCount: 12 });
  expect(plan.waiting).toEqual(ofMel());
  expect(expected(200, await admin.get(`/imports/${plan.id}/changes`))).toMatchObject({ count: 1, waitingCount: 12, waiting: ofMel() });
  const file = join(server.folder, 'people.csv');
  writeFileSync(file, MEL_LEAVES);
  const { exit, out } = await countersign(server.folder, 'import', file, '--preset', 'native', '--element', 'people', '--dry-run');
  expect([exit, out]).toEqual([
    0,
    expect.stringMatching(/Open requests whose approver or job would go: 12\n.*step 1 of lea0 +waits for mel/),
  ]);
  expect((await inbox('mel')).waiting).toBe(12);
});

test('somebody for whom nothing waits is no more than before', async () => {
  const plan = (await send('people', 'idnumber,username,deleted\nzoe,zoe,1\n', '&dryRun=true')).body;
  expect(plan).toMatchObject({ ended: 1, waiting: [], waitingCount: 0 });
});

test('a job that would end counts like an account that would close', async () => {
  const rows = 'person_id,assignment_id,position_type,valid_from,deleted\nmel,mel-1,substantive,2020-01-01,1\n';
  expect((await send('assignments', rows, '&dryRun=true')).body).toMatchObject({ waitingCount: 12 });
  const later = 'person_id,assignment_id,position_type,valid_from,valid_to\nmel,mel-1,substantive,2020-01-01,2099-01-01\n';
  expect((await send('assignments', later, '&dryRun=true')).body).toMatchObject({ waitingCount: 0 });
});

test('the guard counts them: two administrators, and then the alternate is asked at once (E3)', async () => {
  const direct = await send('people', MEL_LEAVES);
  expect([direct.status, direct.body]).toMatchObject([409, { code: 'too-many-ends', ends: 1, known: 1, waiting: 12 }]);
  const { id } = (await send('people', MEL_LEAVES, '&dryRun=true')).body;
  expect((await admin.post(`/imports/${id}/commit`, {})).body).toMatchObject({ code: 'too-many-ends', waiting: 12 });
  expect((await admin.post(`/imports/${id}/commit`, { force: 'She has left' })).body).toMatchObject({ code: 'second-administrator' });
  expect((await inbox('mel')).waiting).toBe(12);
  expected(200, await second.post(`/imports/${id}/commit`, { force: 'She has left' }));
  await until(async () => (await inbox('ann')).waiting === 12);
  const { chain } = expected(200, await admin.get(`/requests/${requests.get('lea0')}`));
  expect(chain[0].slate).toMatchObject([{ person: 'ann', as: 'alternate' }]);
});

test('where requests fall with their job, a plan names those that would, they count, and then it is so (E11)', async () => {
  expected(200, await admin.put('/ended-job-policy', { policy: 'cancel' }));
  const jobs = LEARNERS.map((learner) => `${learner},${learner}-1,substantive,2020-01-01,1`).join('\n');
  const rows = `person_id,assignment_id,position_type,valid_from,deleted\n${jobs}\n`;
  const plan = (await send('assignments', rows, '&dryRun=true')).body;
  const fall = LEARNERS.map((learner) => ({ request: requests.get(learner), step: 1, learner, cancelledWith: `${learner}-1` }));
  expect(plan).toMatchObject({ ended: 12, waitingCount: 12 });
  expect(plan.waiting).toEqual(fall);
  const file = join(server.folder, 'assignments.csv');
  writeFileSync(file, rows);
  const { out } = await countersign(server.folder, 'import', file, '--preset', 'native', '--element', 'assignments', '--dry-run');
  expect(out).toMatch(/whose approver or job would go: 12\n.*step 1 of lea0 +is cancelled with lea0-1/);
  expect((await send('assignments', rows)).body).toMatchObject({ code: 'too-many-ends', ends: 12, waiting: 12 });
  expected(200, await second.post(`/imports/${plan.id}/commit`, { force: 'The ward is closed' }));
  await until(async () => (await inbox('ann')).waiting === 0);
  expect(expected(200, await admin.get(`/requests/${requests.get('lea0')}`))).toMatchObject({ status: 'cancelled' });
});

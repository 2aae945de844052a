// One run through everything that a log can hold, over HTTP: what each release records as its golden history.
import { setTimeout as sleep } from 'node:timers/promises';
import { expected, type Api, type Json } from '../support/http';
import { addressOf, employ, manage, nameFallback, register } from '../support/organisation';
import type { Server } from '../support/server';
import type { SmtpServer } from '../support/smtp';
import { until } from '../support/until';

const UNITS = 'idnumber,fullname,parentidnumber\nsite,Site,\nward,Ward 1,site\n';
const POSITIONS = 'idnumber,fullname,parentidnumber\nhead,Ward Manager,\nnurse,Nurse,head\n';
const NURSES = ['ann', 'ben', 'cem'];
const PEOPLE = (domain: string) =>
  `idnumber,username,firstname,lastname,email\n${NURSES.map((id) => `${id},${id},${id},Imported,${id}@${domain}`).join('\n')}\n`;
const JOBS = [
  'person_id,assignment_id,position_type,position_id,organisation_id,title,valid_from,valid_to,manager_ref,manager_kind,manager_responsibilities',
  ...NURSES.map((id) => `${id},${id}-1,substantive,nurse,ward,Nurse,2026-01-01,,mel,direct,approval;reporting`),
  'nobody,nobody-1,substantive,nurse,ward,Nurse,2026-01-01,,,,',
  '',
].join('\n');
const BY_HAND = ['lea', 'mel', 'tom', 'alt', 'dir', 'max', 'fin', 'fay', 'sol', 'ray', 'zoe', 'rex', 'rio', 'una', 'hal', 'eli'];
const STAFF = {
  element: 'people',
  columns: { person: ['Number'], username: ['Login'], givenName: ['First'], familyName: ['Last'] },
  ignored: ['Room'],
  written: { delimiter: 'semicolon' },
};

/** Plays it all on a fresh server whose mail goes to `smtp`, and waits until nothing follows from it any more. */
export async function playHistory(server: Server, smtp: SmtpServer): Promise<void> {
  const admin = server.operator;
  smtp.fail(addressOf('max'), { code: 550 });
  await organise(admin);
  await bringIn(admin);
  await bringInByMapping(admin);
  await askAndDecide(server, admin);
  await reorganise(server, admin);
  await correct(admin);
  await close(admin);
  await askByPositions(server, admin);
  await reviewDecisions(server, admin);
  await endJobs(server, admin);
  await sendAgain(smtp, admin);
  await settled(admin);
}

async function organise(admin: Api): Promise<void> {
  await register(admin, ...BY_HAND);
  expected(201, await admin.post('/people', { id: 'mute', username: 'mute', givenName: 'Mute', familyName: 'Without Address' }));
  expected(201, await admin.post('/units', { id: 'board', name: 'Board' }));
  expected(201, await admin.post('/positions', { id: 'cfo', title: 'Finance Director', unit: 'board' }));
  expected(201, await admin.post('/position-types', { id: 'trainee', name: 'Trainee', atMost: 1 }));
  await employ(admin, 'mel', { direct: 'dir' });
  await employ(admin, 'zoe', { direct: 'dir' });
  const job = await employ(admin, 'lea', { direct: 'mel', temporary: 'tom', alternate: 'alt', costCentre: 'CC-1' });
  await manage(admin, job, { manager: 'mute', kind: 'alternate', responsibilities: ['notification'] });
  await employ(admin, 'lea', { job: 'lea-2', direct: 'max', costCentre: 'CC-2' });
  await employ(admin, 'ray', { direct: 'zoe' });
  await employ(admin, 'sol', { direct: 'tom' });
}

/** Files: new, changed, and with a row that is refused. */
async function bringIn(admin: Api): Promise<void> {
  await take(admin, 'organisations', UNITS);
  await take(admin, 'positions', POSITIONS);
  await take(admin, 'people', PEOPLE('old.example'));
  await take(admin, 'assignments', JOBS);
  await take(admin, 'people', PEOPLE('new.example'));
  const { id } = await take(admin, 'people', PEOPLE('wrong.example'), '&dryRun=true');
  for (const step of ['commit', 'undo']) expected(200, await admin.post(`/imports/${id}/${step}`, {}));
}

/** A plan outlives the mapping that read its file: it is committed by the version with which it was made. */
async function bringInByMapping(admin: Api): Promise<void> {
  expected(200, await admin.put('/import-presets/staff', STAFF));
  const { id } = await take(admin, 'people', 'Number;Login;First;Last;Room\nina;ina;Ina;Mapped;12\n', '&dryRun=true', 'staff');
  expected(200, await admin.put('/import-presets/staff', { ...STAFF, ignored: [] }));
  expected(200, await admin.post('/import-presets/staff/retirement'));
  expected(200, await admin.post(`/imports/${id}/commit`, {}));
}

async function take(admin: Api, element: string, rows: string, more = '', preset = 'native'): Promise<Json> {
  const headers = { 'content-type': 'text/csv' };
  const answer = await admin.send('POST', `/imports?preset=${preset}&mode=delta&element=${element}${more}`, { body: rows, headers });
  if (answer.status >= 300) throw new Error(`the import of ${element} was refused: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function askAndDecide(server: Server, admin: Api): Promise<void> {
  const granted = await submit(server, 'lea', { assignment: 'lea-1' });
  await decide(server, 'tom', granted, { outcome: 'approve' });
  const denied = await submit(server, 'lea', { assignment: 'lea-2' });
  // Were he faster than his mail, it would not be tried at all.
  await failedMails(admin);
  await decide(server, 'max', denied, { outcome: 'deny', reason: 'No cover on that day' });
  const costly = await submit(server, 'lea', { assignment: 'lea-1', costMinor: 85_000, currency: 'EUR', note: 'Grüße — for the ward' });
  const passed = await decide(server, 'mel', costly, { outcome: 'approve', nominate: 'fin', reason: 'Good for the ward' });
  const further = await decide(server, 'fin', passed, { outcome: 'approve', nominate: 'fay' });
  await decide(server, 'fay', further, { outcome: 'approve' });
  const refused = await submit(server, 'ann', {});
  const asked = await decide(server, 'mel', refused, { outcome: 'approve', nominate: 'fin' });
  await decide(server, 'fin', asked, { outcome: 'deny', reason: 'The budget is spent' });
  const { id } = await submit(server, 'ben', {});
  expected(200, await (await server.as('ben')).post(`/requests/${id}/withdrawal`));
  await submit(server, 'cem', {}); // Stays open.
  const { token } = await server.as('cem');
  expected(200, await admin.post('/tokens/revocation', { username: 'cem', token }));
}

/** People and managers change under open requests. */
async function reorganise(server: Server, admin: Api): Promise<void> {
  const unasked = await putInQuestion(server, admin, 'una');
  await review(admin, unasked, 'annulment');
  // Nobody else manages her, and nobody is asked in such a case yet.
  await until(async () => expected(200, await admin.get('/attention')).requests.length > 0);
  const waiting = expected(200, await admin.get(`/requests/${unasked['id']}`));
  const moved = await submit(server, 'ray', {});
  const stranded = await submit(server, 'sol', {});
  expected(200, await admin.post('/people/zoe/deactivation'));
  expected(200, await admin.post('/people/tom/deactivation'));
  await changed(admin, moved);
  await changed(admin, stranded);
  await nameFallback(admin, 'fin');
  await changed(admin, waiting);
  expected(200, await admin.post('/people/zoe/reactivation'));
  expected(200, await admin.send('PATCH', '/assignments/lea-2', { body: { title: 'Job of lea, changed', costCentre: 'CC-3' } }));
  expected(200, await admin.post('/assignments/ray-1/end', { to: '2030-01-01' }));
  const { managers } = expected(200, await admin.get('/assignments/lea-1'));
  const { link } = managers.find(({ kind }: Json) => kind === 'alternate');
  expected(200, await admin.post(`/manager-links/${encodeURIComponent(link)}/end`, { to: '2026-01-01' }));
}

/** What was recorded wrongly is set right, for all its time or from a day in the past. */
async function correct(admin: Api): Promise<void> {
  expected(200, await admin.send('PATCH', '/people/lea', { body: { familyName: 'Corrected', email: null } }));
  expected(200, await admin.post('/people/alt/deactivation', { on: '2026-03-01' }));
  expected(200, await admin.post('/people/alt/reactivation', { on: null }));
  const { managers } = expected(200, await admin.get('/assignments/lea-2'));
  const body = { from: '2021-01-01', responsibilities: ['approval', 'goals'] };
  expected(200, await admin.send('PATCH', `/manager-links/${encodeURIComponent(managers[0].link)}`, { body }));
  expected(201, await admin.post('/units', { id: 'ward', name: 'Ward 1 and 2', parent: 'site', effective: '2026-02-01' }));
  expected(201, await admin.post('/positions', { id: 'cfo', title: 'Chief Financial Officer', unit: 'board', effective: null }));
}

/** A unit and its only position end, and one that had ended by mistake is there again. */
async function close(admin: Api): Promise<void> {
  expected(201, await admin.post('/units', { id: 'annex', name: 'Annex', parent: 'site' }));
  expected(201, await admin.post('/positions', { id: 'porter', title: 'Porter', superior: 'head' }));
  expected(200, await admin.post('/units/annex/end', { to: '2026-06-01' }));
  for (const to of ['2026-05-01', null, '2026-06-01']) expected(200, await admin.post('/positions/porter/end', { to }));
}

/** One unit goes over to the hierarchy of positions: open requests move, and new ones follow it. */
async function askByPositions(server: Server, admin: Api): Promise<void> {
  const head = { id: 'hal-1', positionType: 'substantive', position: 'head', unit: 'ward', from: '2026-01-01' };
  expected(201, await admin.post('/people/hal/assignments', head));
  const open = await submit(server, 'ann', { costMinor: 1_000, currency: 'EUR' });
  for (const choice of [
    { unit: 'ward', mode: 'position-code' },
    { unit: 'board', mode: 'position-code' },
    { unit: 'board', mode: 'inherit' },
  ]) {
    expected(201, await admin.post('/reporting-modes', { ...choice, effective: '2026-01-01' }));
  }
  expected(201, await admin.post('/reporting-modes', { mode: 'position-code', effective: '2099-01-01' }));
  await changed(admin, open);
  await decide(server, 'hal', await submit(server, 'ben', { costMinor: 1_000, currency: 'EUR' }), { outcome: 'approve' });
}

/** The mail server takes mails for somebody again whose mail it had refused. */
async function sendAgain(smtp: SmtpServer, admin: Api): Promise<void> {
  const [failed] = await failedMails(admin);
  smtp.heal();
  expected(200, await admin.post('/deliveries/retry', { items: [{ source: failed.source, recipient: failed.recipient }] }));
}

function failedMails(admin: Api): Promise<readonly Json[]> {
  return until(async () => {
    const { items } = expected(200, await admin.get('/deliveries?status=failed'));
    return items.length > 0 && items;
  });
}

async function submit(server: Server, learner: string, more: Json): Promise<Json> {
  const body = { kind: 'enrolment', course: `C-${learner}-${more.assignment ?? 1}-${more.costMinor ?? 0}`, ...more };
  return expected(201, await (await server.as(learner)).post('/requests', body));
}

async function decide(server: Server, who: string, { id, revision }: Json, body: Json): Promise<Json> {
  return expected(200, await (await server.as(who)).post(`/requests/${id}/decisions`, body, { 'if-match': `"${revision}"` }));
}

async function reviewDecisions(server: Server, admin: Api): Promise<void> {
  for (const learner of ['rex', 'rio']) {
    const granted = await putInQuestion(server, admin, learner);
    await manage(admin, `${learner}-1`, { manager: 'fay', kind: 'direct', from: '2025-01-01' });
    await review(admin, granted, learner === 'rex' ? 'ratification' : 'annulment');
  }
}

/** It becomes known late that the manager who granted it had not been the manager for years. */
async function putInQuestion(server: Server, admin: Api, learner: string): Promise<Json> {
  const link = await manage(admin, await employ(admin, learner), { manager: 'dir', kind: 'direct' });
  const granted = await decide(server, 'dir', await submit(server, learner, {}), { outcome: 'approve' });
  expected(200, await admin.post(`/manager-links/${encodeURIComponent(link)}/end`, { to: '2025-01-01' }));
  return granted;
}

/** Jobs end under open requests, on a site that has such requests end with them, and lets them move to another job later on. */
async function endJobs(server: Server, admin: Api): Promise<void> {
  expected(200, await admin.put('/ended-job-policy', { policy: 'cancel' }));
  await employ(admin, 'eli', { direct: 'dir' });
  const open = await submit(server, 'eli', {});
  expected(200, await admin.post('/assignments/eli-1/end', { to: '2026-01-01' }));
  await changed(admin, open);
  expected(200, await admin.put('/ended-job-policy', { policy: 'move' }));
  await employ(admin, 'eli', { job: 'eli-2', direct: 'dir' });
  await employ(admin, 'eli', { job: 'eli-3', direct: 'fay' });
  const moving = await submit(server, 'eli', { assignment: 'eli-2' });
  expected(200, await admin.post('/assignments/eli-2/end', { to: '2026-01-01' }));
  await changed(admin, moving);
  const { revision } = expected(200, await admin.get(`/requests/${moving['id']}`));
  const headers = { 'if-match': `"${revision}"` };
  expected(200, await (await server.as('eli')).post(`/requests/${moving['id']}/assignment`, { assignment: 'eli-3' }, headers));
}

async function review(admin: Api, { id, revision }: Json, how: 'ratification' | 'annulment'): Promise<void> {
  const headers = { 'if-match': `"${revision}"` };
  expected(200, await admin.post(`/audit/affected-decisions/${id}/1/${how}`, { reason: 'It became known late' }, headers));
}

function changed(admin: Api, { id, revision }: Json): Promise<unknown> {
  return until(async () => expected(200, await admin.get(`/requests/${id}`)).revision > revision);
}

/** Settles when the log has not grown for a while. */
export async function settled(operator: Api): Promise<Json> {
  for (let last: Json; ;) {
    const proof = expected(200, await operator.get('/audit/proof'));
    if (proof.events === last?.events) return proof;
    last = proof;
    await sleep(1_500);
  }
}

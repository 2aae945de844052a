// One request over HTTP, from asking to granted: what a learning management system would do.
import { readFileSync } from 'node:fs';

const { XENIA, DEWI, ROOS, DATA_DIR = '.data' } = process.env;
const { address } = JSON.parse(readFileSync(`${DATA_DIR}/server.json`, 'utf8'));

async function call(token, method, path, body, headers = {}) {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.json() };
}

// She has two jobs with different managers, so she has to say in whose name she asks.
const unclear = await call(XENIA, 'POST', '/requests', { kind: 'enrolment', course: 'ALS-1' });
console.log(unclear.status, unclear.body.code, unclear.body.choices.map(({ assignment }) => assignment).join(' or '));

// The key makes a retry of the same submission one submission; the next time she asks it is another one.
const ask = { kind: 'enrolment', course: 'ALS-1', assignment: 'P001970-A', costMinor: 48_000, currency: 'EUR' };
const asked = await call(XENIA, 'POST', '/requests', ask, { 'idempotency-key': `als-1-${Date.now()}` });
if (asked.status !== 201) throw new Error(`${asked.status} ${asked.body.code}`);
console.log(asked.status, asked.body.id, 'waits for', asked.body.chain[0].slate[0].person);

// Her manager finds it in his inbox, with the reason and the revision that he is looking at.
const { body: inbox } = await call(DEWI, 'GET', '/inbox');
const { request, revision, why } = inbox.items.find((item) => item.request === asked.body.id);
console.log('in the inbox as', why.as, 'at revision', revision);

const decisions = `/requests/${request}/decisions`;
const passed = await call(DEWI, 'POST', decisions, { outcome: 'approve', nominate: 'P000004' }, { 'if-match': `"${revision}"` });
console.log(passed.status, 'now waits for', passed.body.chain[1].slate[0].person);

const granted = await call(ROOS, 'POST', decisions, { outcome: 'approve', reason: 'within budget' }, { 'if-match': passed.etag });
console.log(granted.status, granted.body.status);

const { body: history } = await call(XENIA, 'GET', `/requests/${request}/history`);
for (const { recordedAt, event, actor } of history.items) console.log(recordedAt, event, 'by', history.people[actor] ?? actor);

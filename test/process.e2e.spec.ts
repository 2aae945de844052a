// The server as a process: how it starts, is listened to, is cut off from its parts, and ends.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { account } from '@app/access';
import { eventId, SqliteEventLog, verifyLog } from '@app/event-log';
import { createRunCommand } from '@app/kernel';
import { digestOf, newId, now } from '@app/platform/ids';
import { Ledger, accepted, send, type Sent } from './faults/witness';
import { expected, type Api, type Json } from './support/http';
import { addressOf, employ, register } from './support/organisation';
import { startRedis } from './support/redis';
import { Server } from './support/server';
import { startSmtp } from './support/smtp';
import { Listener } from './support/sse';
import { stopwatch } from './support/stolen-time';
import { until } from './support/until';

/** A server on which Lea asks and Mel decides. */
async function chain(environment: Readonly<Record<string, string>> = {}) {
  const server = new Server(environment);
  await server.start();
  await register(server.operator, 'lea', 'mel', 'eve');
  await employ(server.operator, 'lea', { direct: 'mel' });
  const [lea, mel, eve] = [await server.as('lea'), await server.as('mel'), await server.as('eve')];
  return { server, lea, mel, eve };
}
const submit = async (lea: Api, course: string): Promise<Json> => expected(201, await lea.post('/requests', { kind: 'enrolment', course }));
const grant = async (mel: Api, { id, revision }: Json): Promise<Json> =>
  expected(200, await mel.post(`/requests/${id}/decisions`, { outcome: 'approve' }, { 'if-match': `"${revision}"` }));

test.each([
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['SMTP_URL', 'http://mail.example'],
  ['REDIS_URL', 'localhost'],
  ['PUBLIC_URL', 'learn.example'],
  ['LOG_LEVEL', 'loud'],
  ['NODE_ENV', 'staging'],
])('a wrong setting, %s=%s, stops the start with its name and not with its value', async (name, value) => {
  const server = new Server({ [name]: value });
  server.spawn();
  const { code, output } = await server.ended();
  expect(code).toBe(1);
  expect(output).toContain(`${name}: `);
  expect(output).not.toContain(value);
  expect(output).not.toContain('    at ');
});

test('secrets that others can read stop the start', async () => {
  const server = new Server();
  await server.start();
  await server.stop();
  chmodSync(join(server.folder, 'secrets.json'), 0o644);
  server.spawn();
  expect(await server.ended()).toMatchObject({ code: 1, output: expect.stringContaining('0600') });
});

test('there are never two writers: a second server on the same data is refused, and the first goes on', async () => {
  const { server, lea } = await chain();
  const second = new Server({ DATA_DIR: server.folder });
  second.spawn();
  expect(await second.ended()).toMatchObject({ code: 1, output: expect.stringContaining('is being written by another process') });
  await submit(lea, 'C-1');
  expect(await server.stop()).toMatchObject({ code: 0 });
});

test('a port that is taken stops the start with its name', async () => {
  const { server } = await chain();
  const second = new Server({ PORT: new URL(server.anonymous.url).port });
  second.spawn();
  expect(await second.ended()).toMatchObject({ code: 1, output: expect.stringContaining('EADDRINUSE') });
});

test('tokens that are missing, garbled, expired, taken back or of somebody who left are nobody', async () => {
  const { server, lea, eve } = await chain();
  const expired = `cs_${'a'.repeat(43)}`;
  await server.stop();
  const log = new SqliteEventLog(server.folder);
  const run = createRunCommand({ log, eventId });
  const token = {
    digest: digestOf(expired),
    username: 'lea',
    person: 'lea',
    role: 'admin' as const,
    expiresAt: '2020-01-01T00:00:00.000Z',
  };
  await run(account, 'lea', { type: 'IssueToken', ...token }, { command: newId(), actor: 'suite', at: now() });
  await log.close();
  await server.start();
  const api = server.anonymous;
  expected(200, await server.operator.post('/tokens/revocation', { username: 'eve', token: eve.token }));
  expected(200, await api.as(lea.token).get('/me'));
  const mel = await server.as('mel');
  expected(200, await server.operator.post('/people/mel/deactivation'));
  const bearers = [
    '',
    'x',
    'op_',
    `op_${'a'.repeat(43)}`,
    expired,
    eve.token!,
    mel.token!,
    lea.token!.slice(0, -1),
    `${lea.token} x`,
    'é',
    'x'.repeat(8_000),
  ];
  const headers = [...bearers.map((bearer) => `Bearer ${bearer}`), `Basic ${lea.token}`, lea.token!];
  const { position } = expected(200, await api.get('//readyz'));
  for (const authorization of headers) {
    for (const [method, path] of [
      ['GET', '/me'],
      ['POST', '/requests'],
      ['GET', '/stream'],
      ['GET', '/audit/events'],
      ['POST', '/imports?preset=native'],
    ] as const) {
      const answer = await api.send(method, path, { headers: { authorization } });
      expect({ path, authorization, status: answer.status, code: answer.body.code }).toMatchObject({ status: 401, code: 'not-signed-in' });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  }
  expect(await api.get(`/me?access_token=${lea.token}`)).toMatchObject({ status: 401 });
  expect(expected(200, await api.get('//readyz')).position).toBe(position);
});

test('what happens is told as it happens, once, to those whom it concerns, and again from where they left', async () => {
  const { server, lea, mel, eve } = await chain();
  const [learner, manager, stranger] = [await Listener.to(lea), await Listener.to(mel), await Listener.to(eve)];
  const first = await submit(lea, 'C-1');
  await learner.has(2);
  await manager.has(2);
  expect(learner.heard.map(({ type, data }) => [type, data.request])).toEqual([
    ['RequestSubmitted', first.id],
    ['ApproverAsked', first.id],
  ]);
  learner.close();
  await grant(mel, first);
  const second = await submit(lea, 'C-2');
  const again = await Listener.to(lea, learner.heard.at(-1)!.id);
  await again.has(3);
  expect(again.heard.map(({ type, data }) => `${type} ${data.request}`)).toEqual([
    `RequestGranted ${first.id}`,
    `RequestSubmitted ${second.id}`,
    `ApproverAsked ${second.id}`,
  ]);
  await manager.has(5);
  const ids = manager.heard.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  // A server that was killed goes on where the listener left.
  await server.kill();
  await until(() => manager.over && again.over);
  await server.start();
  const later = await Listener.to(server.anonymous.as(mel.token), ids[0]);
  await later.has(4);
  expect(later.heard.map(({ id }) => id)).toEqual(ids.slice(1));
  expect(stranger.heard).toEqual([]);
  expected(200, await server.operator.post('/people/mel/deactivation'));
  await until(() => later.over);
});

test('with Redis dead, decisions are taken and answered, and the mails follow when it is back', async () => {
  const [redis, smtp] = [await startRedis(), await startSmtp()];
  const { server, lea, mel } = await chain({ REDIS_URL: redis.url, SMTP_URL: smtp.url });
  const mailsTo = (person: string) => smtp.mails.filter(({ envelopeTo }) => envelopeTo.includes(addressOf(person))).length;
  await submit(lea, 'C-1');
  await until(() => mailsTo('mel') === 1);
  await redis.kill();
  const ms = stopwatch();
  const requests = [];
  for (let at = 2; at <= 11; at++) requests.push(await submit(lea, `C-${at}`));
  for (const request of requests.slice(0, 5)) expect(await grant(mel, request)).toMatchObject({ status: 'granted' });
  // Each that waited for Redis would take two.
  expect(ms()).toBeLessThan(20_000);
  expected(200, await lea.get('//readyz'));
  // It ends and starts without Redis, too.
  expect(await server.stop()).toMatchObject({ code: 0 });
  await server.start();
  await grant(server.anonymous.as(mel.token), requests[5]);
  expect([mailsTo('mel'), mailsTo('lea')]).toEqual([1, 0]);
  await redis.start();
  // Lea hears of six decisions; Mel is asked about the four that are still open.
  await until(() => mailsTo('lea') === 6 && mailsTo('mel') === 5);
  expect(await server.stop()).toMatchObject({ code: 0 });
  await smtp.stop();
  await redis.stop();
});

test('SIGTERM under load: it ends with 0 within 10 s, and what was acknowledged is there', async () => {
  const { server, lea, mel } = await chain();
  const listener = await Listener.to(lea);
  const sent: Sent[] = [];
  let stopped = false;
  const client = async (name: string) => {
    for (let at = 0; !stopped; at++) {
      const one: Sent = {
        actor: 'lea',
        api: () => lea,
        path: '/requests',
        body: { kind: 'enrolment', course: `${name}-${at}` },
        key: `${name}-${at}`,
      };
      sent.push(one);
      one.answer = await send(one);
      if (!one.answer) return;
      const { id, revision } = one.answer.body;
      if (accepted(one))
        await mel.post(`/requests/${id}/decisions`, { outcome: 'approve' }, { 'if-match': `"${revision}"` }).catch(() => {});
    }
  };
  const clients = Array.from({ length: 16 }, (_, at) => client(`C${at}`));
  await until(() => sent.filter(accepted).length >= 100);
  const { code, ms, output } = await server.stop();
  stopped = true;
  await Promise.all(clients);
  expect({ code, output: output.includes('Error') }).toEqual({ code: 0, output: false });
  expect(ms).toBeLessThan(10_000);
  expect(listener.over).toBe(true);
  // Whoever is not served is told so, or finds nobody; nothing half done is answered.
  expect(new Set(sent.map(({ answer }) => answer?.status ?? 0)).isSubsetOf(new Set([201, 503, 0]))).toBe(true);
  const ledger = new Ledger(server.folder);
  ledger.read();
  const acknowledged = sent.filter(accepted);
  expect(acknowledged.filter((one) => ledger.timesOf(one) !== 1)).toEqual([]);
  expect(verifyLog(server.folder).fault).toBeUndefined();
});

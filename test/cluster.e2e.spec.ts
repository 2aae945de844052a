// The cluster tier as processes: replicas of the server over an event store of three nodes and Redis.
import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { countersignWith } from './support/command-line';
import { EventStore } from './support/event-store';
import { temporaryFolder } from './support/folders';
import { expected, type Api } from './support/http';
import { addressOf, employ, FROM, register } from './support/organisation';
import { startRedis, type RedisServer } from './support/redis';
import { Server } from './support/server';
import { startSmtp, type SmtpServer } from './support/smtp';
import { until } from './support/until';
import { Worker } from './support/worker';

let store: EventStore;
let redis: RedisServer;
let cluster: Readonly<Record<string, string>>;
beforeAll(async () => {
  [store, redis] = await Promise.all([EventStore.start(3), startRedis()]);
  const SECRETS_FILE = join(temporaryFolder(), 'secrets.json');
  cluster = { EVENT_STORE_URL: store.url, REDIS_URL: redis.url, SECRETS_FILE };
});
afterAll(async () => {
  await Promise.all([store.stop(), redis.stop()]);
});

test('a request goes through the whole chain, each decision on another replica', async () => {
  const [one, other] = [new Server(cluster), new Server(cluster)];
  await Promise.all([one.start(), other.start()]);
  await register(one.operator, 'lea', 'mel', 'fin');
  await employ(one.operator, 'lea', { direct: 'mel' });
  const [lea, mel, fin] = [await one.as('lea'), await one.as('mel'), await one.as('fin')];
  const asked = expected(201, await lea.post('/requests', { kind: 'enrolment', course: 'C-1' }));
  expect(asked.chain).toMatchObject([{ status: 'waiting', slate: [{ person: 'mel' }] }]);
  const path = `/requests/${asked.id}/decisions`;
  const revision = (body: { revision: number }) => ({ 'if-match': `"${body.revision}"` });

  const [melThere, finHere] = [other.anonymous.as(mel.token), one.anonymous.as(fin.token)];
  await until(async () => (await melThere.get('/inbox')).body.items?.length === 1);
  const approved = expected(200, await melThere.post(path, { outcome: 'approve', nominate: 'fin' }, revision(asked)));
  await until(async () => (await finHere.get('/inbox')).body.items?.length === 1);
  const granted = expected(200, await finHere.post(path, { outcome: 'approve' }, revision(approved)));
  expect(granted).toMatchObject({ status: 'granted' });
  expect(expected(200, await until(() => melThere.get(`/requests/${asked.id}`)))).toMatchObject({ id: asked.id });

  const proof = expected(200, await other.operator.get('/audit/proof'));
  expect(proof).toEqual({ events: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  for (const replica of [one, other]) {
    expect(expected(200, await replica.operator.post('/audit/replay?check=true')).different).toEqual([]);
    expect(await replica.stop()).toMatchObject({ code: 0 });
  }
});

test('of two submissions of the same at once on two replicas one opens, and the other is told which (E45)', async () => {
  const [one, other] = [new Server(cluster), new Server(cluster)];
  await Promise.all([one.start(), other.start()]);
  await register(one.operator, 'rae', 'roy');
  await employ(one.operator, 'rae', { direct: 'roy' });
  const here = await one.as('rae');
  const there = other.anonymous.as(here.token);
  await until(async () => (await there.get('/requests')).status === 200);
  const firsts = new Set<number>();
  for (let race = 0; race < 30; race++) {
    const body = { kind: 'enrolment', course: `R-${race}` };
    const sides = race % 2 === 0 ? [here, there] : [there, here];
    const answers = await Promise.all(sides.map((side) => side.post('/requests', body)));
    const [made, refused] = answers.toSorted((a, b) => a.status - b.status);
    expect([made!.status, refused!.status]).toEqual([201, 409]);
    expect(refused!.body).toMatchObject({ code: 'duplicate-request', request: made!.body.id });
    firsts.add(sides.indexOf(here) === answers.indexOf(made!) ? 0 : 1);
  }
  // A race that one side always wins would be none.
  expect(firsts.size).toBe(2);
  await Promise.all([one.stop(), other.stop()]);
});

test('a replica starts with the read models of another, if they are of the same log', async () => {
  const one = new Server(cluster);
  await one.start();
  await register(one.operator, 'ada');
  const file = join(temporaryFolder(), 'snapshot.db');
  const taken = await countersignWith({ DATA_DIR: one.folder, ...cluster }, 'snapshot', file, '--json');
  expect([taken.exit, JSON.parse(taken.out)]).toEqual([0, { file, bytes: statSync(file).size }]);
  expect((await countersignWith({ DATA_DIR: one.folder, ...cluster }, 'snapshot', file)).exit).toBe(2);
  await register(one.operator, 'bea');
  expect(readdirSync(one.folder).filter((name) => name.startsWith('views'))).toEqual(['views.db', 'views.db-wal']);

  // A trace in the copy tells whether its rows were taken or made anew.
  const copy = new DatabaseSync(file);
  copy.exec("update people set given_name = 'Copied' where id = 'ada'");
  copy.close();
  const other = new Server(cluster);
  copyFileSync(file, join(other.folder, 'views.db'));
  await other.start();
  expect(expected(200, await other.operator.get('/people/ada'))).toMatchObject({ name: 'Copied Hospital' });
  expect(expected(200, await until(() => other.operator.get('/people/bea')))).toMatchObject({ id: 'bea' });
  await other.stop();

  const foreign = new DatabaseSync(file);
  foreign.exec("update last_event set id = 'of another log'");
  foreign.close();
  const third = new Server(cluster);
  copyFileSync(file, join(third.folder, 'views.db'));
  await third.start();
  expect(expected(200, await third.operator.get('/people/ada'))).not.toMatchObject({ name: 'Copied Hospital' });
  expect(third.said).toContain('another one');
  await Promise.all([one.stop(), third.stop()]);
});

test('two replicas never close a loop of managers together, nor leave a job in a unit that ends (E13, O11)', async () => {
  const RACES = 24;
  const servers = [new Server(cluster), new Server(cluster)] as const;
  await Promise.all(servers.map((server) => server.start()));
  const [here, there] = servers.map(({ operator }) => operator) as [Api, Api];
  const made = async (path: string, body: object) => expected(201, await here.post(path, body));
  await made('/units', { id: 'office', name: 'Office' });
  await made('/units', { id: 'ward', name: 'Ward' });
  await made('/reporting-modes', { unit: 'ward', mode: 'position-code', effective: FROM });
  const job = (id: string, more: object) => ({ id: `${id}-1`, positionType: 'substantive', from: FROM, ...more });
  const won = [0, 0];
  for (let race = 0; race < RACES; race++) {
    const [nurse, head, guest, bay] = ['nurse', 'head', 'guest', 'bay'].map((name) => `${name}${race}`) as [string, string, string, string];
    await register(here, nurse, head, guest);
    await made('/units', { id: bay, name: bay });
    for (const id of [nurse, head]) await made('/positions', { id, title: id });
    await made(`/people/${nurse}/assignments`, job(nurse, { position: nurse, unit: 'ward' }));
    await made(`/people/${head}/assignments`, job(head, { position: head, unit: 'office' }));
    await until(async () => (await there.get(`/assignments/${head}-1`)).status === 200);
    const [one, other] = race % 2 === 0 ? [here, there] : [there, here];
    const link = { manager: nurse, kind: 'direct', responsibilities: ['approval'], from: FROM };
    const [linked, seated, begun, ended] = await Promise.all([
      one.post(`/assignments/${head}-1/managers`, link),
      other.post('/positions', { id: nurse, title: nurse, superior: head }),
      other.post(`/people/${guest}/assignments`, job(guest, { unit: bay })),
      one.post(`/units/${bay}/end`, { to: '2021-01-01' }),
    ]);
    const loop = [linked, seated].filter(({ status }) => status >= 300);
    expect(loop).toMatchObject([{ status: 422, body: { code: 'manager-loop' } }]);
    expect([begun, ended].filter(({ status }) => status >= 300)).toMatchObject([{ status: 409, body: { code: 'unit-in-use' } }]);
    won[linked.status < 300 ? 0 : 1]! += 1;
  }
  expect(Math.min(...won)).toBeGreaterThan(0);
  for (const api of [here, there]) expect(expected(200, await api.get('/manager-loops')).items).toEqual([]);
  const { items } = expected(200, await here.get('/audit/events?stream=admission-site&limit=1'));
  expect(items).toMatchObject([{ event: { type: 'ChangeAdmitted', stream: expect.any(String), events: [{ event: {}, meta: {} }] } }]);
  expect(expected(200, await there.post('/audit/replay?check=true')).different).toEqual([]);
  for (const server of servers) expect(await server.stop()).toMatchObject({ code: 0 });
});

describe('workers', () => {
  const HAND_OVER_MS_MAX = 30_000;
  let smtp: SmtpServer;
  let server: Server;
  let lea: Api;
  let asked = 0;
  beforeAll(async () => {
    smtp = await startSmtp();
    server = new Server({ ...cluster, SMTP_URL: smtp.url });
    await server.start();
    await register(server.operator, 'ida', 'max');
    await employ(server.operator, 'ida', { direct: 'max' });
    lea = await server.as('ida');
  });
  afterAll(async () => {
    await server.stop();
    await smtp.stop();
  });
  const worker = () => new Worker({ ...cluster, SMTP_URL: smtp.url });
  const mails = () => smtp.mails.filter(({ envelopeTo }) => envelopeTo.includes(addressOf('max'))).length;
  /** Of sixteen requests, some fall to each of two workers. Answers how long it took until everybody was told. */
  const told = async (timeoutMs = 30_000) => {
    const start = performance.now();
    for (let at = 0; at < 16; at++) expected(201, await lea.post('/requests', { kind: 'enrolment', course: `W-${++asked}` }));
    await until(() => mails() >= asked, timeoutMs);
    return Math.round(performance.now() - start);
  };

  test('do what replicas leave to them, share it, and go on for one that is killed, stopped or frozen', async () => {
    const [one, other] = [worker(), worker()];
    await one.start();
    const alone = await told();
    await other.start();
    const together = await told();
    await one.kill();
    const afterKill = await told(HAND_OVER_MS_MAX);
    await one.start();
    expect(await other.stop()).toBe(0);
    const afterStop = await told(HAND_OVER_MS_MAX);
    await other.start();
    await until(() => told().then((ms) => ms < 5_000));
    one.freeze();
    // A mail that fell to the frozen one waits until its job counts as stalled.
    const afterFreeze = await told(30_000);
    one.thaw();
    await told();
    expect([await one.stop(), await other.stop()]).toEqual([0, 0]);
    console.log(`16 requests, until all are told, ms: ${JSON.stringify({ alone, together, afterKill, afterStop, afterFreeze })}`);
    expect(one.said + other.said).not.toMatch(/error/i);
  });

  test('tell their health and figures, and nothing of the API', async () => {
    const one = worker();
    await one.start();
    const ask = async (path: string) => {
      const answer = await fetch(one.address + path);
      return { status: answer.status, text: await answer.text() };
    };
    expect(await ask('/livez')).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(await until(async () => (await ask('/readyz')).status === 200)).toBe(true);
    expect((await ask('/metrics')).text).toMatch(/^countersign_mail_server_down 0$/m);
    // How far the sagas are is known to every process, wherever they run.
    const position = async (text: Promise<string>) => Number(/position\{follower="notify"\} (\d+)/.exec(await text)?.[1]);
    const figures = async () => expected(200, await server.anonymous.get('//metrics'));
    await told();
    const before = await position(figures());
    expect(before).toBeGreaterThan(0);
    await told();
    await until(async () => (await position(figures())) > before && (await figures()).includes('lag_events{follower="notify"} 0'));
    expect(await position(ask('/metrics').then(({ text }) => text))).toBeGreaterThan(before);
    for (const path of ['/', '/api/v1/people', '/docs']) expect(await ask(path)).toMatchObject({ status: 404 });
    for (let node = 0; node < store.nodes; node++) await store.freeze(node);
    expect(await ask('/readyz')).toEqual({ status: 503, text: expect.stringContaining('the log does not answer') });
    for (let node = 0; node < store.nodes; node++) store.thaw(node);
    await until(async () => (await ask('/readyz')).status === 200);
    expect(await one.stop()).toBe(0);
  });

  test('are refused without a cluster', async () => {
    await expect(new Worker({}).start()).rejects.toThrow('EVENT_STORE_URL: is needed by a worker');
  });

  test('are refused where their days begin elsewhere than those of the servers (E31)', async () => {
    const elsewhere = new Worker({ ...cluster, TIME_ZONE: 'Europe/Paris' });
    await expect(elsewhere.start()).rejects.toThrow('TIME_ZONE: is Europe/Paris here and UTC in the other processes');
  });
});

test('with the event store away the server says so: not ready, figures without the log, commands 503; then it goes on', async () => {
  const server = new Server(cluster);
  await server.start();
  for (let node = 0; node < store.nodes; node++) await store.freeze(node);
  expect(await server.anonymous.get('//readyz')).toMatchObject({
    status: 503,
    body: { code: 'not-ready', detail: 'the log does not answer' },
  });
  expect(expected(200, await server.anonymous.get('//metrics'))).toMatch(/^countersign_log_answers 0$/m);
  for (let node = 0; node < store.nodes; node++) store.thaw(node);
  await until(async () => (await server.anonymous.get('//readyz')).status === 200);
  await register(server.operator, 'eve');
  expect(await server.stop()).toMatchObject({ code: 0 });
});

test('a cluster without Redis is refused, and an event store that does not answer ends the start to be tried again', async () => {
  const lonely = new Server({ EVENT_STORE_URL: store.url });
  lonely.spawn();
  expect(await lonely.ended()).toMatchObject({ code: 1, output: expect.stringContaining('REDIS_URL: is needed beside EVENT_STORE_URL') });
  const lost = new Server({ ...cluster, EVENT_STORE_URL: 'esdb://ann:s3cret@127.0.0.1:1?tls=false' });
  lost.spawn();
  const { code, output } = await lost.ended();
  expect({ code, output }).toEqual({ code: 70, output: expect.stringContaining('the log or the disk failed') });
  expect(output).not.toContain('s3cret');
});

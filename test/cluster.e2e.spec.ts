// The cluster tier as processes: replicas of the server over an event store of three nodes and Redis.
import { join } from 'node:path';
import { EventStore } from './support/event-store';
import { temporaryFolder } from './support/folders';
import { expected } from './support/http';
import { employ, register } from './support/organisation';
import { startRedis, type RedisServer } from './support/redis';
import { Server } from './support/server';
import { until } from './support/until';

jest.setTimeout(90_000);

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
  await until(async () => (await server.anonymous.get('//readyz')).status === 200, 20_000);
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

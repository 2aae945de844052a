// The administrator's board over HTTP, the same with and without Redis: what was given up, why, and another try.
import { expected } from './support/http';
import { addressOf, employ, register } from './support/organisation';
import { startRedis, type RedisServer } from './support/redis';
import { Server } from './support/server';
import { startSmtp, type SmtpServer } from './support/smtp';
import { until } from './support/until';

let redis: RedisServer;
let smtp: SmtpServer;
beforeAll(async () => {
  [redis, smtp] = await Promise.all([startRedis(), startSmtp()]);
});
afterAll(() => Promise.all([redis.stop(), smtp.stop()]));

test.each(['the in-process queue', 'Redis'])('with %s', async (queue) => {
  smtp.mails.length = 0;
  const server = new Server({ SMTP_URL: `${smtp.url}?mails-per-minute=600`, ...(queue === 'Redis' && { REDIS_URL: redis.url }) });
  await server.start();
  const { operator } = server;
  await register(operator, 'lea', 'mel');
  await employ(operator, 'lea', { direct: 'mel' });
  const lea = await server.as('lea');
  const box = async () => expected(200, await operator.get('/queues')).items[0];
  smtp.fail(addressOf('mel'), { code: 550 });

  const { id } = expected(201, await lea.post('/requests', { kind: 'enrolment', course: 'C-101' }));
  const dead = await until(async () => expected(200, await operator.get('/deliveries')).items[0]);
  expect(dead).toMatchObject({ request: id, recipient: 'mel', rule: 'asked', status: 'failed', attempts: 1, reason: 'smtp-550' });
  expect(await box()).toMatchObject({ name: 'email', due: { urgent: 0, usual: 0 }, failed: 1, jobs: { ready: 0, delayed: 0 } });
  const figures = expected(200, await operator.get('//metrics'));
  expect(figures).toMatch(/^countersign_deliveries_failed 1$/m);
  expect(figures).toMatch(/^countersign_queue_fault 0$/m);

  const retry = { items: [{ source: dead.source, recipient: 'mel' }] };
  expect((await lea.get('/deliveries')).status).toBe(403);
  expect((await (await server.as('ada', 'auditor')).post('/deliveries/retry', retry)).status).toBe(403);
  smtp.heal();
  const retried = await operator.post('/deliveries/retry', retry);
  expect(expected(200, retried).items).toEqual([{ ...retry.items[0], status: 'due' }]);
  expect(retried.headers['position']).toMatch(/^\d+$/);
  await until(() => smtp.mails.length === 1);
  await until(async () => (await box()).failed === 0 && (await box()).due.urgent === 0);
  expect(expected(200, await operator.post('/deliveries/retry', retry)).items).toEqual([
    { ...retry.items[0], status: 'refused', code: 'nothing-to-retry' },
  ]);
  expect(expected(200, await operator.get('/deliveries')).items).toEqual([]);
  expect((await server.stop()).code).toBe(0);
});

test('with Redis away the board says so, and the product is ready all the same', async () => {
  const server = new Server({ REDIS_URL: redis.url, SMTP_URL: smtp.url });
  await redis.kill();
  await server.start();
  const { operator } = server;
  const [box] = expected(200, await operator.get('/queues')).items;
  expect(box).toMatchObject({ due: { urgent: 0 }, fault: expect.stringContaining('the job queue is not available') });
  await until(async () => /^countersign_queue_fault 1$/m.test(expected(200, await operator.get('//metrics'))));
  expect((await server.stop()).code).toBe(0);
  await redis.start();
});

test('a limit of mails that is no number stops the start', async () => {
  const server = new Server({ SMTP_URL: `${smtp.url}?mails-per-minute=many` });
  server.spawn();
  const { code, output } = await server.ended();
  expect(output).toContain('SMTP_URL: mails-per-minute is not a number above 0');
  expect(code).toBe(1);
});

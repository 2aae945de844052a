import { DeliveredWorld } from '../../../test/support/delivered-world';
import { addressOf } from '../../../test/support/notified-world';
import { startRedis, type RedisServer } from '../../../test/support/redis';
import { stopwatch } from '../../../test/support/stolen-time';
import { until } from '../../../test/support/until';
import { createBullMqQueue } from './bullmq-queue';
import { ledgerOf } from './delivery-ledger';

const at = new DeliveredWorld();
const { deliver, ends, receivers, askMel } = at;
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
/** How long whoever waits for a Redis that is away does. */
const WAIT_MS = 3_000;
const onRedis = () => deliver({ queue: createBullMqQueue({ url: redis.url, warn: () => {}, addTimeoutMs: WAIT_MS }) });

test('kill -9 of Redis: commands are answered as before, and the mails follow when it is back', async () => {
  onRedis();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  await redis.kill();
  const ms = stopwatch();
  for (const request of ['r2', 'r3', 'r4']) await askMel(request);
  await at.world.deny('r4', 'mel');
  await at.world.settled();
  expect(ms()).toBeLessThan(WAIT_MS);
  await until(() => at.warnings.includes('deliveries wait for the job queue'));
  expect(receivers()).toEqual([addressOf('mel')]);
  await redis.start();
  expect(await ends('r2')).toEqual(['mel sent 1 null']);
  expect(await ends('r3')).toEqual(['mel sent 1 null']);
  expect(await ends('r4')).toEqual(['mel suppressed 0 step-over', 'alt sent 1 null', 'lea sent 1 null', 'nat sent 1 null']);
  expect(receivers()).toEqual([addressOf('alt'), addressOf('lea'), addressOf('mel'), addressOf('mel'), addressOf('mel'), addressOf('nat')]);
});

test('a Redis that drops jobs is given none: deliveries wait, and say why', async () => {
  const careless = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
  deliver({ queue: createBullMqQueue({ url: careless.url, warn: () => {} }) });
  await askMel('r1');
  await until(() => at.warnings.includes('deliveries wait for the job queue'));
  const due = { recipient: 'mel', channel: 'email', status: 'due' };
  await until(() => ledgerOf(at.world.models, 'r1').length > 0);
  expect(ledgerOf(at.world.models, 'r1')).toContainEqual(expect.objectContaining(due));
  await careless.set('maxmemory-policy', 'noeviction');
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  await at.deliveries.close();
  await careless.stop();
});

test('a Redis that forgets everything is given again what is still due', async () => {
  at.smtp.fail(addressOf('mel'), { code: 451, times: 1 });
  const idle = createBullMqQueue({ url: redis.url, warn: () => {} });
  deliver({ queue: Object.assign(idle, { work: () => {} }) });
  await askMel('r1');
  await until(async () => (await at.world.settled()) && at.world.models.checkpoint('deliver') >= (await at.world.log.head()).position);
  await at.deliveries.close();
  await redis.flush();
  onRedis();
  expect(await ends('r1')).toEqual(['mel sent 2 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

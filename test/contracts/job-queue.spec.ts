import { QueueUnavailable, QueueUnfit, type Job, type JobQueue } from '@app/notifications/job-queue';
import { createBullMqQueue } from '@app/notifications/bullmq-queue';
import { createInProcessQueue } from '@app/notifications/in-process-queue';
import { startRedis, type RedisServer } from '../support/redis';
import { until } from '../support/until';
import { jobQueueContract } from './job-queue.contract';

/** A busy machine lets a Redis wait that is well; one that is away makes each test wait so long. */
const WAIT_MS = 3_000;
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
const open = ({ url } = redis, warn: (message: string) => void = () => {}) => createBullMqQueue({ url, warn, addTimeoutMs: WAIT_MS });

jobQueueContract('in process', () => ({ open: () => createInProcessQueue() }));
jobQueueContract('BullMQ on Redis', () => ({ open: () => open() }));

describe('BullMQ when Redis fails', () => {
  const options = { attemptsMax: 3, backoffMs: 20, gaveUp: async () => {} };
  let jobs: JobQueue;
  const runs: Job[] = [];
  const note = async (job: Job) => void runs.push(job);
  beforeEach(() => {
    runs.length = 0;
    jobs = open();
  });
  afterEach(async () => {
    await jobs.close(1_000);
  });

  test('jobs and their delays outlive the client and a kill -9 of Redis', async () => {
    await jobs.add({ queue: 'kept', id: 'now', payload: {} });
    await jobs.add({ queue: 'kept', id: 'later', payload: {}, delayMs: 200 });
    await jobs.close(1_000);
    await redis.kill();
    await redis.start();
    jobs = open();
    jobs.work('kept', note, options);
    await until(() => runs.length === 2);
    expect(runs.map(({ id }) => id)).toEqual(['now', 'later']);
  });

  test('adding fails within its time while Redis is away, and works when it is back; the worker resumes by itself', async () => {
    jobs.work('away', note, options);
    await jobs.add({ queue: 'away', id: 'before', payload: {} });
    await until(() => runs.length === 1);
    await redis.kill();
    await expect(jobs.add({ queue: 'away', id: 'meanwhile', payload: {} })).rejects.toThrow(QueueUnavailable);
    await redis.start();
    await until(() =>
      jobs.add({ queue: 'away', id: 'after', payload: {} }).then(
        () => true,
        () => false,
      ),
    );
    await until(() => runs.some(({ id }) => id === 'after'));
  });

  test('a queue may be made, worked on and closed while Redis is away, and says so', async () => {
    await redis.kill();
    const warnings: string[] = [];
    const early = open(redis, (message) => void warnings.push(message));
    early.work('early', note, options);
    await expect(early.add({ queue: 'early', id: 'a', payload: {} })).rejects.toThrow(QueueUnavailable);
    await expect(early.check()).rejects.toThrow(QueueUnavailable);
    await early.close(500);
    expect(warnings).toContain('the job queue has a fault');
    await redis.start();
  });

  test('a queue that was made while Redis was away works when it comes', async () => {
    await redis.kill();
    const early = open();
    early.work('dawn', note, options);
    await expect(early.add({ queue: 'dawn', id: 'a', payload: {} })).rejects.toThrow(QueueUnavailable);
    await redis.start();
    await until(() =>
      early.add({ queue: 'dawn', id: 'b', payload: {} }).then(
        () => true,
        () => false,
      ),
    );
    await until(() => runs.some(({ id }) => id === 'b'));
    await early.close(1_000);
  });

  test('a Redis that is silent makes adding fail and closing end in their time', async () => {
    jobs.work('silent', note, options);
    await jobs.add({ queue: 'silent', id: 'before', payload: {} });
    await until(() => runs.length === 1);
    redis.freeze();
    await expect(jobs.add({ queue: 'silent', id: 'a', payload: {} })).rejects.toThrow(`Redis gave no answer within ${WAIT_MS} ms`);
    await jobs.close(300);
    redis.thaw();
  });
});

test('how full Redis is can be asked, so that somebody hears of it before it takes no more', async () => {
  const small = await startRedis({ maxmemory: '20mb' });
  const [bounded, boundless] = [open(small), open()];
  expect(await bounded.check()).toBeGreaterThan(0.01);
  expect(await bounded.check()).toBeLessThan(0.5);
  expect(await boundless.check()).toBe(0);
  for (const queue of [bounded, boundless]) await queue.close(1_000);
  await small.stop();
});

test('a Redis that drops keys is refused, and one that does not write them down is warned of', async () => {
  const warnings: string[] = [];
  const careless = await startRedis({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
  const forgetful = await startRedis({ appendonly: 'no' });
  const queues = [open(careless), open(forgetful, (message) => void warnings.push(message)), open()] as const;
  await expect(queues[0].check()).rejects.toThrow(QueueUnfit);
  await queues[1].check();
  expect(warnings).toEqual(['Redis has appendonly no: a crash of Redis loses jobs until they are added again']);
  await queues[2].check();
  for (const queue of queues) await queue.close(1_000);
  await careless.stop();
  await forgetful.stop();
});

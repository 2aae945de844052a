import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../test/support/until';
import { EMAIL } from './deliver';
import { createInProcessQueue } from './in-process-queue';
import { QueueUnavailable, type JobQueue } from './job-queue';
import { isHeartbeat, QueueWatch } from './queue-watch';

const BEAT_EVERY_MS = 20;
let queue: JobQueue;
let stop: AbortController;
const warnings: string[] = [];
beforeEach(() => {
  queue = createInProcessQueue();
  stop = new AbortController();
  warnings.length = 0;
});
afterEach(async () => {
  stop.abort();
  await queue.close(100);
});

function watch(): QueueWatch {
  const watching = new QueueWatch({ queue, warn: (message) => void warnings.push(message), beatEveryMs: BEAT_EVERY_MS });
  void watching.run(stop.signal);
  return watching;
}
const work = () =>
  queue.work(EMAIL, async (job) => expect(isHeartbeat(job)).toBe(true), { attemptsMax: 1, backoffMs: 1, gaveUp: async () => {} });

test('while somebody runs jobs every watch sees the heartbeat, whoever ran it', async () => {
  work();
  const watches = [watch(), watch()];
  await sleep(300);
  await until(() => watches.every(({ health }) => health.beatAgeMs < 200));
});

test('while nobody does, its age grows in all of them, until somebody does', async () => {
  const watches = [watch(), watch()];
  await sleep(300);
  for (const { health } of watches) expect(health.beatAgeMs).toBeGreaterThan(200);
  work();
  await until(() => watches.every(({ health }) => health.beatAgeMs < 100));
});

test('a queue that cannot be used says why, and a store that fills up is told', async () => {
  queue = Object.assign(queue, { check: () => Promise.reject(new QueueUnavailable('gone')) });
  const watching = watch();
  await until(() => watching.health.fault);
  expect(watching.health.fault).toBe('the job queue is not available: gone');
  queue = Object.assign(queue, { check: async () => 0.8 });
  await until(() => watching.health.fullness === 0.8);
  expect(watching.health.fault).toBeUndefined();
  expect(warnings).toContain('Redis is nearly full: at its maxmemory it takes no jobs');
});

// Jobs in Redis through BullMQ: for several processes, and for waits that outlive a process.
import { Queue, UnrecoverableError, Worker, type RedisOptions } from 'bullmq';
import {
  backoffAfter,
  NotNow,
  QueueUnavailable,
  QueueUnfit,
  type Job,
  type JobCounts,
  type JobPayload,
  type JobQueue,
  type NewJob,
  type WorkOptions,
} from './job-queue';
import { within } from './within';

const RECONNECT_MS_MAX = 2_000;
const ADD_TIMEOUT_MS = 2_000;
/** A worker that dies leaves its job to another one after at most the lock and one round of looking for such jobs. */
const WORKER = { lockDuration: 6_000, stalledInterval: 2_000, maxStalledCount: 3, runRetryDelay: RECONNECT_MS_MAX };
/** A queue can be told to rest only when its worker has a limit, be it one that is never reached. */
const NO_RATE = { jobs: 1_000_000_000, perMs: 1_000 };
/**
 * A finished job leaves Redis at once: the log holds its outcome, and a job that stayed would keep the reconciler from
 * adding it again. The worker decides when attempts end, so the job itself sets no end.
 */
const JOB = { removeOnComplete: true, removeOnFail: true, attempts: Number.MAX_SAFE_INTEGER, backoff: { type: 'custom' } };
const PREFIX = 'countersign';
const WARN_EVERY_MS = 30_000;

export interface BullMqParts {
  /** `redis://…` or `rediss://…`. */
  readonly url: string;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly addTimeoutMs?: number;
}

/** A queue on Redis. It may be made while Redis is away: adding fails until it is back, and the workers wait. */
export function createBullMqQueue(parts: BullMqParts): JobQueue {
  return new BullMqQueue(parts);
}

class BullMqQueue implements JobQueue {
  private readonly queues = new Map<string, Queue<JobPayload>>();
  private readonly workers: Worker<JobPayload>[] = [];
  private readonly heard: (source: string) => (error: Error) => void;
  private readonly warn: BullMqParts['warn'];
  private readonly timeoutMs: number;
  private readonly connection: RedisOptions;
  private closed = false;
  private told = false;

  constructor({ url, warn, addTimeoutMs = ADD_TIMEOUT_MS }: BullMqParts) {
    this.warn = warn;
    this.heard = sometimes(warn);
    this.timeoutMs = addTimeoutMs;
    this.connection = {
      url,
      connectTimeout: addTimeoutMs,
      // No answer stops it from trying again, except that the queue was closed meanwhile.
      retryStrategy: (times) => (this.closed ? null : Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MS_MAX)),
    };
  }

  async add({ queue, id, payload, delayMs = 0, priority = 0 }: NewJob): Promise<void> {
    if (this.closed) throw new QueueUnavailable('it is closed');
    await this.bounded(this.queueNamed(queue).add(queue, payload, { ...JOB, jobId: jobIdOf(id), delay: delayMs, priority }));
  }

  work(queue: string, handler: (job: Job) => Promise<void>, options: WorkOptions): void {
    const { attemptsMax, backoffMs, concurrency = 1, rate = NO_RATE, gaveUp } = options;
    const attempt = async ({ id, data, attemptsMade }: { id?: string; data: JobPayload; attemptsMade: number }) => {
      const job: Job = { id: idOf(id!), payload: data, attempt: attemptsMade + 1 };
      try {
        await handler(job);
      } catch (error) {
        if (error instanceof NotNow) {
          await this.bounded(this.queueNamed(queue).rateLimit(error.restMs));
          throw Worker.RateLimitError();
        }
        if (job.attempt < attemptsMax) throw error;
        await gaveUp(job, error);
        throw new UnrecoverableError(String(error));
      }
    };
    const worker = new Worker<JobPayload>(queue, attempt, {
      ...WORKER,
      prefix: PREFIX,
      concurrency,
      limiter: { max: rate.jobs, duration: rate.perMs },
      connection: { ...this.connection, maxRetriesPerRequest: null },
      settings: { backoffStrategy: (made: number) => backoffAfter({ attempt: made, backoffMs, chance: Math.random() }) },
    });
    worker.on('error', this.heard(`worker of ${queue}`));
    this.workers.push(worker);
  }

  async check(): Promise<number> {
    // INFO, because hosted Redis often refuses CONFIG.
    const asked = this.queueNamed('check').getBackend().client;
    const info = String(await this.bounded(asked.then((client) => client.info())));
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (policy !== 'noeviction') throw new QueueUnfit(`Redis has maxmemory-policy ${policy}, which drops jobs; set noeviction`);
    const kept = /^aof_enabled:1/m.test(info);
    if (!kept && !this.told) this.warn('Redis has appendonly no: a crash of Redis loses jobs until they are added again', {});
    this.told = !kept;
    const [used, most] = ['used_memory', 'maxmemory'].map((name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0));
    return most ? used! / most : 0;
  }

  async counts(queue: string): Promise<JobCounts> {
    const found = await this.bounded(this.queueNamed(queue).getJobCounts('waiting', 'prioritized', 'delayed', 'active'));
    const of = (state: string) => found[state] ?? 0;
    return { ready: of('waiting') + of('prioritized'), delayed: of('delayed'), running: of('active') };
  }

  async holds({ queue, id }: Pick<NewJob, 'queue' | 'id'>): Promise<boolean> {
    return (await this.bounded(this.queueNamed(queue).getJob(jobIdOf(id)))) !== undefined;
  }

  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    const open = [...this.workers, ...this.queues.values()];
    const closing = Promise.allSettled(open.map((one) => one.close())).then(() => true);
    const inTime = await within(timeoutMs, closing, () => false);
    // What did not close in time loses its connection, so that nothing keeps the process alive.
    if (!inTime) for (const one of open) void one.disconnect().catch(() => {});
  }

  private queueNamed(name: string): Queue<JobPayload> {
    let queue = this.queues.get(name);
    if (!queue) {
      // Commands to a Redis that is away fail at once instead of waiting in memory for its return.
      queue = new Queue(name, { prefix: PREFIX, connection: { ...this.connection, enableOfflineQueue: false } });
      queue.on('error', this.heard(`queue ${name}`));
      this.queues.set(name, queue);
    }
    return queue;
  }

  /** BullMQ waits for Redis without end, and gives many kinds of errors when it is away. */
  private async bounded<Answer>(work: Promise<Answer>): Promise<Answer> {
    try {
      return await within(this.timeoutMs, work, () => {
        throw new Error(`Redis gave no answer within ${this.timeoutMs} ms`);
      });
    } catch (error) {
      throw new QueueUnavailable(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Listeners for errors: without one, Node ends the process. Redis away is told now and then, not at every new try. */
function sometimes(warn: BullMqParts['warn']): (source: string) => (error: Error) => void {
  return (source) => {
    let quietUntil = 0;
    return (error) => {
      if (performance.now() < quietUntil) return;
      quietUntil = performance.now() + WARN_EVERY_MS;
      warn('the job queue has a fault', { source, reason: error.message || String(error) });
    };
  };
}

/** BullMQ refuses ids with a colon, and takes bare integers for its own. */
function jobIdOf(id: string): string {
  return `job-${encodeURIComponent(id)}`;
}

function idOf(jobId: string): string {
  return decodeURIComponent(jobId.slice('job-'.length));
}

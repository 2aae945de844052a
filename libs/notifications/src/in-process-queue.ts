// Jobs in this process's memory. They are durable all the same, because the reconciler derives them from the log again.
import { backoffAfter, QueueUnavailable, type Job, type JobQueue, type NewJob, type WorkOptions } from './job-queue';
import { within } from './within';

const JOBS_MAX = 10_000;

interface Worker {
  readonly handler: (job: Job) => Promise<void>;
  readonly options: WorkOptions;
  running: number;
}
interface Line {
  readonly ready: Job[];
  worker?: Worker;
}

/**
 * A queue for one process. It holds a bounded number of jobs: whoever follows the log waits when it is full, so a
 * backlog stays in the log and not in memory.
 */
export function createInProcessQueue({ jobsMax = JOBS_MAX }: { jobsMax?: number } = {}): JobQueue {
  const lines = new Map<string, Line>();
  const held = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let closed = false;

  return {
    async add({ queue, id, payload, delayMs = 0 }) {
      if (closed) throw new QueueUnavailable('it is closed');
      if (held.has(keyOf({ queue, id }))) return;
      if (held.size >= jobsMax) throw new QueueUnavailable(`it holds ${jobsMax} jobs`);
      held.add(keyOf({ queue, id }));
      putIn(queue, { id, payload, attempt: 1 }, delayMs);
    },
    work(queue, handler, options) {
      lineOf(queue).worker = { handler, options, running: 0 };
      startNext(queue);
    },
    async check() {},
    async close(timeoutMs) {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await within(timeoutMs, Promise.allSettled(running), () => []);
    },
  };

  function lineOf(queue: string): Line {
    let line = lines.get(queue);
    if (!line) lines.set(queue, (line = { ready: [] }));
    return line;
  }

  function putIn(queue: string, job: Job, delayMs: number): void {
    if (closed) return;
    if (delayMs <= 0) {
      lineOf(queue).ready.push(job);
      startNext(queue);
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      putIn(queue, job, 0);
    }, delayMs);
    timers.add(timer);
  }

  function startNext(queue: string): void {
    const { ready, worker } = lineOf(queue);
    while (worker && !closed && worker.running < (worker.options.concurrency ?? 1)) {
      const job = ready.shift();
      if (!job) return;
      worker.running++;
      const run = attempt(queue, job, worker).finally(() => {
        worker.running--;
        running.delete(run);
        startNext(queue);
      });
      running.add(run);
    }
  }

  async function attempt(queue: string, job: Job, { handler, options }: Worker): Promise<void> {
    try {
      await handler(job);
    } catch (error) {
      if (job.attempt < options.attemptsMax || !(await told(job, error, options))) return again(queue, job, options);
    }
    held.delete(keyOf({ queue, id: job.id }));
  }

  function again(queue: string, job: Job, { backoffMs }: WorkOptions): void {
    putIn(queue, { ...job, attempt: job.attempt + 1 }, backoffAfter({ attempt: job.attempt, backoffMs, chance: Math.random() }));
  }
}

async function told(job: Job, error: unknown, { gaveUp }: WorkOptions): Promise<boolean> {
  return gaveUp(job, error).then(
    () => true,
    () => false,
  );
}

function keyOf({ queue, id }: Pick<NewJob, 'queue' | 'id'>): string {
  return `${queue} ${id}`;
}

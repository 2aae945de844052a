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
  return new InProcessQueue(jobsMax);
}

class InProcessQueue implements JobQueue {
  private readonly lines = new Map<string, Line>();
  private readonly held = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private closed = false;

  constructor(private readonly jobsMax: number) {}

  async add({ queue, id, payload, delayMs = 0 }: NewJob): Promise<void> {
    if (this.closed) throw new QueueUnavailable('it is closed');
    if (this.held.has(keyOf({ queue, id }))) return;
    if (this.held.size >= this.jobsMax) throw new QueueUnavailable(`it holds ${this.jobsMax} jobs`);
    this.held.add(keyOf({ queue, id }));
    this.putIn(queue, { id, payload, attempt: 1 }, delayMs);
  }

  work(queue: string, handler: Worker['handler'], options: WorkOptions): void {
    this.lineOf(queue).worker = { handler, options, running: 0 };
    this.startNext(queue);
  }

  /** What it loses with the process is added again by the reconciler. */
  async check(): Promise<void> {}

  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    await within<unknown>(timeoutMs, Promise.allSettled(this.running), () => undefined);
  }

  private lineOf(queue: string): Line {
    let line = this.lines.get(queue);
    if (!line) this.lines.set(queue, (line = { ready: [] }));
    return line;
  }

  private putIn(queue: string, job: Job, delayMs: number): void {
    if (this.closed) return;
    if (delayMs <= 0) {
      this.lineOf(queue).ready.push(job);
      this.startNext(queue);
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.putIn(queue, job, 0);
    }, delayMs);
    this.timers.add(timer);
  }

  private startNext(queue: string): void {
    const { ready, worker } = this.lineOf(queue);
    while (worker && !this.closed && worker.running < (worker.options.concurrency ?? 1)) {
      const job = ready.shift();
      if (!job) return;
      worker.running++;
      const run = this.attempt(queue, job, worker).finally(() => {
        worker.running--;
        this.running.delete(run);
        this.startNext(queue);
      });
      this.running.add(run);
    }
  }

  private async attempt(queue: string, job: Job, { handler, options }: Worker): Promise<void> {
    try {
      await handler(job);
    } catch (error) {
      if (job.attempt < options.attemptsMax || !(await told(job, error, options))) return this.again(queue, job, options);
    }
    this.held.delete(keyOf({ queue, id: job.id }));
  }

  private again(queue: string, job: Job, { backoffMs }: WorkOptions): void {
    const delayMs = backoffAfter({ attempt: job.attempt, backoffMs, chance: Math.random() });
    this.putIn(queue, { ...job, attempt: job.attempt + 1 }, delayMs);
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

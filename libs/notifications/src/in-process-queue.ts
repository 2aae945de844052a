// Jobs in this process's memory. They are durable all the same, because the reconciler derives them from the log again.
import {
  backoffAfter,
  NotNow,
  QueueUnavailable,
  type Job,
  type JobCounts,
  type JobQueue,
  type NewJob,
  type WorkOptions,
} from './job-queue';
import { within } from './within';

interface Ranked extends Job {
  readonly priority: number;
}
interface Worker {
  readonly handler: (job: Job) => Promise<void>;
  readonly options: WorkOptions;
}
/** One queue: its jobs that are ready by priority, and when it may begin the next. */
interface Line {
  readonly ready: Map<number, Ranked[]>;
  readonly held: Set<string>;
  running: number;
  delayed: number;
  worker?: Worker;
  /** How many began since when; the rate counts them. */
  begun: number;
  since: number;
  resting: boolean;
}

/** A queue for one process. */
export function createInProcessQueue(): JobQueue {
  return new InProcessQueue();
}

class InProcessQueue implements JobQueue {
  private readonly lines = new Map<string, Line>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly runs = new Set<Promise<void>>();
  private closed = false;

  async add({ queue, id, payload, delayMs = 0, priority = 0 }: NewJob): Promise<void> {
    if (this.closed) throw new QueueUnavailable('it is closed');
    const line = this.lineOf(queue);
    if (line.held.has(id)) return;
    line.held.add(id);
    this.putIn(line, { id, payload, attempt: 1, priority }, delayMs);
  }

  work(queue: string, handler: Worker['handler'], options: WorkOptions): void {
    const line = this.lineOf(queue);
    line.worker = { handler, options };
    this.startNext(line);
  }

  /** What it loses with the process is added again by the reconciler. */
  async check(): Promise<number> {
    return 0;
  }

  async counts(queue: string): Promise<JobCounts> {
    const { held, delayed, running } = this.lineOf(queue);
    return { ready: held.size - delayed - running, delayed, running };
  }

  async holds({ queue, id }: Pick<NewJob, 'queue' | 'id'>): Promise<boolean> {
    return this.lineOf(queue).held.has(id);
  }

  async close(timeoutMs: number): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    await within<unknown>(timeoutMs, Promise.allSettled(this.runs), () => undefined);
  }

  private lineOf(queue: string): Line {
    let line = this.lines.get(queue);
    if (!line) {
      line = { ready: new Map(), held: new Set(), running: 0, delayed: 0, begun: 0, since: 0, resting: false };
      this.lines.set(queue, line);
    }
    return line;
  }

  private putIn(line: Line, job: Ranked, delayMs: number): void {
    if (this.closed) return;
    if (delayMs > 0) {
      line.delayed++;
      this.after(delayMs, () => {
        line.delayed--;
        this.putIn(line, job, 0);
      });
      return;
    }
    placeOf(line, job).push(job);
    this.startNext(line);
  }

  private after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.closed) act();
    }, ms);
    this.timers.add(timer);
  }

  private startNext(line: Line): void {
    const { worker } = line;
    while (worker && !this.closed && !line.resting && line.running < (worker.options.concurrency ?? 1)) {
      const restMs = restOf(line, performance.now());
      if (restMs > 0) return this.rest(line, restMs);
      const job = nextOf(line);
      if (!job) return;
      line.running++;
      line.begun++;
      const run = this.attempt(line, job, worker).finally(() => {
        line.running--;
        this.runs.delete(run);
        this.startNext(line);
      });
      this.runs.add(run);
    }
  }

  private rest(line: Line, restMs: number): void {
    if (line.resting) return;
    line.resting = true;
    this.after(restMs, () => {
      line.resting = false;
      this.startNext(line);
    });
  }

  private async attempt(line: Line, job: Ranked, { handler, options }: Worker): Promise<void> {
    try {
      await handler({ id: job.id, payload: job.payload, attempt: job.attempt });
    } catch (error) {
      if (error instanceof NotNow) return this.notNow(line, job, error);
      if (job.attempt < options.attemptsMax || !(await told(job, error, options))) return this.again(line, job, options);
    }
    line.held.delete(job.id);
  }

  private notNow(line: Line, job: Ranked, { restMs }: NotNow): void {
    placeOf(line, job).unshift(job);
    this.rest(line, restMs);
  }

  private again(line: Line, job: Ranked, { backoffMs }: WorkOptions): void {
    const delayMs = backoffAfter({ attempt: job.attempt, backoffMs, chance: Math.random() });
    this.putIn(line, { ...job, attempt: job.attempt + 1 }, delayMs);
  }
}

function placeOf({ ready }: Line, { priority }: Ranked): Ranked[] {
  let place = ready.get(priority);
  if (!place) ready.set(priority, (place = []));
  return place;
}

function nextOf({ ready }: Line): Ranked | undefined {
  const waiting = [...ready].filter(([, jobs]) => jobs.length > 0).map(([priority]) => priority);
  return waiting.length > 0 ? ready.get(Math.min(...waiting))!.shift() : undefined;
}

/** How long the line must wait before it may begin another job. */
function restOf(line: Line, now: number): number {
  const rate = line.worker?.options.rate;
  if (!rate) return 0;
  if (now >= line.since + rate.perMs) Object.assign(line, { since: now, begun: 0 });
  return line.begun < rate.jobs ? 0 : line.since + rate.perMs - now;
}

async function told({ id, payload, attempt }: Ranked, error: unknown, { gaveUp }: WorkOptions): Promise<boolean> {
  return gaveUp({ id, payload, attempt }, error).then(
    () => true,
    () => false,
  );
}

// The port of the job queue. A job is a wake-up hint: what it leads to is recorded in the log, and the log decides.
// Every adapter passes test/contracts/job-queue.contract.ts.

/** Ids only: what a job needs beside them is looked up when it runs. */
export type JobPayload = Readonly<Record<string, string>>;

export interface NewJob {
  readonly queue: string;
  /** While a job of this id waits or runs, another one is dropped; afterwards the id is free again. */
  readonly id: string;
  readonly payload: JobPayload;
  readonly delayMs?: number;
}

/** A job as its handler sees it. */
export interface Job {
  readonly id: string;
  readonly payload: JobPayload;
  /** Counts from 1. */
  readonly attempt: number;
}

export interface WorkOptions {
  /** Told of the last failure; when telling fails too, the job is tried once more. */
  readonly gaveUp: (job: Job, error: unknown) => Promise<void>;
  readonly attemptsMax: number;
  /** Wait after the first failure; it doubles with every further one. */
  readonly backoffMs: number;
  /** Jobs at once; 1 keeps the order in which they were added. */
  readonly concurrency?: number;
}

export interface JobQueue {
  /**
   * Adds a job; answers when the queue has it.
   * @throws QueueUnavailable within seconds when the queue cannot take it; it may have taken it all the same
   */
  add(job: NewJob): Promise<void>;
  /** Runs the jobs of a queue. A job may run twice, so the handler is correct when it does. */
  work(queue: string, handler: (job: Job) => Promise<void>, options: WorkOptions): void;
  /**
   * Says whether jobs are safe here; asked once at the start.
   * @throws QueueUnfit when its settings lose jobs; QueueUnavailable when it cannot be asked
   */
  check(): Promise<void>;
  /** Takes no more, waits for the jobs that run, at most so long, and lets go of everything. */
  close(timeoutMs: number): Promise<void>;
}

/** The queue cannot take a job now; later it may. */
export class QueueUnavailable extends Error {
  constructor(reason: string) {
    super(`the job queue is not available: ${reason}`);
    this.name = 'QueueUnavailable';
  }
}

/** The queue is set up so that it loses jobs. */
export class QueueUnfit extends Error {
  constructor(reason: string) {
    super(`the job queue is not safe: ${reason}`);
    this.name = 'QueueUnfit';
  }
}

const DOUBLINGS_MAX = 10;

/** The wait before the next attempt: doubles each time, and is spread over its upper half so that retries do not march in step. */
export function backoffAfter({ attempt, backoffMs, chance }: { attempt: number; backoffMs: number; chance: number }): number {
  const most = backoffMs * 2 ** Math.min(attempt - 1, DOUBLINGS_MAX);
  return Math.round(most / 2 + (most / 2) * chance);
}

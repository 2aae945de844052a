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
  /** Of the jobs that are ready, the lowest comes first, and of equal ones the earliest; 0 when absent. */
  readonly priority?: number;
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
  /** Most jobs that begin in such a time, over all processes that work on the queue. */
  readonly rate?: Rate;
}
export interface Rate {
  readonly jobs: number;
  readonly perMs: number;
}

/** The jobs that a queue holds. */
export interface JobCounts {
  readonly ready: number;
  /** Those that wait for their time: a delay, or another attempt. */
  readonly delayed: number;
  readonly running: number;
}

export interface JobQueue {
  /**
   * Adds a job; answers when the queue has it.
   * @throws QueueUnavailable within seconds when the queue cannot take it; it may have taken it all the same
   */
  add(job: NewJob): Promise<void>;
  /**
   * Runs the jobs of a queue. A job may run twice, so the handler is correct when it does. When it throws `NotNow`, the
   * job goes back to its place uncounted, and the whole queue rests.
   */
  work(queue: string, handler: (job: Job) => Promise<void>, options: WorkOptions): void;
  /**
   * Says whether jobs are safe here, and how full their store is: 1 is full, 0 when it has no bound.
   * @throws QueueUnfit when its settings lose jobs; QueueUnavailable when it cannot be asked
   */
  check(): Promise<number>;
  /** @throws QueueUnavailable when it cannot be asked */
  counts(queue: string): Promise<JobCounts>;
  /** Whether a job of the id waits or runs. @throws QueueUnavailable when it cannot be asked */
  holds(job: Pick<NewJob, 'queue' | 'id'>): Promise<boolean>;
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

/** What a handler throws when no job of the queue can be done now: nothing is wrong with this one. */
export class NotNow extends Error {
  constructor(readonly restMs: number) {
    super(`not now, but in ${restMs} ms`);
    this.name = 'NotNow';
  }
}

const DOUBLINGS_MAX = 10;

/** The wait before the next attempt: doubles each time, and is spread over its upper half so that retries do not march in step. */
export function backoffAfter({ attempt, backoffMs, chance }: { attempt: number; backoffMs: number; chance: number }): number {
  const most = backoffMs * 2 ** Math.min(attempt - 1, DOUBLINGS_MAX);
  return Math.round(most / 2 + (most / 2) * chance);
}

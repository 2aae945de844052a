// Whether the job queue is sound: a job that does nothing goes through it every minute, and Redis is asked how full it is.
import { setTimeout as wait } from 'node:timers/promises';
import { EMAIL } from './deliver';
import { QueueUnavailable, QueueUnfit, type Job, type JobQueue, type NewJob } from './job-queue';

const BEAT_EVERY_MS = 60_000;
const BEAT_AGE_ALARM_MS = 180_000;
const FULLNESS_ALARM = 0.7;
const HEARTBEAT: NewJob = { queue: EMAIL, id: 'heartbeat', payload: {} };

/** Whether the job is a heartbeat: there is nothing to do but to take it. */
export function isHeartbeat({ id }: Job): boolean {
  return id === HEARTBEAT.id;
}

export interface QueueHealth {
  /** Since a heartbeat was seen to be through, or since the start. Three minutes mean that nobody runs jobs. */
  readonly beatAgeMs: number;
  /** Of the store's bound; at 1 nothing is taken, and nothing can be worked off either. */
  readonly fullness: number;
  /** Why the queue cannot be used now. */
  readonly fault?: string;
}
export interface WatchParts {
  readonly queue: JobQueue;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly beatEveryMs?: number;
}

export class QueueWatch {
  private beatAt = performance.now();
  private fullness = 0;
  private fault: string | undefined;

  constructor(private readonly parts: WatchParts) {}

  get health(): QueueHealth {
    const { fullness, fault } = this;
    return { beatAgeMs: performance.now() - this.beatAt, fullness, ...(fault !== undefined && { fault }) };
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await wait(this.parts.beatEveryMs ?? BEAT_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  private async look(): Promise<void> {
    const { queue, warn } = this.parts;
    try {
      this.fullness = await queue.check();
      if (this.fullness >= FULLNESS_ALARM) warn('Redis is nearly full: at its maxmemory it takes no jobs', { fullness: this.fullness });
      // All processes share one heartbeat: whoever runs it, it is gone when the next one is due.
      if (!(await queue.holds(HEARTBEAT))) this.beatAt = performance.now();
      await queue.add(HEARTBEAT);
      const { beatAgeMs } = this.health;
      if (beatAgeMs > BEAT_AGE_ALARM_MS)
        warn('jobs are not run: the heartbeat is still in the queue', { beatAgeMs: Math.round(beatAgeMs) });
      this.fault = undefined;
    } catch (error) {
      if (!(error instanceof QueueUnavailable || error instanceof QueueUnfit)) throw error;
      this.fault = error.message;
    }
  }
}

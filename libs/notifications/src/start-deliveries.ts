// Keeps deliveries moving: new notices become jobs, and what is still due becomes a job again.
import { setTimeout as wait } from 'node:timers/promises';
import type { Recorded } from '@app/kernel';
import { Deliver, DELIVERIES, jobOf, type DeliverParts, type ModelsAtHand } from './deliver';
import { deliveriesDue, type Delivery } from './delivery-ledger';
import { QueueUnavailable, type JobQueue } from './job-queue';
import { within } from './within';

const FOLLOWER = 'deliver';
const PAGE_MAX = 500;
const RECONCILE_EVERY_MS = 30_000;
const ADD_AGAIN_MS = 1_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** With doubling waits this is about three hours: a mail server may be away for a morning. */
const RETRY = { attemptsMax: 12, backoffMs: 5_000 };
const CONCURRENCY = 16;

export interface DeliveriesParts extends DeliverParts {
  readonly models: ModelsAtHand & { checkpoint(follower: string): number; saveCheckpoint(follower: string, position: number): void };
  readonly queue: JobQueue;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Stops following and reconciling; `close` then waits for what runs. */
  readonly signal: AbortSignal;
  readonly reconcileEveryMs?: number;
  readonly addAgainMs?: number;
  readonly retry?: { readonly attemptsMax: number; readonly backoffMs: number };
}
export interface Deliveries {
  /** Rejects when the log or the read models fail; settles when the signal says to stop. */
  readonly done: Promise<void>;
  /** Stops, waits a bounded time for the mails on their way, and closes the queue and the channel. */
  close(): Promise<void>;
}

/** Starts delivering. No command ever waits for it: with the queue away, deliveries stay due and follow when it is back. */
export function startDeliveries(parts: DeliveriesParts): Deliveries {
  const { queue, channel, retry = RETRY } = parts;
  const stop = new AbortController();
  const deliver = new Deliver(parts);
  queue.work(DELIVERIES, (job) => deliver.attempt(job), {
    gaveUp: (job, error) => deliver.giveUp(job, error),
    concurrency: CONCURRENCY,
    ...retry,
  });
  const feed = new Feed(parts, AbortSignal.any([parts.signal, stop.signal]));
  const done = Promise.all([feed.check(), feed.follow(), feed.reconcile()]).then(() => {});
  // Who awaits `done` hears of a failure; without this, one that comes before would end the process.
  done.catch(() => {});

  return {
    done,
    async close() {
      stop.abort();
      await within<unknown>(CLOSE_TIMEOUT_MS, Promise.allSettled([done]), () => undefined);
      await queue.close(CLOSE_TIMEOUT_MS);
      channel?.close();
    },
  };
}

/** Puts what is due into the queue. */
class Feed {
  constructor(
    private readonly parts: DeliveriesParts,
    private readonly signal: AbortSignal,
  ) {}

  /** A queue that loses jobs is refused as soon as it can be asked. */
  check(): Promise<boolean> {
    return this.untilTaken(() => this.parts.queue.check());
  }

  async follow(): Promise<void> {
    const { log, models } = this.parts;
    let position = models.checkpoint(FOLLOWER);
    for await (const batch of log.subscribe(position, { signal: this.signal })) {
      const last = batch.at(-1)!.position;
      if (batch.some(isNotice)) {
        await this.unlessStopped(models.reached(last));
        const after = { position, recipient: LAST_RECIPIENT };
        if (!(await this.untilTaken(() => this.addDue(after)))) return;
      }
      models.saveCheckpoint(FOLLOWER, last);
      position = last;
    }
  }

  /** A queue forgets: a process ends, Redis is emptied, a job is lost. The ledger does not. */
  async reconcile(): Promise<void> {
    while (await this.untilTaken(() => this.addDue())) await this.pause(this.parts.reconcileEveryMs ?? RECONCILE_EVERY_MS);
  }

  private async addDue(after?: Place): Promise<void> {
    for (let from = after; !this.signal.aborted;) {
      const page = deliveriesDue(this.parts.models, { after: from, limit: PAGE_MAX });
      for (const delivery of page) await this.parts.queue.add(jobOf(delivery));
      if (page.length < PAGE_MAX) return;
      from = page.at(-1);
    }
  }

  /** Does it, again and again while the queue is away. Says no when told to stop. */
  private async untilTaken(act: () => Promise<void>): Promise<boolean> {
    for (let told = false; !this.signal.aborted; told = true) {
      try {
        await act();
        break;
      } catch (error) {
        if (!(error instanceof QueueUnavailable)) throw error;
        if (!told) this.parts.warn('deliveries wait for the job queue', { reason: error.message });
        await this.pause(this.parts.addAgainMs ?? ADD_AGAIN_MS);
      }
    }
    return !this.signal.aborted;
  }

  private pause(ms: number): Promise<void> {
    return this.unlessStopped(wait(ms, undefined, { ref: false }));
  }

  private async unlessStopped(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopped = () => resolve();
    this.signal.addEventListener('abort', stopped, { once: true });
    if (this.signal.aborted) stopped();
    await Promise.race([work, promise]).finally(() => this.signal.removeEventListener('abort', stopped));
  }
}

type Place = Pick<Delivery, 'position' | 'recipient'>;

/** Sorts after every id, so that a page begins after all deliveries of a position. */
const LAST_RECIPIENT = '\u{10FFFF}';

function isNotice({ event }: Recorded): boolean {
  return event.type === 'NoticeDue';
}

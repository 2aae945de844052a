// Keeps deliveries moving: new notices become jobs, and what is still due becomes a job again.
import { setTimeout as wait } from 'node:timers/promises';
import type { Recorded } from '@app/kernel';
import { createDeliver, DELIVERIES, jobOf, type DeliverParts, type ModelsAtHand } from './deliver';
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
  const { log, models, queue, channel, warn, reconcileEveryMs = RECONCILE_EVERY_MS, addAgainMs = ADD_AGAIN_MS, retry = RETRY } = parts;
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const { handle, gaveUp } = createDeliver(parts);
  queue.work(DELIVERIES, handle, { gaveUp, concurrency: CONCURRENCY, ...retry });
  const done = Promise.all([follow(), reconcile()]).then(() => {});
  // Who awaits `done` hears of a failure; without this, one that comes before would end the process.
  done.catch(() => {});

  return {
    done,
    async close() {
      stop.abort();
      await within<unknown>(
        CLOSE_TIMEOUT_MS,
        done.catch(() => {}),
        () => undefined,
      );
      await queue.close(CLOSE_TIMEOUT_MS);
      channel?.close();
    },
  };

  async function follow(): Promise<void> {
    let position = models.checkpoint(FOLLOWER);
    for await (const batch of log.subscribe(position, { signal })) {
      const last = batch.at(-1)!.position;
      if (batch.some(isNotice)) {
        await untilStopped(models.reached(last));
        if (!(await addedAll(position))) return;
      }
      models.saveCheckpoint(FOLLOWER, last);
      position = last;
    }
  }

  /** Adds what is due after a position, and waits while the queue is away. Says no when told to stop. */
  async function addedAll(position: number): Promise<boolean> {
    for (let told = false; !signal.aborted;) {
      try {
        await addDue(position);
        return !signal.aborted;
      } catch (error) {
        if (!(error instanceof QueueUnavailable)) throw error;
        if (!told) warn('deliveries wait for the job queue', { reason: error.message });
        told = true;
        await pause(addAgainMs);
      }
    }
    return false;
  }

  async function addDue(position: number): Promise<void> {
    let after: Pick<Delivery, 'position' | 'recipient'> = { position, recipient: LAST_RECIPIENT };
    while (!signal.aborted) {
      const page = deliveriesDue(models, { after, limit: PAGE_MAX });
      for (const delivery of page) await queue.add(jobOf(delivery));
      const last = page.at(-1);
      if (!last || page.length < PAGE_MAX) return;
      after = last;
    }
  }

  /** A queue forgets: a process ends, Redis is emptied, a job is lost. The ledger does not. */
  async function reconcile(): Promise<void> {
    while (!signal.aborted) {
      try {
        await addDue(0);
      } catch (error) {
        // The next round comes anyway, and the follower has told.
        if (!(error instanceof QueueUnavailable)) throw error;
      }
      await pause(reconcileEveryMs);
    }
  }

  async function pause(ms: number): Promise<void> {
    await untilStopped(wait(ms, undefined, { ref: false }));
  }

  async function untilStopped(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopped = () => resolve();
    signal.addEventListener('abort', stopped, { once: true });
    if (signal.aborted) stopped();
    await Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stopped));
  }
}

/** Sorts after every id, so that a page begins after all deliveries of a position. */
const LAST_RECIPIENT = '\u{10FFFF}';

function isNotice({ event }: Recorded): boolean {
  return event.type === 'NoticeDue';
}

// Keeps deliveries moving: what is due becomes a job, and a job becomes a mail.
import { Deliver, EMAIL, type DeliverParts } from './deliver';
import { Feed, type FeedParts } from './feed';
import type { Rate } from './job-queue';
import { isHeartbeat } from './queue-watch';
import { within } from './within';

const CLOSE_TIMEOUT_MS = 5_000;
/** With doubling waits this is about three hours: a mail server may be away for a morning. */
const RETRY = { attemptsMax: 12, backoffMs: 5_000 };
const CONCURRENCY = 16;

export interface DeliveriesParts extends DeliverParts, FeedParts {
  readonly models: FeedParts['models'];
  /** Stops following and reconciling; `close` then waits for what runs. */
  readonly signal: AbortSignal;
  /** Most mails that the provider takes. */
  readonly rate?: Rate;
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
  const { queue, channel, rate, retry = RETRY } = parts;
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const deliver = new Deliver(parts);
  queue.work(EMAIL, async (job) => (isHeartbeat(job) ? undefined : deliver.attempt(job)), {
    gaveUp: (job, error) => deliver.giveUp(job, error),
    concurrency: CONCURRENCY,
    rate,
    ...retry,
  });
  const done = new Feed(parts, signal).run();
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

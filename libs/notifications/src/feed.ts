// Puts what is due into the job queue: new notices at once, and all that is still due again and again.
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { partsOf, type EventLog, type Recorded } from '@app/kernel';
import { EMAIL, jobOf, type ModelsAtHand } from './deliver';
import { deliveriesDue, deliveryOf, type Delivery } from './delivery-ledger';
import { QueueUnavailable, QueueUnfit, type JobQueue } from './job-queue';
import type { NoticeEvent, Recipient } from './notice';

const FOLLOWER = 'deliver';
const PAGE_MAX = 500;
/** Whoever reads a backlog does so in steps of some milliseconds: a command passes several turns, and waits for one in each. */
const EVENTS_MAX = 100;
/** Adding to Redis takes its time from those who wait for an answer, so it is done in small portions. */
const PORTION_MAX = 50;
/** A backlog stays in the log, not in the queue: the queue holds so many, and as many urgent ones beside them. */
const JOBS_MAX = 10_000;
const RECONCILE_EVERY_MS = 15_000;
const AGAIN_MS = 1_000;

export interface FeedParts {
  readonly log: EventLog;
  readonly models: ModelsAtHand & { checkpoint(follower: string): number; saveCheckpoint(follower: string, position: number): void };
  readonly queue: JobQueue;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly reconcileEveryMs?: number;
  readonly againMs?: number;
  readonly jobsMax?: number;
}

export class Feed {
  private readonly jobsMax: number;
  private readonly againMs: number;

  constructor(
    private readonly parts: FeedParts,
    private readonly signal: AbortSignal,
  ) {
    this.jobsMax = parts.jobsMax ?? JOBS_MAX;
    this.againMs = parts.againMs ?? AGAIN_MS;
  }

  /** Settles when the signal says to stop; rejects when the log or the read models fail. A queue that loses jobs gets none. */
  async run(): Promise<void> {
    if (!(await this.untilTaken(() => this.parts.queue.check()))) return;
    await Promise.all([this.follow(), this.reconcile()]);
  }

  private async follow(): Promise<void> {
    const { log, models } = this.parts;
    for await (const batch of log.subscribe(models.checkpoint(FOLLOWER), { signal: this.signal, max: EVENTS_MAX })) {
      const last = batch.at(-1)!.position;
      const orders = batch.filter(isOrder);
      if (orders.length > 0) {
        await this.unlessStopped(models.reached(last));
        if (!(await this.untilTaken(() => this.addWhereRoom(orders.flatMap((order) => this.orderedBy(order)))))) return;
      }
      models.saveCheckpoint(FOLLOWER, last);
      await breathe();
    }
  }

  /** The ledger knows which of them have ended meanwhile. */
  private orderedBy({ event, stream }: Recorded): readonly Delivery[] {
    const source = partsOf(stream).id;
    const order = event as NoticeEvent;
    const people = order.type === 'NoticeDue' ? byMail(order.recipients) : [order.recipient];
    const found = people.map((recipient) => deliveryOf(this.parts.models, { source, recipient, channel: EMAIL }));
    return found.filter((delivery) => delivery?.status === 'due') as Delivery[];
  }

  /** A queue forgets: a process ends, Redis is emptied, a job is lost. The ledger does not. */
  private async reconcile(): Promise<void> {
    for (let all = true; await this.untilTaken(async () => void (all = await this.addAllDue()));) {
      const end = performance.now() + (this.parts.reconcileEveryMs ?? RECONCILE_EVERY_MS);
      if (all) await this.pause(end - performance.now());
      else await this.untilTaken(() => this.pauseUntilRoom(end));
    }
  }

  /** When more is due than the queue takes, the next round comes as soon as half of it is done. The urgent do not wait for it. */
  private async pauseUntilRoom(end: number): Promise<void> {
    while (!this.signal.aborted && performance.now() < end) {
      await this.pause(this.againMs);
      if ((await this.held()) <= this.jobsMax / 2) return;
      await this.addUrgent();
    }
  }

  /** Whoever follows the log comes late to them, when he has to pass all that came before; and filling the queue takes its time. */
  private async addUrgent(): Promise<void> {
    const urgent = deliveriesDue(this.parts.models, { limit: PORTION_MAX }).filter(({ urgency }) => urgency === 0);
    await this.addWhereRoom(urgent);
  }

  /** Adds what is due, the urgent first. Says no when that is more than the queue takes. */
  private async addAllDue(): Promise<boolean> {
    // With so much at hand nothing is missed by looking later, and adding what is there already would cost.
    if ((await this.held()) > this.jobsMax / 2) return false;
    let after: Delivery | undefined;
    for (let room = this.jobsMax; room > 0 && !this.signal.aborted;) {
      const limit = Math.min(PAGE_MAX, room);
      const page = deliveriesDue(this.parts.models, { after, limit });
      await this.add(page);
      if (page.length < limit) return true;
      room -= page.length;
      after = page.at(-1);
      await this.addUrgent();
    }
    return false;
  }

  /** Adds as many as the queue has room for, which is more for the urgent; the reconciler comes back for the others. */
  private async addWhereRoom(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    let held = await this.held();
    await this.add(deliveries.filter(({ urgency }) => held < (urgency === 0 ? 2 : 1) * this.jobsMax && ++held));
  }

  private async add(deliveries: readonly Delivery[]): Promise<void> {
    for (let from = 0; from < deliveries.length; from += PORTION_MAX) {
      const portion = deliveries.slice(from, from + PORTION_MAX);
      await Promise.all(portion.map((delivery) => this.parts.queue.add(jobOf(delivery))));
      await breathe();
    }
  }

  private async held(): Promise<number> {
    const { ready, delayed, running } = await this.parts.queue.counts(EMAIL);
    return ready + delayed + running;
  }

  /** Does it, again and again while the queue is away or unfit. Says no when told to stop. */
  private async untilTaken(act: () => Promise<unknown>): Promise<boolean> {
    for (let told = ''; !this.signal.aborted;) {
      try {
        await act();
        break;
      } catch (error) {
        if (!(error instanceof QueueUnavailable || error instanceof QueueUnfit)) throw error;
        if (told !== error.name) this.parts.warn('deliveries wait for the job queue', { reason: error.message });
        told = error.name;
        await this.pause(this.againMs);
      }
    }
    return !this.signal.aborted;
  }

  private pause(ms: number): Promise<void> {
    return ms > 0 ? this.unlessStopped(wait(ms, undefined, { ref: false })) : Promise.resolve();
  }

  private async unlessStopped(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopped = () => resolve();
    this.signal.addEventListener('abort', stopped, { once: true });
    if (this.signal.aborted) stopped();
    await Promise.race([work, promise]).finally(() => this.signal.removeEventListener('abort', stopped));
  }
}

function isOrder({ event }: Recorded): boolean {
  return event.type === 'NoticeDue' || event.type === 'DeliveryRetried';
}

function byMail(recipients: readonly Recipient[]): readonly string[] {
  return recipients.filter(({ channels }) => channels.includes(EMAIL)).map(({ person }) => person);
}

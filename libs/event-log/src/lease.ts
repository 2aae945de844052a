// A lease on a partition: who has it may write for it, until a moment that his own clock tells him.
import { LogFailed, type EventLog, type NewEvent, type Receipt } from '@app/kernel';
import type { ClusterRedis, PartitionNote } from './cluster-redis';

/** Hand-over after a crash takes this long and one round of looking. */
export const LEASE_MS = 5_000;
/** So much earlier than Redis its holder takes it for lost: what he began before has time to arrive. */
const MARGIN_MS = 1_000;

/** What was to be appended belongs to a partition that somebody else may hold by now. */
export class LeaseLost extends LogFailed {
  constructor() {
    super('the lease was lost');
    this.name = 'LeaseLost';
  }
}

export class Lease {
  private readonly losing = new AbortController();
  private readonly underWay = new Set<Promise<unknown>>();
  private noted = '';

  /** @param until when it ends, by the monotonic clock; that one goes on while the process is frozen */
  private constructor(
    private readonly redis: ClusterRedis,
    readonly partition: number,
    private readonly holder: string,
    private until: number,
  ) {}

  /** Nothing when somebody holds the partition. */
  static async take(
    redis: ClusterRedis,
    partition: number,
    worker: string,
  ): Promise<{ readonly lease: Lease; readonly note: PartitionNote | undefined } | undefined> {
    const until = endOf(performance.now());
    const taken = await redis.take(partition, worker, LEASE_MS);
    return taken && { lease: new Lease(redis, partition, taken.holder, until), note: taken.note };
  }

  /** Aborts when it is lost or given back. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Extends it, and notes where its holder stands. @throws RedisUnavailable while Redis is away; it may last until then */
  async keep(note: PartitionNote): Promise<void> {
    if (!this.isHeld()) return;
    const until = endOf(performance.now());
    const text = JSON.stringify(note);
    if (await this.redis.keep(this.partition, this.holder, LEASE_MS, text === this.noted ? '' : text)) {
      this.until = until;
      this.noted = text;
    } else this.losing.abort();
  }

  /** Ends it here first, and in Redis when nothing of its holder is on its way any more. */
  async giveBack(note: () => PartitionNote): Promise<void> {
    this.losing.abort();
    await Promise.allSettled(this.underWay);
    await this.redis.giveBack(this.partition, this.holder, note());
  }

  /** Looks at the clock: a process that was frozen finds out before anything else. */
  isHeld(): boolean {
    if (performance.now() >= this.until) this.losing.abort();
    return !this.losing.signal.aborted;
  }

  /** The log, for the holder: it takes nothing from him when the lease is over. */
  over(log: EventLog): EventLog {
    return {
      append: (stream, expected, events) => this.appended(log, stream, expected, events),
      read: (stream, page) => log.read(stream, page),
      readAll: (page) => log.readAll(page),
      subscribe: (after, options) => log.subscribe(after, options),
      head: () => log.head(),
      close: () => log.close(),
    };
  }

  private async appended(log: EventLog, stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    if (!this.isHeld()) throw new LeaseLost();
    const appending = log.append(stream, expected, events);
    this.underWay.add(appending);
    try {
      return await appending;
    } finally {
      this.underWay.delete(appending);
    }
  }
}

function endOf(asked: number): number {
  return asked + LEASE_MS - MARGIN_MS;
}

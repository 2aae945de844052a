// A worker's part of the work: as many partitions of the streams as are his share, each under a lease.
import { hash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisUnavailable, PARTITIONS, type ClusterRedis, type PartitionNote } from './cluster-redis';
import { LEASE_MS, Lease } from './lease';

/** The partition of a stream, the same in every process and for ever. */
export function partitionOf(stream: string): number {
  return Number.parseInt(hash('sha1', stream).slice(0, 8), 16) % PARTITIONS;
}

/** What a worker does in a partition that he holds. */
export interface Occupation {
  /** Where it stands now. */
  readonly note: PartitionNote;
  /** Takes what was parked once more, when that was asked for so often. */
  retry(times: number): void;
  /** Settles when nothing runs any more, which is soon after the lease is lost. */
  readonly done: Promise<void>;
}

export interface WorkerParts {
  readonly redis: ClusterRedis;
  readonly occupy: (lease: Lease, note: PartitionNote | undefined) => Occupation;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
}

const ROUND_MS = 500;

/** Holds a fair share of the partitions until the signal, and then gives them back at once. */
export async function workInPartitions(parts: WorkerParts): Promise<void> {
  const worker = new PartitionWorker(parts);
  for (let told = false; !parts.signal.aborted;) {
    try {
      await worker.round();
      told = false;
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      if (!told) parts.warn('leases wait for Redis', { reason: String(error.cause) });
      told = true;
    }
    await sleep(ROUND_MS, undefined, { signal: parts.signal }).catch(() => {});
  }
  await worker.leave();
}

interface Held {
  readonly lease: Lease;
  readonly occupation: Occupation;
}

class PartitionWorker {
  private readonly id = randomUUID();
  private readonly held = new Map<number, Held>();
  private readonly ending = new Set<Promise<void>>();
  /** Where this process stood when it last held a partition, for a Redis that has forgotten. */
  private readonly last = new Map<number, PartitionNote>();

  constructor(private readonly parts: WorkerParts) {}

  /** Says that it is there, keeps what it holds, gives back what is too much, and takes what is free. */
  async round(): Promise<void> {
    // Looked at also while Redis is away: what is over ends here and now.
    this.letGo();
    const kept = [...this.held.values()];
    const { workers, retries } = await this.parts.redis.showUp(this.id, LEASE_MS);
    await Promise.all(kept.map(({ lease, occupation }) => lease.keep(occupation.note)));
    for (const { occupation } of kept) occupation.retry(retries);
    const share = Math.ceil(PARTITIONS / workers);
    // Not waited for: what is on its way may take longer than the other leases last.
    for (const held of kept.slice(share)) void this.giveBack(held);
    for (let partition = 0; partition < PARTITIONS && this.held.size < share; partition++) await this.take(partition);
  }

  /** Gives everything back. Without Redis nothing can be given back, and the leases end by themselves. */
  async leave(): Promise<void> {
    const held = [...this.held.values()];
    await Promise.allSettled([...held.map((one) => this.giveBack(one)), this.parts.redis.leave(this.id)]);
    await Promise.all(this.ending);
  }

  private async take(partition: number): Promise<void> {
    if (this.held.has(partition)) return;
    const taken = await Lease.take(this.parts.redis, partition, this.id);
    if (!taken) return;
    const { lease, note = this.last.get(partition) } = taken;
    const occupation = this.parts.occupy(lease, note);
    this.held.set(partition, { lease, occupation });
    const ended = occupation.done.then(() => void this.ending.delete(ended));
    this.ending.add(ended);
  }

  /**
   * What is over is free to be taken again at once. Its occupant may still wait for an answer of the log, but can send
   * nothing more; so nobody waits for him, and two in one process are no worse than two in different ones.
   */
  private letGo(): void {
    for (const [partition, { lease, occupation }] of this.held) {
      if (lease.isHeld()) continue;
      this.last.set(partition, occupation.note);
      this.held.delete(partition);
    }
  }

  private async giveBack({ lease, occupation }: Held): Promise<void> {
    try {
      await lease.giveBack(() => occupation.note);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
    }
  }
}

// Where the sagas of one partition stand, and what they parked, in memory; its note goes to Redis with the lease.
import type { PartitionNote } from './cluster-redis';
import type { SagaBook } from './follow';
import type { Parked } from './follower-book';

export class PartitionBook implements SagaBook {
  private readonly checkpoints: Map<string, number>;
  private rows: readonly Parked[];
  /** The last call to take parked events again that was answered. */
  retried: number;

  /** @param head where the log ends: a note of somewhere beyond is not of this log, and is worth nothing */
  constructor(note: PartitionNote | undefined, head: number) {
    const positions = Object.values(note?.checkpoints ?? {});
    const { checkpoints, parked, retried } = note && positions.every((position) => position <= head) ? note : NOTHING;
    this.checkpoints = new Map(Object.entries(checkpoints));
    this.rows = parked;
    this.retried = retried;
  }

  get note(): PartitionNote {
    return { checkpoints: Object.fromEntries(this.checkpoints), parked: this.rows, retried: this.retried };
  }

  checkpoint(follower: string): number {
    return this.checkpoints.get(follower) ?? 0;
  }

  saveCheckpoint(follower: string, position: number): void {
    this.checkpoints.set(follower, position);
  }

  park(parked: Parked): void {
    this.unpark(parked);
    this.rows = [...this.rows, parked].toSorted((a, b) => a.position - b.position);
  }

  unpark({ follower, position }: Parked): void {
    this.rows = this.rows.filter((row) => row.follower !== follower || row.position !== position);
  }

  parked(): readonly Parked[] {
    return this.rows;
  }

  isJammed(follower: string, stream: string): boolean {
    return this.rows.some((row) => row.follower === follower && row.stream === stream);
  }
}

const NOTHING: PartitionNote = { checkpoints: {}, parked: [], retried: 0 };

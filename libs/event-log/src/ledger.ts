// A log as a book: every event to the letter, in order, proven while it is read. What is copied from one log to another is this.
import type { EventLog } from '@app/kernel';
import { chained, FIRST_HASH, type Entry } from './hash-chain';

/** What was found: the number of sound events, the hash after the last of them, and the first fault, if there is one. */
export interface Proof {
  readonly events: number;
  readonly hash: string;
  readonly fault?: { readonly position: number; readonly reason: string };
}

/** Pages of sound entries from the first on; at the end, or at the first fault, the proof. */
export type Ledger = AsyncGenerator<readonly Entry[], Proof>;

/** A log that can be carried elsewhere and proven. */
export interface ProvableLog extends EventLog {
  ledger(): Ledger;
  verify(): Promise<Proof>;
}

/** Reads a ledger to its end. */
export async function proofOf(ledger: Ledger, take: (entries: readonly Entry[]) => Promise<void> | void = () => {}): Promise<Proof> {
  for (;;) {
    const { done, value } = await ledger.next();
    if (done) return value;
    await take(value);
  }
}

/** Holds each entry against all before it. */
export class Chain {
  position = 0;
  hash = FIRST_HASH;
  private readonly ends = new Map<string, number>();

  /** What is wrong with an entry; one that is sound becomes the last. */
  add(entry: Entry): string | undefined {
    const { position, stream, revision, hash } = entry;
    if (position !== this.position + 1) return 'the event is missing';
    if (revision !== (this.ends.get(stream) ?? -1) + 1) return `${stream} jumps to revision ${revision}`;
    if (chained(this.hash, entry) !== hash) return 'the event is not the one that was recorded';
    this.position = position;
    this.hash = hash;
    this.ends.set(stream, revision);
    return undefined;
  }

  /** What there is to say after the last sound entry. */
  proof(reason?: string): Proof {
    const fault = reason === undefined ? undefined : { position: this.position + 1, reason };
    return { events: this.position, hash: this.hash, ...(fault && { fault }) };
  }
}

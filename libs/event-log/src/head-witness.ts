// The head witness: a small file beside the log that says how far the log had come, so that a lost tail is noticed.
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { hash } from 'node:crypto';

export interface Head {
  readonly position: number;
  readonly hash: string;
}

const SLOT_BYTES = 256;

/**
 * Two slots, written in turn, each with a digest of its own: a torn write spoils one slot and leaves the other.
 * It is written after each commit and before its answer, and is not flushed: after a power loss it may be behind the
 * log, which is harmless, and never ahead of it.
 */
export class HeadWitness {
  private readonly file: number;
  private readonly slot = Buffer.alloc(SLOT_BYTES, ' ');
  private turn = 0;

  constructor(path: string) {
    this.file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** The furthest head that was written, or nothing in a new or unreadable file. */
  read(): Head | undefined {
    const heads = [0, 1].map((slot) => this.slotAt(slot)).filter((head) => head !== undefined);
    return heads.sort((a, b) => b.position - a.position)[0];
  }

  write(head: Head): void {
    const text = `${head.position} ${head.hash}`;
    this.slot.fill(' ');
    this.slot.write(`${text} ${hash('sha256', text)}`);
    const place = (this.turn++ % 2) * SLOT_BYTES;
    // The system may take less than it was given.
    for (let at = 0; at < SLOT_BYTES;) at += writeSync(this.file, this.slot, at, SLOT_BYTES - at, place + at);
  }

  close(): void {
    closeSync(this.file);
  }

  private slotAt(slot: number): Head | undefined {
    const bytes = Buffer.alloc(SLOT_BYTES);
    readSync(this.file, bytes, 0, SLOT_BYTES, slot * SLOT_BYTES);
    const [position, head, digest] = bytes.toString('latin1').trim().split(' ');
    if (!position || !head || digest !== hash('sha256', `${position} ${head}`)) return undefined;
    return { position: Number(position), hash: head };
  }
}

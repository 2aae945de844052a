// Each event's hash covers the hash before it, so that an edit, an insertion or a reordering breaks every later one.
import { hash } from 'node:crypto';

/** The hash before the first event. */
export const FIRST_HASH = '0'.repeat(64);

/** What the hash of one event covers, apart from the hash before it. */
export interface Link {
  /** The event's number in the log, from 1; a log whose positions have gaps is counted. */
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly data: string;
  readonly meta: string;
}

/** One event as a log keeps it, to the letter, under its number in the log. */
export interface Entry extends Link {
  readonly hash: string;
}

/** SHA-256, as lower-case hex, over the hash before and everything that the log keeps of the event. */
export function chained(before: string, { position, stream, revision, data, meta }: Link): string {
  return hash('sha256', `${before}\n${position}\n${stream}\n${revision}\n${data}\n${meta}`);
}

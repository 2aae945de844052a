// Ids of events come from their command, so that a retry of an append carries the same ones.
import { hash } from 'node:crypto';

const DIGITS = '0123456789abcdef';
const VARIANTS = '89ab';

/**
 * Ids of the events of one command to one stream by their place: a UUIDv7 of the instant's milliseconds and a digest of the
 * command's id and the stream. An idempotency key may come to two streams in one millisecond, and an id names one event.
 */
export function eventId(command: string, at: string, stream = ''): (index: number) => string {
  const digest = hash('sha1', `${command} ${stream}`);
  const variant = VARIANTS[DIGITS.indexOf(digest[3]!) & 3];
  const head = `${timeOf(at)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 15)}`;
  const last = digest.slice(15, 19);
  return (index) => head + (index === 0 ? last : (Number.parseInt(last, 16) ^ index).toString(16).padStart(4, '0'));
}

let known = { at: '', time: '' };

/** The first twelve digits of a UUIDv7. Many ask for the same instant: what one command causes, and all that come within a millisecond. */
function timeOf(at: string): string {
  if (known.at !== at) {
    const digits = Date.parse(at).toString(16).padStart(12, '0');
    known = { at, time: `${digits.slice(0, 8)}-${digits.slice(8)}` };
  }
  return known.time;
}

// Ids of events come from their command, so that a retry of an append carries the same ones.
import { hash } from 'node:crypto';

/** A UUIDv7: the instant's milliseconds, then bits of a digest of the command's id and the event's place in it. */
export function eventId(command: string, index: number, at: string): string {
  const time = Date.parse(at).toString(16).padStart(12, '0');
  const digest = hash('sha1', `${command}/${index}`);
  const variant = ((Number.parseInt(digest[3]!, 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`;
}

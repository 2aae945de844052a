// Ids of events come from their command, so that a retry of an append carries the same ones.
import { hash } from 'node:crypto';

/** Ids of the events of one command by their place: a UUIDv7 of the instant's milliseconds and a digest of the command's id. */
export function eventId(command: string, at: string): (index: number) => string {
  const time = Date.parse(at).toString(16).padStart(12, '0');
  const digest = hash('sha1', command);
  const variant = ((Number.parseInt(digest[3]!, 16) & 3) | 8).toString(16);
  const head = `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 15)}`;
  const last = Number.parseInt(digest.slice(15, 19), 16);
  return (index) => head + (last ^ index).toString(16).padStart(4, '0');
}

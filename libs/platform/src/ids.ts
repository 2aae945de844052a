// Where ids, digests and time come from. Nothing further in makes its own.
import { hash, randomUUIDv7 } from 'node:crypto';

/** A new id, a UUIDv7. */
export function newId(): string {
  return randomUUIDv7();
}

/** An id that the same parts always give: a UUIDv8 made of their digest. */
export function derivedId(...parts: readonly string[]): string {
  const digest = hash('sha256', JSON.stringify(parts));
  const variant = ((Number.parseInt(digest[16]!, 16) & 3) | 8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** SHA-256 as lower-case hex. */
export function digestOf(text: string): string {
  return hash('sha256', text);
}

let last = { ms: 0, text: '' };

/** The instant now, in UTC. Many ask in the same millisecond, and writing it out takes longer than asking. */
export function now(): string {
  const ms = Date.now();
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}

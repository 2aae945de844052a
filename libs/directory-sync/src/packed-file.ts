// Files as the log keeps them: compressed, in parts that fit into an event.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { FILE_BYTES_MAX } from './read-csv';

/** Far below the largest event, and below what an event store takes in one append. */
const PART_BYTES_MAX = 300 * 1024;

export function packed(bytes: Uint8Array): readonly string[] {
  const whole = gzipSync(bytes);
  const count = Math.max(1, Math.ceil(whole.length / PART_BYTES_MAX));
  return Array.from({ length: count }, (_, at) => whole.subarray(at * PART_BYTES_MAX, (at + 1) * PART_BYTES_MAX).toString('base64'));
}

export function unpacked(parts: readonly string[]): Uint8Array {
  return gunzipSync(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))), { maxOutputLength: FILE_BYTES_MAX });
}

/** SHA-256 of texts, one after the other. */
export function digestOf(texts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\n');
  return hash.digest('hex');
}

/** All of a file in memory. */
export async function wholeOf(content: AsyncIterable<Uint8Array> | Uint8Array, refuse: () => never): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

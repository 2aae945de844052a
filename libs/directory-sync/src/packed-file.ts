// Files as the log keeps them: compressed, in parts that fit into an event.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { FILE_BYTES_MAX } from './read-csv';

/** Far below the largest event, and below what an event store takes in one append. */
const PART_BYTES_MAX = 300 * 1024;
const DIGESTED_CHARACTERS = 16 * 1024;

export async function packed(bytes: Uint8Array): Promise<readonly string[]> {
  const whole = await promisify(gzip)(bytes);
  const count = Math.max(1, Math.ceil(whole.length / PART_BYTES_MAX));
  return Array.from({ length: count }, (_, at) => whole.subarray(at * PART_BYTES_MAX, (at + 1) * PART_BYTES_MAX).toString('base64'));
}

export function unpacked(parts: readonly string[]): Promise<Uint8Array> {
  return promisify(gunzip)(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))), { maxOutputLength: FILE_BYTES_MAX });
}

/** SHA-256 of texts, a line each. */
export class Digest {
  private readonly hash = createHash('sha256');
  private waiting = '';

  add(text: string): void {
    this.waiting += `${text}\n`;
    // A call for each short text would take longer than the digest itself.
    if (this.waiting.length >= DIGESTED_CHARACTERS) this.take();
  }

  end(): string {
    this.take();
    return this.hash.digest('hex');
  }

  private take(): void {
    this.hash.update(this.waiting);
    this.waiting = '';
  }
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

// What lies between a log and its followers: whatever the way has done to a batch, they see each event once and in order.
import type { Recorded } from '@app/kernel';

/**
 * The batches with their events by position, and none at or before a position that came already. An event that comes in
 * a later batch than its successors would be lost here: that the batches follow one another is the contract of the log.
 */
export async function* inOrder(batches: AsyncIterable<readonly Recorded[]>, after: number): AsyncGenerator<readonly Recorded[]> {
  let seen = after;
  for await (const batch of batches) {
    const fresh = isInOrder(batch, seen) ? batch : mended(batch, seen);
    if (fresh.length === 0) continue;
    seen = fresh.at(-1)!.position;
    yield fresh;
  }
}

function isInOrder(batch: readonly Recorded[], after: number): boolean {
  let last = after;
  for (const { position } of batch) {
    if (position <= last) return false;
    last = position;
  }
  return true;
}

function mended(batch: readonly Recorded[], after: number): readonly Recorded[] {
  const sorted = batch.filter(({ position }) => position > after).toSorted((a, b) => a.position - b.position);
  return sorted.filter(({ position }, at) => position !== sorted[at - 1]?.position);
}

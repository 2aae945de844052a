// The proof of a log on a server, made by reading it: what a file's chain proves, the server's own checks have to.
import type { EventLog } from '@app/kernel';
import { chained, FIRST_HASH } from './hash-chain';
import type { Proof } from './verify';

/**
 * Reads the whole log: no stream may have a gap, and the hash covers every event in its order, so that two readings of
 * one log, or a reading and a receipt of an earlier one, can be compared.
 */
export async function proofByReading(log: EventLog): Promise<Proof> {
  const ends = new Map<string, number>();
  let [events, position, hash] = [0, 0, FIRST_HASH];
  for (;;) {
    const page = await log.readAll({ after: position });
    for (const { stream, revision, event, meta, ...place } of page) {
      position = place.position;
      if (revision !== (ends.get(stream) ?? -1) + 1) {
        return { events, hash, fault: { position, reason: `${stream} jumps to revision ${revision}` } };
      }
      hash = chained(hash, { position, stream, revision, data: JSON.stringify(event), meta: JSON.stringify(meta) });
      ends.set(stream, revision);
      events++;
    }
    if (page.length === 0) return { events, hash };
  }
}

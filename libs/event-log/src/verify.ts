// The proof of an embedded log: recomputes the whole chain from the file, without trusting anything in memory.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { chained, FIRST_HASH, type Link } from './hash-chain';
import { HeadWitness } from './head-witness';

/** What `verify` found: the number of events, the head's hash, and the first fault, if there is one. */
export interface Proof {
  readonly events: number;
  readonly hash: string;
  readonly fault?: { readonly position: number; readonly reason: string };
}

/**
 * Recomputes the hash chain of `<folder>/log.db` through a connection of the caller's or one of its own.
 * Finds an edited, inserted, removed or reordered event, a gap in a stream, and a tail that the head witness has seen.
 */
export function verifyLog(folder: string, db = new DatabaseSync(join(folder, 'log.db'), { readOnly: true })): Proof {
  let hash = FIRST_HASH;
  let position = 0;
  const ends = new Map<string, number>();
  const fault = (at: number, reason: string): Proof => ({ events: position, hash, fault: { position: at, reason } });
  const rows = db
    .prepare(
      'select position, name as stream, revision, data, meta, lower(hex(hash)) as hash from events left join streams on number = stream order by position',
    )
    .iterate();
  for (const row of rows as unknown as Iterable<Link & { hash: string }>) {
    if (row.position !== position + 1) return fault(position + 1, 'the event is missing');
    if (row.revision !== (ends.get(row.stream) ?? -1) + 1) return fault(row.position, `${row.stream} jumps to revision ${row.revision}`);
    if (chained(hash, row) !== row.hash) return fault(row.position, 'the event is not the one that was recorded');
    hash = row.hash;
    position = row.position;
    ends.set(row.stream, row.revision);
  }
  const witness = new HeadWitness(join(folder, 'head'));
  const seen = witness.read();
  witness.close();
  if (seen && seen.position > position)
    return fault(position + 1, `the log ends here, but the head witness has seen position ${seen.position}`);
  return { events: position, hash };
}

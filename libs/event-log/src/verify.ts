// The proof of an embedded log: recomputes the whole chain from the file, without trusting anything in memory.
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { chained, FIRST_HASH, type Link } from './hash-chain';
import { HeadWitness, type Head } from './head-witness';
import { isDamage } from './open-log';

/** What was found: the number of sound events, the hash after the last of them, and the first fault, if there is one. */
export interface Proof {
  readonly events: number;
  readonly hash: string;
  readonly fault?: { readonly position: number; readonly reason: string };
}

const PAGE_EVENTS = 1_000;
const PAGE_ROWS = `select position, name as stream, revision, data, meta, lower(hex(hash)) as hash
  from events left join streams on number = stream where position > ? order by position limit ${PAGE_EVENTS}`;

/**
 * Recomputes the hash chain of `<folder>/log.db`, which no process has open. Finds an edited, inserted, removed or
 * reordered event, a gap in a stream, and a tail or an event that is not as the head witness has seen it.
 */
export function verifyLog(folder: string): Proof {
  const db = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  try {
    const steps = proof(db, witnessed(folder));
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  } finally {
    db.close();
  }
}

/** The same of a log that is open, through its own connection; others have their turn between two pages. */
export async function proven(db: DatabaseSync, folder: string): Promise<Proof> {
  const steps = proof(db, witnessed(folder));
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await setImmediate();
  }
}

function* proof(db: DatabaseSync, seen: Head): Generator<undefined, Proof> {
  const page = db.prepare(PAGE_ROWS);
  const ends = new Map<string, number>();
  let head: Head = { position: 0, hash: FIRST_HASH };
  const fault = (position: number, reason: string): Proof => ({ events: head.position, hash: head.hash, fault: { position, reason } });
  for (;;) {
    const rows = rowsAfter(page, head.position);
    if (!rows) return fault(head.position + 1, 'the file is damaged here');
    for (const row of rows) {
      const { position, stream, revision } = row;
      if (position !== head.position + 1) return fault(head.position + 1, 'the event is missing');
      if (revision !== (ends.get(stream) ?? -1) + 1) return fault(position, `${stream} jumps to revision ${revision}`);
      if (chained(head.hash, row) !== row.hash) return fault(position, 'the event is not the one that was recorded');
      if (position === seen.position && row.hash !== seen.hash)
        return fault(position, 'the event is not the one that the head witness has seen');
      head = { position, hash: row.hash };
      ends.set(stream, revision);
    }
    if (rows.length === 0) break;
    yield;
  }
  if (seen.position > head.position)
    return fault(head.position + 1, `the log ends here, but the head witness has seen position ${seen.position}`);
  return { events: head.position, hash: head.hash };
}

type Row = Link & { readonly hash: string };

/** Nothing when the next event cannot be read; then those before it, one by one, up to the one that cannot. */
function rowsAfter(page: StatementSync, position: number): readonly Row[] | undefined {
  const rows: Row[] = [];
  try {
    for (const row of page.iterate(position)) rows.push(row as unknown as Row);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return rows.length > 0 ? rows : undefined;
  }
  return rows;
}

function witnessed(folder: string): Head {
  const witness = new HeadWitness(join(folder, 'head'));
  const seen = witness.read();
  witness.close();
  return seen ?? { position: 0, hash: FIRST_HASH };
}

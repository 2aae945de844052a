// The proof of an embedded log: recomputes the whole chain from the file, without trusting anything in memory.
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { FIRST_HASH, type Entry } from './hash-chain';
import { HeadWitness, type Head } from './head-witness';
import { Chain, type Ledger, type Proof } from './ledger';
import { isDamage } from './open-log';

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

/** The same, a page of sound events at a time. */
export async function* ledgerIn(folder: string): Ledger {
  const db = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  try {
    return yield* openLedger(db, folder);
  } finally {
    db.close();
  }
}

/** The same of a log that is open, through its own connection; others have their turn between two pages. */
export async function* openLedger(db: DatabaseSync, folder: string): Ledger {
  const steps = proof(db, witnessed(folder));
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    yield value;
    await setImmediate();
  }
}

function* proof(db: DatabaseSync, seen: Head): Generator<readonly Entry[], Proof> {
  const page = db.prepare(PAGE_ROWS);
  const chain = new Chain();
  for (;;) {
    const rows = rowsAfter(page, chain.position);
    if (!rows) return chain.proof('the file is damaged here');
    for (const row of rows) {
      if (row.position === seen.position && row.hash !== seen.hash && row.position === chain.position + 1)
        return chain.proof('the event is not the one that the head witness has seen');
      const reason = chain.add(row);
      if (reason !== undefined) return chain.proof(reason);
    }
    if (rows.length === 0) break;
    yield rows;
  }
  if (seen.position <= chain.position) return chain.proof();
  return chain.proof(`the log ends here, but the head witness has seen position ${seen.position}`);
}

/** Nothing when the next event cannot be read; then those before it, one by one, up to the one that cannot. */
function rowsAfter(page: StatementSync, position: number): readonly Entry[] | undefined {
  const rows: Entry[] = [];
  try {
    for (const row of page.iterate(position)) rows.push(row as unknown as Entry);
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

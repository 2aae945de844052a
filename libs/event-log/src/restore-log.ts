// Makes the log of an embedded tier from a ledger: aside, proven, and in place at once.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './hash-chain';
import { HeadWitness } from './head-witness';
import { proofOf, type Ledger, type Proof } from './ledger';
import { syncFolder } from './ledger-file';
import { openLog } from './open-log';
import { verifyLog } from './verify';

/** Where a log is made before it is in place. What an interrupted restore has left there is thrown away by the next. */
const ASIDE = 'restoring';

/** A log is only restored where there is nothing to lose. */
export class NotEmpty extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotEmpty';
  }
}

/**
 * Restores a ledger into a folder without a log. A ledger with a fault leaves the folder as it was. The log gets its name
 * last and its witness before, so that whatever a crash leaves is refused by a start.
 * @throws NotEmpty
 */
export async function restoreLog(folder: string, ledger: Ledger): Promise<Proof> {
  const aside = join(folder, ASIDE);
  requireEmpty(folder);
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  try {
    const proof = await filled(join(aside, 'log.db'), ledger);
    if (proof.fault) return proof;
    const witness = new HeadWitness(join(aside, 'head'));
    witness.write({ position: proof.events, hash: proof.hash });
    witness.close();
    const found = verifyLog(aside);
    if (found.fault || found.hash !== proof.hash) throw new Error(`what was restored does not read back: ${JSON.stringify(found)}`);
    requireEmpty(folder); // A server may have been started meanwhile.
    for (const name of ['head', 'log.db']) {
      await syncFile(join(aside, name));
      renameSync(join(aside, name), join(folder, name));
    }
    await syncFolder(folder);
    return proof;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

async function filled(path: string, ledger: Ledger): Promise<Proof> {
  const db = openLog(path, undefined, { synchronous: 'normal' });
  try {
    const addStream = db.prepare('insert into streams (name) values (?)');
    const insert = db.prepare('insert into events values (?, ?, ?, ?, ?, unhex(?))');
    const numbers = new Map<string, number>();
    const numberOf = ({ stream }: Entry): number => {
      const known = numbers.get(stream) ?? Number(addStream.run(stream).lastInsertRowid);
      numbers.set(stream, known);
      return known;
    };
    return await proofOf(ledger, (entries) => {
      db.exec('begin immediate');
      for (const entry of entries) {
        const { position, revision, data, meta, hash } = entry;
        insert.run(position, numberOf(entry), revision, data, meta, hash);
      }
      db.exec('commit');
    });
  } finally {
    db.close();
  }
}

/** Whoever was interrupted left its own folder, and at most the witness of a log that has no name yet. */
function requireEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  const interrupted = existsSync(join(folder, ASIDE));
  const found = readdirSync(folder).filter((name) => name !== ASIDE && !(interrupted && name === 'head'));
  if (found.length > 0) throw new NotEmpty(`${folder} is not empty: ${found.join(', ')}`);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

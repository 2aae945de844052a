// Builds the read models anew beside the live ones, and compares the two by digests.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { EventLog } from '@app/kernel';
import { ReadModels } from './read-models';

/** One read model: its rows and a SHA-256 over them, whatever their order. */
export interface ReadModelDigest {
  readonly name: string;
  readonly rows: number;
  readonly digest: string;
}
export interface Rebuilt {
  readonly position: number;
  readonly fresh: readonly ReadModelDigest[];
  readonly live: readonly ReadModelDigest[];
  /** Names of the read models that differ. */
  readonly different: readonly string[];
}

/**
 * Replays the whole log into new read models and compares them with the live ones at the same position. Reads and
 * commands go on meanwhile.
 * @param swap puts the new rows in the place of the live ones, in one transaction
 */
export async function rebuild(log: EventLog, live: ReadModels, { swap = false }: { swap?: boolean } = {}): Promise<Rebuilt> {
  const path = `${live.path}.rebuild`;
  removeFiles(path);
  const fresh = new ReadModels(path, live.projections);
  try {
    await catchUp(log, fresh, live);
    const [ours, theirs] = [digestsOf(fresh), digestsOf(live)];
    const different = ours.filter(({ digest }, at) => digest !== theirs[at]!.digest).map(({ name }) => name);
    const position = fresh.position;
    if (swap) {
      // The file is attached to the live database, so its own connection has to let go of it first.
      fresh.close();
      live.replaceBy(fresh);
    }
    return { position, fresh: ours, live: theirs, different };
  } finally {
    if (!swap) fresh.close();
    removeFiles(path);
  }
}

/** The digest of each read model, in a fixed order. */
export function digestsOf(models: ReadModels): readonly ReadModelDigest[] {
  return models.projections.map(({ name, tables }) => {
    const hash = createHash('sha256');
    let rows = 0;
    for (const table of tables) {
      for (const row of models.rows(table)) {
        hash.update(`${table} ${JSON.stringify(row)}\n`);
        rows++;
      }
    }
    return { name, rows, digest: hash.digest('hex') };
  });
}

async function catchUp(log: EventLog, fresh: ReadModels, live: ReadModels): Promise<void> {
  let position = 0;
  while (position < live.position) {
    const page = (await log.readAll({ after: position })).filter((recorded) => recorded.position <= live.position);
    fresh.apply(page);
    position = page.at(-1)!.position;
    await breathe();
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

// Builds the read models anew beside the live ones, compares the two, and puts the new in the place of the live.
import { setImmediate as breathe } from 'node:timers/promises';
import { reject, type EventLog, type Row } from '@app/kernel';
import { digestsOf, type ReadModelDigest } from './digests';
import { ReadModels } from './read-models';
import { removeReadModels } from './snapshot';

export interface Rebuilt {
  readonly position: number;
  readonly fresh: readonly ReadModelDigest[];
  readonly live: readonly ReadModelDigest[];
  /** Names of the read models that differ. */
  readonly different: readonly string[];
  /** For how long nothing could be read while the new ones took the place of the live ones. */
  readonly switchMs?: number;
}
export interface RebuildOptions {
  /** Puts the new ones in the place of the live ones. */
  readonly swap?: boolean;
  readonly signal?: AbortSignal;
}

/** So many events at once that those who use the process meanwhile hardly notice. */
const PAGE_EVENTS = 500;
const ROWS_TOGETHER = 1_000;
const busy = new WeakSet<ReadModels>();

/**
 * Replays the whole log into new read models and compares them with the live ones at the same position: with a copy of
 * them, since they move on. Reads and commands go on meanwhile, and no follower but the read models is asked, so that
 * nothing is sent again.
 * @throws Rejection `rebuild-runs` while another one does
 */
export async function rebuild(log: EventLog, live: ReadModels, { swap = false, signal }: RebuildOptions = {}): Promise<Rebuilt> {
  if (busy.has(live)) reject('conflict', 'rebuild-runs');
  busy.add(live);
  const paths = { copy: `${live.path}.copy`, fresh: `${live.path}.rebuild` };
  for (const path of Object.values(paths)) removeReadModels(path);
  const fresh = new ReadModels(paths.fresh, live.projections);
  try {
    const theirs = await digestsOfCopy(live, paths.copy);
    await catchUp(log, fresh, { end: theirs.position, signal });
    const ours = await digestsOf(fresh);
    const different = ours.filter(({ digest }, at) => digest !== theirs.digests[at]!.digest).map(({ name }) => name);
    const rebuilt = { position: theirs.position, fresh: ours, live: theirs.digests, different };
    return swap ? { ...rebuilt, switchMs: await putInPlace(log, fresh, { live, signal }) } : rebuilt;
  } finally {
    fresh.close();
    for (const path of Object.values(paths)) removeReadModels(path);
    busy.delete(live);
  }
}

async function digestsOfCopy(live: ReadModels, path: string) {
  await live.copyTo(path);
  const copy = new ReadModels(path, live.projections);
  try {
    return { position: copy.position, digests: await digestsOf(copy) };
  } finally {
    copy.close();
  }
}

async function catchUp(log: EventLog, fresh: ReadModels, { end, signal }: { end: number; signal: AbortSignal | undefined }): Promise<void> {
  while (fresh.position < end) {
    signal?.throwIfAborted();
    const page = await log.readAll({ after: fresh.position, max: PAGE_EVENTS });
    fresh.apply(page.filter(({ position }) => position <= end));
    await breathe();
  }
}

/** All that takes long comes before the turn in which the new ones take the place. Answers how long that turn takes. */
async function putInPlace(
  log: EventLog,
  fresh: ReadModels,
  { live, signal }: { live: ReadModels; signal: AbortSignal | undefined },
): Promise<number> {
  const luggage = new Luggage(live, fresh);
  while (luggage.carry(ROWS_TOGETHER) > 0) await breathe();
  // Twice, because copying back much takes long enough for much to come.
  for (let round = 0; round < 2; round++) {
    for (const models of [fresh, live]) {
      models.copyBack();
      await breathe();
    }
    do {
      signal?.throwIfAborted();
      fresh.apply(await log.readAll({ after: fresh.position, max: PAGE_EVENTS }));
    } while (fresh.position < live.position);
  }
  const start = performance.now();
  while (luggage.carry(ROWS_TOGETHER) > 0);
  luggage.carryBook();
  live.becomes(fresh);
  return performance.now() - start;
}

/** What is in the file and is not made of the log alone: which timers have fired, where other followers stand, what they parked. */
class Luggage {
  private readonly tables: { readonly name: string; after: number }[];

  constructor(
    private readonly from: ReadModels,
    private readonly to: ReadModels,
  ) {
    const there = new Set(this.schemas(to).map(({ name }) => name));
    const more = this.schemas(from).filter(({ name }) => !there.has(name));
    for (const { sql } of more) to.run(sql);
    this.tables = more.map(({ name }) => ({ name, after: 0 }));
  }

  /** Carries a number of rows of each table, those that were written last at the end. Says how many it found. */
  carry(max: number): number {
    let carried = 0;
    for (const table of this.tables) {
      const rows = this.from.all<Row & { at: number }>(
        `select rowid as at, * from ${table.name} where rowid > ? order by rowid limit +?`,
        table.after,
        max,
      );
      this.to.transaction(() => {
        for (const { at, ...row } of rows) {
          const values = Object.values(row);
          this.to.run(`insert or replace into ${table.name} values (${values.map(() => '?').join(', ')})`, ...values);
          table.after = at;
        }
      });
      carried += rows.length;
    }
    return carried;
  }

  carryBook(): void {
    const { from, to } = this;
    const besides = from.besides;
    for (const follower of besides) to.saveCheckpoint(follower, from.checkpoint(follower));
    const models = from.projections.map(({ name }) => name);
    for (const parked of from.parked()) if (!models.includes(parked.follower)) to.park(parked);
  }

  private schemas(models: ReadModels): readonly { readonly name: string; readonly sql: string }[] {
    return models.all("select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite_%'");
  }
}

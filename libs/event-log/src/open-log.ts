// Opening the file of the log: first a look whether it is whole, which writes nothing, then for good.
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Head } from './head-witness';

const SCHEMA = `
  create table if not exists streams (number integer primary key, name text not null unique) strict;
  create table if not exists events (
    position integer primary key, stream integer not null references streams, revision integer not null,
    data text not null, meta text not null, hash blob not null, unique (stream, revision)) strict;
  create trigger if not exists events_add before insert on events when new.position <> (select ifnull(max(position), 0) + 1 from events)
    begin select raise(abort, 'events are append-only'); end;
  create trigger if not exists streams_add before insert on streams when exists (select 1 from streams where number = new.number or name = new.name)
    begin select raise(abort, 'streams are append-only'); end;
  create trigger if not exists events_keep before update on events begin select raise(abort, 'events are append-only'); end;
  create trigger if not exists events_stay before delete on events begin select raise(abort, 'events are append-only'); end;
  create trigger if not exists streams_keep before update on streams begin select raise(abort, 'streams are append-only'); end;
  create trigger if not exists streams_stay before delete on streams begin select raise(abort, 'streams are append-only'); end;`;
/** The tables and their indices, each counted by itself: pages of two ages that lie side by side do not agree. */
const COUNTS = `select (select count(*) from events not indexed) as events,
  (select count(*) from events indexed by sqlite_autoindex_events_1) as entries,
  (select count(*) from streams not indexed) as streams,
  (select count(*) from streams indexed by sqlite_autoindex_streams_1) as names,
  (select ifnull(max(number), 0) from streams) as last`;

/** The log was damaged, put back to an older state, or is being written by another process: do not start. */
export class LogRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogRefused';
  }
}

export interface LogTuning {
  /** With `normal` a power loss takes acknowledged events with it; for what can be made again. */
  readonly synchronous?: 'full' | 'normal';
  /** Pages of the write-ahead log after which it is copied back. */
  readonly checkpointPages?: number;
}

/**
 * Opens the log for the one who writes it.
 * @param seen the furthest head that the head witness has seen
 * @throws LogRefused, with the files left as they were found
 */
export function openLog(path: string, seen: Head | undefined, { synchronous = 'full', checkpointPages = 8_000 }: LogTuning): DatabaseSync {
  requireWhole(path, seen);
  return opened(path, false, (db) => {
    db.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma foreign_keys = off`);
    // A longer write-ahead log is copied back less often, and pages that many commits change are copied once.
    db.exec(`pragma wal_autocheckpoint = ${checkpointPages}; pragma cache_size = -16384`);
    db.exec(`begin immediate; ${SCHEMA}; commit`);
  });
}

/**
 * A log that ends before the witness has lost its tail, or was swapped for an older copy. Looked at without leave to
 * write: closing a file that may be written copies a damaged write-ahead log back and removes what could be rescued.
 */
function requireWhole(path: string, seen: Head | undefined): void {
  if (!seen || seen.position === 0) return;
  if (!existsSync(path)) throw endsEarly(0, seen);
  opened(path, true, (db) => {
    if (!db.prepare("select 1 from sqlite_schema where name = 'events'").get()) throw endsEarly(0, seen);
    const last = db.prepare('select ifnull(max(position), 0) as position from events').get()!['position'] as number;
    if (last < seen.position) throw endsEarly(last, seen);
    const row = db.prepare('select lower(hex(hash)) as hash from events where position = ?').get(seen.position);
    if (row?.['hash'] !== seen.hash) {
      throw new LogRefused(`the event at position ${seen.position} is not the one that the head witness has seen`);
    }
    if (wasCut(path)) requireOneAge(db, last);
  }).close();
}

/** After an end that was not orderly: a file and a write-ahead log of different ages make a log with holes. */
function requireOneAge(db: DatabaseSync, last: number): void {
  const { events, entries, streams, names, last: number } = db.prepare(COUNTS).get() as Record<string, number>;
  if (events === last && entries === last && streams === number && names === number) return;
  throw new LogRefused(`the log ends at position ${last} and holds ${Math.min(events!, entries!)} events: its files are not of one age`);
}

function wasCut(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function endsEarly(position: number, seen: Head): LogRefused {
  return new LogRefused(`the log ends at position ${position}, but the head witness has seen position ${seen.position}`);
}

function opened(path: string, readOnly: boolean, prepare: (db: DatabaseSync) => void): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly });
  try {
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    const code = sqliteCode(error);
    if (code === SQLITE_BUSY) throw new LogRefused(`${path} is being written by another process`);
    if (isDamage(error)) throw new LogRefused(`${path} is damaged: ${(error as Error).message}`);
    throw error;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;

/** What SQLite says in the file itself cannot be so. */
export function isDamage(error: unknown): boolean {
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(sqliteCode(error)!);
}

/** No room on the disk: SQLite has taken the transaction back, and the next one may go through. */
export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_FULL;
}

/** The number of the row that was added; nothing when there is one already, and then only this statement has come to nothing. */
export function addedRow(insert: StatementSync, value: string): number | undefined {
  try {
    return Number(insert.run(value).lastInsertRowid);
  } catch (error) {
    if (sqliteCode(error) === SQLITE_CONSTRAINT) return undefined;
    throw error;
  }
}

/** The disk, and not what was to be written, is at fault. */
export function isDiskFault(error: unknown): boolean {
  return [SQLITE_FULL, SQLITE_IOERR, SQLITE_CORRUPT].includes(sqliteCode(error)!);
}

function sqliteCode(error: unknown): number | undefined {
  return Error.isError(error) && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

// The event log of the embedded tier: one SQLite file, one writer, one flush of the disk for all who wait.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  LogFailed,
  NO_STREAM,
  PAGE_EVENTS_MAX,
  RevisionConflict,
  type Direction,
  type EventLog,
  type NewEvent,
  type Receipt,
  type Recorded,
} from '@app/kernel';
import { chained, FIRST_HASH } from './hash-chain';
import { HeadWitness, type Head } from './head-witness';
import { LiveTail, subscription } from './live-tail';
import { stamped, written, type Written } from './payload';
import { upcast, versionOf, type Upcasters } from './upcasters';
import { proven, type Proof } from './verify';

interface Waiting {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly NewEvent[];
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
}
interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly data: string;
  readonly meta: string;
}
interface Stream {
  /** Absent while the stream has no events; nobody else writes, so that can be known without asking again. */
  number: number | undefined;
  revision: number;
}

const STREAMS_KEPT_MAX = 100_000;
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
const EVENT_ROWS = 'select position, name as stream, revision, data, meta from events join streams on number = stream';
/** With a plain `limit ?` SQLite plans the statement anew whenever a value is bound; the plus hides it from the planner. */
const STATEMENTS = {
  begin: 'begin immediate',
  commit: 'commit',
  insert: 'insert into events values (?, ?, ?, ?, ?, unhex(?))',
  addStream: 'insert into streams (name) values (?)',
  findStream: 'select number, (select max(revision) from events where stream = number) as revision from streams where name = ?',
  earlier: "select position, revision, meta ->> 'id' as id from events where stream = ? and revision > ? order by revision limit +?",
  forwards: `${EVENT_ROWS} where stream = ? and revision >= ? order by revision limit +?`,
  backwards: `${EVENT_ROWS} where stream = ? and revision <= ? order by revision desc limit +?`,
  allForwards: `${EVENT_ROWS} where position > ? order by position limit +?`,
  allBackwards: `${EVENT_ROWS} where position < ? order by position desc limit +?`,
};

/** The log was damaged, put back to an older state, or is being written by another process: do not start. */
export class LogRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogRefused';
  }
}

/**
 * Opens `<folder>/log.db`, and makes it when there is none.
 * @throws LogRefused when another process has it open, or it ends before what the head witness has seen
 */
export class SqliteEventLog implements EventLog {
  /** How often appends have been flushed to the disk since the start. */
  flushes = 0;
  private readonly db: DatabaseSync;
  private readonly witness: HeadWitness;
  private readonly tail: LiveTail;
  private readonly statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  private readonly streams = new Map<string, Stream>();
  private position: number;
  private hash: string;
  private lastAt = '';
  private waiting: Waiting[] = [];
  private closed = false;

  constructor(
    private readonly folder: string,
    private readonly upcasters: Upcasters = {},
    synchronous: 'full' | 'normal' = 'full',
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.db = open(join(folder, 'log.db'), synchronous);
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, this.db.prepare(sql)]);
    this.statements = Object.fromEntries(prepared) as typeof this.statements;
    this.witness = new HeadWitness(join(folder, 'head'));
    const head = this.headRow();
    try {
      requireWhole(this.db, head, this.witness.read());
    } catch (error) {
      this.db.close();
      this.witness.close();
      throw error;
    }
    this.position = head.position;
    this.hash = head.hash;
    this.lastAt = head.at;
    this.witness.write(head);
    this.tail = new LiveTail(head.position);
  }

  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new LogFailed('the log is closed');
      if (this.waiting.length === 0) setImmediate(() => this.flush());
      this.waiting.push({ stream, expected, events, resolve, reject });
    });
  }

  async read(stream: string, page: { from?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const { number } = this.streamNamed(stream);
    if (number === undefined) return [];
    const max = pageSize(page.max);
    const rows =
      page.direction === 'backwards'
        ? this.statements.backwards.all(number, page.from ?? Number.MAX_SAFE_INTEGER, max)
        : this.statements.forwards.all(number, page.from ?? 0, max);
    return rows.map((row) => this.recorded(row as unknown as EventRow));
  }

  async readAll(page: { after?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const max = pageSize(page.max);
    const rows =
      page.direction === 'backwards'
        ? this.statements.allBackwards.all(page.after ?? Number.MAX_SAFE_INTEGER, max)
        : this.statements.allForwards.all(page.after ?? 0, max);
    return rows.map((row) => this.recorded(row as unknown as EventRow));
  }

  subscribe(after: number, { signal, max }: { signal: AbortSignal; max?: number }): AsyncIterable<readonly Recorded[]> {
    return subscription(this.tail, (page) => this.readAll(page), after, { signal, max: pageSize(max) });
  }

  async head(): Promise<Head> {
    return { position: this.position, hash: this.hash };
  }

  /** Recomputes the whole chain through this log's own connection, a page at a time, so that appends go on in between. */
  verify(): Promise<Proof> {
    return proven(this.db, this.folder);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.flush();
    this.db.close();
    this.witness.close();
  }

  /** Everything that waits goes into one transaction, and so shares one flush of the disk. */
  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    if (waiting.length === 0) return;
    const before = { position: this.position, hash: this.hash, lastAt: this.lastAt };
    const answers: (() => void)[] = [];
    const added: Recorded[] = [];
    try {
      this.statements.begin.run();
      for (const one of waiting) answers.push(this.add(one, added));
      this.statements.commit.run();
      this.flushes++;
      if (added.length > 0) this.witness.write({ position: this.position, hash: this.hash });
    } catch (error) {
      // Nothing of it was acknowledged. What was counted in memory is counted again from the file.
      if (this.db.isTransaction) this.db.exec('rollback');
      Object.assign(this, before);
      this.streams.clear();
      const failed = new LogFailed('the log cannot be written', { cause: error });
      for (const { reject } of waiting) reject(failed);
      return;
    }
    for (const answer of answers) answer();
    if (added.length > 0) this.tail.push(added);
  }

  /** Adds the events of one append, or finds why not; either is told when the whole transaction is durable. */
  private add({ stream, expected, events, resolve, reject }: Waiting, added: Recorded[]): () => void {
    let texts: readonly Written[];
    try {
      texts = written(
        stream,
        stamped(events, this.lastAt, (type) => versionOf(this.upcasters, type)),
      );
    } catch (error) {
      return () => reject(error);
    }
    const target = this.streamNamed(stream);
    const { revision: actual } = target;
    if (actual !== expected) {
      const earlier = this.earlier(stream, target, expected, events);
      return () => (earlier ? resolve(earlier) : reject(new RevisionConflict(stream, expected, actual)));
    }
    target.number ??= Number(this.statements.addStream.run(stream).lastInsertRowid);
    for (const { data, meta } of texts) {
      const link = { position: this.position + 1, stream, revision: target.revision + 1, data, meta };
      this.hash = chained(this.hash, link);
      this.statements.insert.run(link.position, target.number, link.revision, data, meta, this.hash);
      this.position = link.position;
      target.revision = link.revision;
      added.push(this.recorded(link));
    }
    this.lastAt = added.at(-1)!.meta.at;
    const receipt = { stream, revision: target.revision, position: this.position };
    return () => resolve(receipt);
  }

  /** The receipt of an earlier append of the same events at the same place, if that is what the conflict is about. */
  private earlier(stream: string, { number }: Stream, expected: number, events: readonly NewEvent[]): Receipt | undefined {
    const rows = this.statements.earlier.all(number ?? null, expected, events.length) as unknown as readonly {
      readonly position: number;
      readonly revision: number;
      readonly id: string;
    }[];
    const last = rows.at(-1);
    if (!last || rows.length !== events.length || rows.some(({ id }, at) => id !== events[at]!.meta.id)) return undefined;
    return { stream, revision: last.revision, position: last.position };
  }

  private streamNamed(name: string): Stream {
    const kept = this.streams.get(name);
    if (kept) return kept;
    const found = this.statements.findStream.get(name) as { number: number; revision: number | null } | undefined;
    return this.keepStream(name, { number: found?.number, revision: found?.revision ?? NO_STREAM });
  }

  private keepStream(name: string, stream: Stream): Stream {
    if (this.streams.size >= STREAMS_KEPT_MAX) this.streams.clear();
    this.streams.set(name, stream);
    return stream;
  }

  private recorded({ position, stream, revision, data, meta: text }: EventRow): Recorded {
    const meta = JSON.parse(text);
    return { position, stream, revision, event: upcast(this.upcasters, JSON.parse(data), meta), meta };
  }

  private headRow(): Head & { readonly at: string } {
    const row = this.db
      .prepare("select position, lower(hex(hash)) as hash, meta ->> 'at' as at from events order by position desc limit 1")
      .get();
    return (row as unknown as (Head & { at: string }) | undefined) ?? { position: 0, hash: FIRST_HASH, at: '' };
  }
}

function open(path: string, synchronous: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma foreign_keys = off`);
    // A longer write-ahead log is copied back less often, and pages that many commits change are copied once.
    db.exec('pragma wal_autocheckpoint = 8000; pragma cache_size = -65536');
    db.exec(`begin immediate; ${SCHEMA}; commit`);
    return db;
  } catch (error) {
    db.close();
    if (Error.isError(error) && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new LogRefused(`${path} is being written by another process`);
    }
    throw error;
  }
}

const SQLITE_BUSY = 5;

/** A log that ends before the witness has lost its tail, or was swapped for an older copy. */
function requireWhole(db: DatabaseSync, head: Head, seen: Head | undefined): void {
  if (!seen || seen.position === 0) return;
  if (head.position < seen.position) {
    throw new LogRefused(`the log ends at position ${head.position}, but the head witness has seen position ${seen.position}`);
  }
  const row = db.prepare('select lower(hex(hash)) as hash from events where position = ?').get(seen.position);
  if (row?.['hash'] !== seen.hash)
    throw new LogRefused(`the event at position ${seen.position} is not the one that the head witness has seen`);
}

function pageSize(max = PAGE_EVENTS_MAX): number {
  return Math.min(Math.max(1, max), PAGE_EVENTS_MAX);
}

// The event log of the embedded tier: one SQLite file, one writer, one flush of the disk for all who wait.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  LogFailed,
  LogFull,
  NO_STREAM,
  PAGE_EVENTS_MAX,
  Recent,
  RevisionConflict,
  type Direction,
  type NewEvent,
  type Receipt,
  type Recorded,
} from '@app/kernel';
import { chained, FIRST_HASH } from './hash-chain';
import { HeadWitness, type Head } from './head-witness';
import { proofOf, type Ledger, type Proof, type ProvableLog } from './ledger';
import { LiveTail, subscription } from './live-tail';
import { addedRow, isDiskFull, openLog, type LogTuning } from './open-log';
import { stamped, written, type Written } from './payload';
import { upcast, versionOf, type Upcasters } from './upcasters';
import { openLedger } from './verify';
import { YoungStreams } from './young-streams';

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
  readonly number?: number; // absent while it has no events
  revision: number;
}

const STREAMS_KEPT_MAX = 20_000;
/** Turns of the event loop for which a flush waits at most. */
const TURNS_MAX = 16;
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

/**
 * Opens `<folder>/log.db`, and makes it when there is none.
 * @throws LogRefused when another process has it open, or it ends before what the head witness has seen
 */
export class SqliteEventLog implements ProvableLog {
  /** How often appends have been flushed to the disk since the start. */
  flushes = 0;
  /** Whether the last append found no room on the disk. */
  full = false;
  private readonly db: DatabaseSync;
  private readonly witness: HeadWitness;
  private readonly tail: LiveTail;
  private readonly statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  private readonly streams = new Recent<Stream>(STREAMS_KEPT_MAX);
  private readonly young = new YoungStreams();
  private position: number;
  private hash: string;
  private lastAt = '';
  private waiting: Waiting[] = [];
  private closed = false;
  private failure: LogFailed | undefined;
  private readonly breaking = Promise.withResolvers<LogFailed>();

  constructor(
    private readonly folder: string,
    private readonly upcasters: Upcasters = {},
    tuning: LogTuning = {},
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.witness = new HeadWitness(join(folder, 'head'));
    try {
      this.db = openLog(join(folder, 'log.db'), this.witness.read(), tuning);
    } catch (error) {
      this.witness.close();
      throw error;
    }
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, this.db.prepare(sql)]);
    this.statements = Object.fromEntries(prepared) as typeof this.statements;
    const head = this.headRow();
    this.position = head.position;
    this.hash = head.hash;
    this.lastAt = head.at;
    this.witness.write(head);
    this.tail = new LiveTail(head.position);
  }

  /** Settles when the disk has failed: what is in memory and on the disk may differ, and the process has to end. */
  get broken(): Promise<LogFailed> {
    return this.breaking.promise;
  }

  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      if (this.failure) throw this.failure;
      if (this.closed) throw new LogFailed('the log is closed');
      if (this.waiting.length === 0) this.gather(1, 0);
      this.waiting.push({ stream, expected, events, resolve, reject });
    });
  }

  async read(stream: string, page: { from?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const max = pageSize(page.max);
    const young = page.direction === 'backwards' ? undefined : this.young.get(stream);
    if (young) return young.slice(page.from ?? 0, (page.from ?? 0) + max);
    const { number } = this.streamNamed(stream);
    if (number === undefined) return [];
    const rows =
      page.direction === 'backwards'
        ? this.statements.backwards.all(number, page.from ?? Number.MAX_SAFE_INTEGER, max)
        : this.statements.forwards.all(number, page.from ?? 0, max);
    return rows.map((row) => this.recorded(row as unknown as EventRow));
  }

  async readAll(page: { after?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const max = pageSize(page.max);
    const newest = page.direction !== 'backwards' && this.tail.after(page.after ?? 0, max);
    if (newest) return newest;
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

  /** Every event to the letter, through this log's own connection, a page at a time, so that appends go on in between. */
  ledger(): Ledger {
    return openLedger(this.db, this.folder);
  }

  /** Recomputes the whole chain. */
  verify(): Promise<Proof> {
    return proofOf(this.ledger());
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.flush();
    this.witness.close();
    // Closing flushes once more, and would take for kept what a failed flush has lost.
    if (!this.failure) this.db.close();
  }

  /** Lets the event loop turn while each turn brings more to write, so that callers who come together share one flush. */
  private gather(seen: number, turns: number): void {
    setImmediate(() => {
      if (this.waiting.length > seen && turns < TURNS_MAX) this.gather(this.waiting.length, turns + 1);
      else this.flush();
    });
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
      this.full = false;
    } catch (error) {
      const failed = isDiskFull(error) ? this.takeBack(before, error) : this.fail(error);
      for (const { reject } of waiting) reject(failed);
      return;
    }
    for (const answer of answers) answer();
    if (added.length > 0) this.tail.push(added);
  }

  /** Nothing of it was recorded. What was counted in memory is counted again from the file. */
  private takeBack(before: { position: number; hash: string; lastAt: string }, cause: unknown): LogFailed {
    if (this.db.isTransaction) this.db.exec('rollback');
    Object.assign(this, before);
    this.streams.clear();
    this.young.clear();
    this.full = true;
    return new LogFull(cause);
  }

  /** The file is not touched again: after a failed flush only another start can tell what the disk has kept. */
  private fail(cause: unknown): LogFailed {
    this.failure = new LogFailed('the log cannot be written', { cause });
    this.breaking.resolve(this.failure);
    return this.failure;
  }

  /** Adds the events of one append, or finds why not; either is told when the whole transaction is durable. */
  private add({ stream, expected, events, resolve, reject }: Waiting, added: Recorded[]): () => void {
    const fresh = stamped(events, this.lastAt, (type) => versionOf(this.upcasters, type));
    let texts: readonly Written[];
    try {
      texts = written(stream, fresh);
    } catch (error) {
      return () => reject(error);
    }
    // What a saga begins nobody waits for, to read it or to go on with it: it is not kept at hand.
    const awaited = events[0]?.meta.causation === undefined;
    const target = (expected === NO_STREAM && this.begun(stream, awaited)) || this.streamNamed(stream);
    if (target.revision !== expected) {
      const answer = this.earlier(stream, target, expected, events) ?? new RevisionConflict(stream, expected, target.revision);
      return () => (answer instanceof RevisionConflict ? reject(answer) : resolve(answer));
    }
    for (const [at, { data, meta }] of texts.entries()) {
      const link = { position: this.position + 1, stream, revision: target.revision + 1, data, meta };
      this.hash = chained(this.hash, link);
      this.statements.insert.run(link.position, target.number!, link.revision, data, meta, this.hash);
      this.position = link.position;
      target.revision = link.revision;
      const { event, meta: known } = fresh[at]!;
      // `written` has found it to be plain JSON, so it is what its own text reads back as.
      added.push({ position: link.position, stream, revision: link.revision, event, meta: known });
    }
    if (awaited || expected !== NO_STREAM) this.young.add(stream, added.slice(-texts.length));
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

  /** The stream, new; nothing when it is there. Most streams are begun without a look at them. */
  private begun(name: string, keep: boolean): Stream | undefined {
    const number = addedRow(this.statements.addStream, name);
    const stream = number === undefined ? undefined : { number, revision: NO_STREAM };
    if (stream && keep) this.streams.set(name, stream);
    return stream;
  }

  private streamNamed(name: string): Stream {
    const kept = this.streams.get(name);
    if (kept) return kept;
    const found = this.statements.findStream.get(name) as { number: number; revision: number | null } | undefined;
    const stream = { ...found, revision: found?.revision ?? NO_STREAM };
    if (found) this.streams.set(name, stream);
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

function pageSize(max = PAGE_EVENTS_MAX): number {
  return Math.min(Math.max(1, max), PAGE_EVENTS_MAX);
}

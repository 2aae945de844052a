// The read models of this process: one SQLite file, disposable, built by following the log.
import { hash } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AnyProjection, Cell, Recorded, Row, Tables, Typed } from '@app/kernel';
import { FollowerBook, type Parked } from './follower-book';
import { isDiskFault, isDiskFull } from './open-log';

/** Events after which the transaction ends, however little time has passed. */
const OPEN_EVENTS_MAX = 5_000;

/**
 * Rows and checkpoint change in one transaction, which stays open over several batches: whoever reads through this
 * object sees them at once, and a crash takes from the file what the log gives again. A batch in which an event fails is
 * taken again one by one: the failing event is parked with its reason, later ones of its stream wait behind it, and all
 * others go on.
 */
export class ReadModels implements Tables {
  /** Whether a batch waits because there is no room on the disk. */
  full = false;
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly book: FollowerBook;
  private readonly names: readonly string[];
  /** Events whose rows are in the open transaction; when none is open, it was rolled back, and they have to be taken again. */
  private open: Recorded[] = [];
  private released = false;
  private waiters: { position: number; resolve: () => void }[] = [];

  /**
   * @param path a file, or `:memory:`
   * @param projections a read model whose schema is not the one on file is emptied and starts at the beginning
   */
  constructor(
    readonly path: string,
    readonly projections: readonly AnyProjection[],
  ) {
    this.db = new DatabaseSync(path);
    this.db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal');
    this.db.exec('pragma wal_autocheckpoint = 8000; pragma cache_size = -65536'); // As in the log.
    this.book = new FollowerBook(this);
    this.names = projections.map(({ name }) => name);
    for (const projection of projections) this.prepare(projection);
  }

  get<Found = Row>(sql: string, ...values: readonly Cell[]): Found | undefined {
    return this.statement(sql).get(...values) as Found | undefined;
  }

  all<Found = Row>(sql: string, ...values: readonly Cell[]): Found[] {
    return this.statement(sql).all(...values) as Found[];
  }

  /** Every row of a table, in an order that depends on nothing but the rows. */
  rows(table: string): Iterable<Row> {
    const columns = this.all<{ name: string }>(`select name from pragma_table_info('${table}')`).map(({ name }) => name);
    return this.db.prepare(`select * from ${table} order by ${columns.join(', ')}`).iterate() as Iterable<Row>;
  }

  /** Joins the open transaction if there is one, and may be undone with it. */
  run(sql: string, ...values: readonly Cell[]): void {
    this.statement(sql).run(...values);
  }

  /** The position up to which every read model has taken the log. */
  get position(): number {
    return Math.min(...this.names.map((name) => this.checkpoint(name)));
  }

  /** Settles when every read model has taken the event at the position, or none will any more, or by the signal. */
  reached(position: number, signal?: AbortSignal): Promise<void> {
    if (this.released || this.position >= position) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = { position, resolve };
      this.waiters.push(waiter);
      signal?.addEventListener('abort', () => {
        this.waiters = this.waiters.filter((one) => one !== waiter);
        resolve();
      });
    });
  }

  /** Lets go of those who wait: no further event will be taken. */
  release(): void {
    this.released = true;
    for (const { resolve } of this.waiters.splice(0)) resolve();
  }

  /**
   * Takes events in the order of the log; those before a read model's checkpoint are passed over.
   * @throws what the disk is at fault for; the events are taken with the next `apply` or `commit`
   */
  apply(batch: readonly Recorded[]): void {
    if (batch.length === 0) return;
    const after = this.open.at(-1)?.position ?? 0;
    for (const recorded of batch) if (recorded.position > after) this.open.push(recorded);
    this.take(batch);
    if (this.open.length >= OPEN_EVENTS_MAX) this.commit();
  }

  /**
   * Ends the open transaction, so that its rows stay.
   * @throws what the disk is at fault for; on a full disk its rows stay in memory until there is room
   */
  commit(): void {
    if (this.open.length === 0) return;
    if (!this.db.isTransaction) this.take([]);
    try {
      this.book.write();
      this.run('commit');
      this.open = [];
    } catch (error) {
      this.rollBack();
      // Where there is no room in the file there is in memory: whoever reads sees what he saw before.
      if (isDiskFull(error)) this.take([]);
      throw error;
    }
  }

  /** Where a follower stands, 0 before the first event. */
  checkpoint(follower: string): number {
    return this.book.checkpoint(follower);
  }

  /**
   * Notes where a follower stands; a saga does so when its commands have been answered. It is written with the next
   * events: a crash before that repeats commands, whose ids make them one, and a transaction of its own is spared.
   */
  saveCheckpoint(follower: string, position: number): void {
    this.book.moveOn([follower], position);
  }

  /** Puts an event aside with the reason, so that other streams go on. It stays aside whatever follows. */
  park(parked: Parked): void {
    this.transaction(() => this.book.park(parked));
  }

  /** Whether an earlier event of the stream is parked, so that later ones must wait. */
  isJammed(follower: string, stream: string): boolean {
    return this.book.isJammed(follower, stream);
  }

  parked(): readonly Parked[] {
    return this.book.parked();
  }

  /** Takes a parked event of a read model once more. Says whether it went through; if not, it stays with the new reason. */
  retake(parked: Parked, recorded: Recorded): boolean {
    const projection = this.projections.find(({ name }) => name === parked.follower);
    if (!projection) return false;
    try {
      this.transaction(() => {
        handlerOf(projection, recorded.event)?.(this, recorded.event, recorded);
        this.book.unpark(parked);
      });
      return true;
    } catch (error) {
      this.park({ ...parked, reason: String(error) });
      return false;
    }
  }

  /** Strikes a parked event off; when it was the last of its stream, the stream goes on. */
  unpark(parked: Parked): void {
    this.transaction(() => this.book.unpark(parked));
  }

  /** Runs everything or nothing, and so that it stays. */
  transaction(work: () => void): void {
    this.commit();
    this.run('begin immediate');
    try {
      work();
      this.run('commit');
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** Takes the rows of a read model that was built beside this one, all in one transaction. */
  replaceBy(fresh: ReadModels): void {
    this.commit(); // Nothing is attached while a transaction is open.
    this.db.exec(`attach '${fresh.path.replaceAll("'", "''")}' as fresh`);
    try {
      this.transaction(() => {
        for (const table of this.projections.flatMap(({ tables }) => tables)) {
          this.db.exec(`delete from main.${table}; insert into main.${table} select * from fresh.${table}`);
        }
      });
    } finally {
      this.db.exec('detach fresh');
    }
  }

  close(): void {
    this.transaction(() => this.book.write());
    this.statements.clear();
    this.db.close();
  }

  /** Adds a batch to the open transaction, or begins one with everything that the last one failed to keep. */
  private take(batch: readonly Recorded[]): void {
    try {
      const going = this.db.isTransaction;
      if (!going) this.run('begin immediate');
      this.takeAll(going ? batch : this.open);
    } catch (error) {
      this.rollBack();
      if (isDiskFault(error)) throw error; // That is no fault of an event.
      this.takeOneByOne(this.open);
    }
    this.tell();
  }

  private takeAll(events: readonly Recorded[]): void {
    for (const projection of this.projections) {
      const checkpoint = this.checkpoint(projection.name);
      for (const recorded of events) {
        if (recorded.position <= checkpoint) continue;
        if (this.isJammed(projection.name, recorded.stream)) this.book.park(behind(projection, recorded));
        else handlerOf(projection, recorded.event)?.(this, recorded.event, recorded);
      }
    }
    const last = events.at(-1);
    if (last) this.book.moveOn(this.names, last.position);
  }

  private takeOneByOne(events: readonly Recorded[]): void {
    this.run('begin immediate');
    try {
      for (const recorded of events) {
        for (const projection of this.projections) {
          if (recorded.position <= this.checkpoint(projection.name)) continue;
          if (this.isJammed(projection.name, recorded.stream)) this.book.park(behind(projection, recorded));
          else this.takeOrPark(projection, recorded);
        }
      }
      this.book.moveOn(this.names, events.at(-1)!.position);
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  private takeOrPark(projection: AnyProjection, recorded: Recorded): void {
    this.run('savepoint one');
    try {
      handlerOf(projection, recorded.event)?.(this, recorded.event, recorded);
    } catch (error) {
      if (isDiskFault(error)) throw error;
      this.run('rollback to one');
      this.book.park({ follower: projection.name, stream: recorded.stream, position: recorded.position, reason: String(error) });
    }
    this.run('release one');
  }

  private tell(): void {
    if (this.waiters.length === 0) return;
    const { position } = this;
    const ready = this.waiters.filter((waiter) => waiter.position <= position);
    this.waiters = this.waiters.filter((waiter) => waiter.position > position);
    for (const { resolve } of ready) resolve();
  }

  private rollBack(): void {
    if (this.db.isTransaction) this.db.exec('rollback'); // A full disk has rolled back by itself.
    this.book.fallBack(this.names);
  }

  private prepare(projection: AnyProjection): void {
    const { name, schema, tables } = projection;
    this.transaction(() => {
      if (!this.book.begin(name, hash('sha256', schema))) return;
      for (const table of tables) this.db.exec(`drop table if exists ${table}`);
      this.db.exec(schema);
    });
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

type Handler = (tables: Tables, event: Typed, recorded: Recorded) => void;

function handlerOf(projection: AnyProjection, event: Typed): Handler | undefined {
  return (projection.on as Record<string, Handler | undefined>)[event.type];
}

function behind({ name }: AnyProjection, { stream, position }: Recorded): Parked {
  return { follower: name, stream, position, reason: 'waits behind an earlier event of its stream' };
}

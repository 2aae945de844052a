// The read models of this process: one SQLite file, disposable, built by following the log.
import { hash } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AnyProjection, Cell, Recorded, Row, Tables, Typed } from '@app/kernel';
import { isDiskFault } from './open-log';

/** An event that a follower could not take, and those of the same stream that wait behind it. */
export interface Parked {
  readonly follower: string;
  readonly stream: string;
  readonly position: number;
  readonly reason: string;
}

/** `shape` is a digest of the schema, so that all checkpoints fit one page: it is written with every batch. */
const BOOK = `
  create table if not exists checkpoints (follower text primary key, position integer not null, shape text not null) strict;
  create table if not exists parked (
    follower text not null, stream text not null, position integer not null, reason text not null,
    primary key (follower, stream, position)) strict;`;

/**
 * Rows and checkpoint change in one transaction. A batch in which an event fails is taken again one by one: the failing
 * event is parked with its reason, later ones of its stream wait behind it, and all others go on.
 */
export class ReadModels implements Tables {
  /** Whether a batch waits because there is no room on the disk. */
  full = false;
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly checkpoints = new Map<string, number>();
  /** Followers beside the read models whose checkpoint is noted here. */
  private readonly others = new Set<string>();
  private readonly moveOn: string;
  private readonly jammed = new Set<string>();
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
    this.db.exec(BOOK);
    const names = projections.map(({ name }) => `'${name}'`).join(', ');
    this.moveOn = `update checkpoints set position = ?1 where position < ?1 and follower in (${names})`;
    for (const projection of projections) this.prepare(projection);
    for (const { follower, stream } of this.parked()) this.jammed.add(`${follower} ${stream}`);
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

  run(sql: string, ...values: readonly Cell[]): void {
    this.statement(sql).run(...values);
  }

  /** The position up to which every read model has taken the log. */
  get position(): number {
    return Math.min(...this.projections.map(({ name }) => this.checkpoint(name)));
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

  /** Takes events in the order of the log; those before a read model's checkpoint are passed over. Throws what the disk is at fault for. */
  apply(batch: readonly Recorded[]): void {
    const last = batch.at(-1);
    if (!last) return;
    try {
      this.transaction(() => this.applyAll(batch));
    } catch (error) {
      if (isDiskFault(error)) throw error; // That is no fault of an event.
      this.applyOneByOne(batch);
    }
    for (const { name } of this.projections) this.checkpoints.set(name, Math.max(this.checkpoint(name), last.position));
    const ready = this.waiters.filter(({ position }) => position <= last.position);
    if (ready.length === 0) return;
    this.waiters = this.waiters.filter(({ position }) => position > last.position);
    for (const { resolve } of ready) resolve();
  }

  /** Where a follower stands, 0 before the first event. */
  checkpoint(follower: string): number {
    return (
      this.checkpoints.get(follower) ??
      this.get<{ position: number }>('select position from checkpoints where follower = ?', follower)?.position ??
      0
    );
  }

  /**
   * Notes where a follower stands; a saga does so when its commands have been answered. It is written with the next
   * batch: a crash before that repeats commands, whose ids make them one, and a transaction of its own is spared.
   */
  saveCheckpoint(follower: string, position: number): void {
    this.checkpoints.set(follower, Math.max(this.checkpoint(follower), position));
    this.others.add(follower);
  }

  /** Puts an event aside with the reason, so that other streams go on. */
  park({ follower, stream, position, reason }: Parked): void {
    this.run('insert or replace into parked values (?, ?, ?, ?)', follower, stream, position, reason);
    this.jammed.add(`${follower} ${stream}`);
  }

  /** Whether an earlier event of the stream is parked, so that later ones must wait. */
  isJammed(follower: string, stream: string): boolean {
    return this.jammed.size > 0 && this.jammed.has(`${follower} ${stream}`);
  }

  parked(): readonly Parked[] {
    return this.all<Parked>('select * from parked order by position, follower');
  }

  /** Takes a parked event of a read model once more. Says whether it went through; if not, it stays with the new reason. */
  retake(parked: Parked, recorded: Recorded): boolean {
    const projection = this.projections.find(({ name }) => name === parked.follower);
    if (!projection) return false;
    try {
      this.transaction(() => handlerOf(projection, recorded.event)?.(this, recorded.event, recorded));
      this.unpark(parked);
      return true;
    } catch (error) {
      this.park({ ...parked, reason: String(error) });
      return false;
    }
  }

  /** Strikes a parked event off; when it was the last of its stream, the stream goes on. */
  unpark({ follower, stream, position }: Parked): void {
    this.run('delete from parked where follower = ? and stream = ? and position = ?', follower, stream, position);
    const more = this.get('select 1 as yes from parked where follower = ? and stream = ? limit 1', follower, stream);
    if (!more) this.jammed.delete(`${follower} ${stream}`);
  }

  /** Runs everything or nothing. */
  transaction(work: () => void): void {
    this.run('begin immediate');
    try {
      work();
      this.run('commit');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('rollback'); // A full disk has rolled back by itself.
      throw error;
    }
  }

  /** Takes the rows of a read model that was built beside this one, all in one transaction. */
  replaceBy(fresh: ReadModels): void {
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
    this.transaction(() => this.writeCheckpoints());
    this.statements.clear();
    this.db.close();
  }

  private applyAll(batch: readonly Recorded[]): void {
    for (const projection of this.projections) {
      const checkpoint = this.checkpoint(projection.name);
      for (const recorded of batch) {
        if (recorded.position <= checkpoint) continue;
        if (this.isJammed(projection.name, recorded.stream)) this.park(behind(projection, recorded));
        else handlerOf(projection, recorded.event)?.(this, recorded.event, recorded);
      }
    }
    this.writeCheckpoints(batch.at(-1)!.position);
  }

  private applyOneByOne(batch: readonly Recorded[]): void {
    for (const recorded of batch) {
      for (const projection of this.projections) {
        if (recorded.position <= this.checkpoint(projection.name)) continue;
        if (this.isJammed(projection.name, recorded.stream)) this.park(behind(projection, recorded));
        else this.applyOrPark(projection, recorded);
      }
    }
    this.transaction(() => this.writeCheckpoints(batch.at(-1)!.position));
  }

  private applyOrPark(projection: AnyProjection, recorded: Recorded): void {
    try {
      this.transaction(() => handlerOf(projection, recorded.event)?.(this, recorded.event, recorded));
    } catch (error) {
      if (isDiskFault(error)) throw error;
      this.park({ follower: projection.name, stream: recorded.stream, position: recorded.position, reason: String(error) });
    }
  }

  /** Writes how far the read models have come, and what the other followers have noted meanwhile. */
  private writeCheckpoints(position = 0): void {
    this.run(this.moveOn, position);
    for (const follower of this.others) {
      this.run(
        "insert into checkpoints values (?, ?, '') on conflict do update set position = excluded.position where position < excluded.position",
        follower,
        this.checkpoint(follower),
      );
    }
  }

  private prepare(projection: AnyProjection): void {
    const { name, schema, tables } = projection;
    const shape = hash('sha256', schema);
    const known = this.get<{ shape: string }>('select shape from checkpoints where follower = ?', name);
    if (known?.shape === shape) return void this.checkpoints.set(name, this.checkpoint(name));
    this.transaction(() => {
      for (const table of tables) this.db.exec(`drop table if exists ${table}`);
      this.db.exec(schema);
      this.run('delete from parked where follower = ?', name);
      this.run('insert or replace into checkpoints values (?, 0, ?)', name, shape);
    });
    this.checkpoints.set(name, 0);
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

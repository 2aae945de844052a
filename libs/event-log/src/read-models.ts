// The read models of this process: one SQLite file, disposable, built by following the log.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AnyProjection, Cell, Recorded, Row, Tables, Typed } from '@app/kernel';

/** An event that a follower could not take, and those of the same stream that wait behind it. */
export interface Parked {
  readonly follower: string;
  readonly stream: string;
  readonly position: number;
  readonly reason: string;
}

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
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly checkpoints = new Map<string, number>();
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
    this.db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536');
    this.db.exec(BOOK);
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

  /** Settles when every read model has taken the event at the position, or none will any more. */
  reached(position: number): Promise<void> {
    if (this.released || this.position >= position) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push({ position, resolve }));
  }

  /** Lets go of those who wait: no further event will be taken. */
  release(): void {
    this.released = true;
    for (const { resolve } of this.waiters.splice(0)) resolve();
  }

  /** Takes events in the order of the log; those before a read model's checkpoint are passed over. */
  apply(batch: readonly Recorded[]): void {
    const last = batch.at(-1);
    if (!last) return;
    try {
      this.transaction(() => this.applyAll(batch));
    } catch {
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

  /** Notes where a follower stands; a saga does so when its commands have been answered. */
  saveCheckpoint(follower: string, position: number): void {
    this.run(
      "insert into checkpoints values (?, ?, '') on conflict do update set position = excluded.position where position < excluded.position",
      follower,
      position,
    );
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

  /** Takes the parked events of the read models once more, in order. Answers how many went through. */
  retryParked(eventAt: (position: number) => Recorded | undefined): number {
    const before = this.parked().filter(({ follower }) => this.projections.some(({ name }) => name === follower));
    this.jammed.clear();
    for (const { follower, stream, position } of before) {
      const projection = this.projections.find(({ name }) => name === follower)!;
      const recorded = eventAt(position);
      if (!recorded || this.isJammed(follower, stream)) continue;
      this.run('delete from parked where follower = ? and stream = ? and position = ?', follower, stream, position);
      this.applyOrPark(projection, recorded);
    }
    for (const { follower, stream } of this.parked()) this.jammed.add(`${follower} ${stream}`);
    return before.length - this.parked().filter(({ follower }) => before.some((one) => one.follower === follower)).length;
  }

  /** Runs everything or nothing. */
  transaction(work: () => void): void {
    this.db.exec('begin immediate');
    try {
      work();
      this.db.exec('commit');
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
      this.noteCheckpoint(projection, batch.at(-1)!.position);
    }
  }

  private applyOneByOne(batch: readonly Recorded[]): void {
    for (const recorded of batch) {
      for (const projection of this.projections) {
        if (recorded.position <= this.checkpoint(projection.name)) continue;
        if (this.isJammed(projection.name, recorded.stream)) this.park(behind(projection, recorded));
        else this.applyOrPark(projection, recorded);
      }
    }
    this.transaction(() => this.projections.forEach((projection) => this.noteCheckpoint(projection, batch.at(-1)!.position)));
  }

  private applyOrPark(projection: AnyProjection, recorded: Recorded): void {
    try {
      this.transaction(() => handlerOf(projection, recorded.event)?.(this, recorded.event, recorded));
    } catch (error) {
      this.park({ follower: projection.name, stream: recorded.stream, position: recorded.position, reason: String(error) });
    }
  }

  private noteCheckpoint({ name, schema }: AnyProjection, position: number): void {
    this.run(
      'insert into checkpoints values (?, ?, ?) on conflict do update set position = max(position, excluded.position), shape = excluded.shape',
      name,
      position,
      schema,
    );
  }

  private prepare(projection: AnyProjection): void {
    const { name, schema, tables } = projection;
    const known = this.get<{ shape: string }>('select shape from checkpoints where follower = ?', name);
    if (known?.shape === schema) return void this.checkpoints.set(name, this.checkpoint(name));
    this.transaction(() => {
      for (const table of tables) this.db.exec(`drop table if exists ${table}`);
      this.db.exec(schema);
      this.run('delete from parked where follower = ?', name);
      this.run('insert or replace into checkpoints values (?, 0, ?)', name, schema);
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

// The read models of this process: one SQLite file, disposable, built by following the log.
import { hash } from 'node:crypto';
import type { AnyProjection, Cell, Recorded, Row, Tables } from '@app/kernel';
import { behind, FollowerBook, type LastEvent, type Parked } from './follower-book';
import { isDiskFault, isDiskFull } from './open-log';
import { takersOf, type Takers } from './takers';
import { Versions } from './versions';
import { ViewsFile } from './views-file';
import { Waiters } from './waiters';

/** Events after which the transaction ends, however little time has passed. */
const OPEN_EVENTS_MAX = 10_000;

/**
 * Rows and checkpoint change in one transaction, which stays open over several batches: whoever reads through this
 * object sees them at once, and a crash takes from the file what the log gives again. A batch in which an event fails is
 * taken again one by one: the failing event is parked with its reason, later ones of its stream wait behind it, and all
 * others go on.
 */
export class ReadModels implements Tables {
  /** Whether a batch waits because there is no room on the disk. */
  full = false;
  readonly file: ViewsFile;
  private book: FollowerBook;
  private readonly names: readonly string[];
  private readonly takers: Takers;
  /** Events whose rows are in the open transaction; when none is open, it was rolled back, and they have to be taken again. */
  private open: Recorded[] = [];
  private readonly waiters = new Waiters();
  private readonly versions: Versions;

  /**
   * @param path a file, or `:memory:`
   * @param projections a read model whose schema is not the one on file is emptied and starts at the beginning
   */
  constructor(
    readonly path: string,
    readonly projections: readonly AnyProjection[],
  ) {
    this.names = projections.map(({ name }) => name);
    this.takers = takersOf(projections);
    this.versions = new Versions(this.names);
    this.file = new ViewsFile(path);
    this.book = this.readBook();
  }

  get<Found = Row>(sql: string, ...values: readonly Cell[]): Found | undefined {
    return this.file.get<Found>(sql, ...values);
  }

  all<Found = Row>(sql: string, ...values: readonly Cell[]): Found[] {
    return this.file.all<Found>(sql, ...values);
  }

  /** Every row of a table, in an order that depends on nothing but the rows. */
  rows(table: string): Iterable<Row> {
    return this.file.rows(table);
  }

  /** Joins the open transaction if there is one, and may be undone with it. */
  run(sql: string, ...values: readonly Cell[]): number {
    return this.file.run(sql, ...values);
  }

  /** The position up to which every read model has taken the log. */
  get position(): number {
    let lowest = Infinity;
    for (const name of this.names) lowest = Math.min(lowest, this.checkpoint(name));
    return lowest;
  }

  /** The last event taken, as it is on file; absent before the first. */
  get lastEvent(): LastEvent | undefined {
    return this.book.lastEvent;
  }

  /** Followers whose checkpoint is kept here beside those of the read models. */
  get besides(): readonly string[] {
    return this.book.followers.filter((follower) => !this.names.includes(follower));
  }

  /** Another number whenever rows of the read model may have become others: what was made of them may be kept until then. */
  version(name: string): number {
    return this.versions.of(name);
  }

  /** Settles when every read model has taken the event at the position, or none will any more, or by the signal. */
  reached(position: number, signal?: AbortSignal): Promise<void> {
    return this.position >= position ? Promise.resolve() : this.waiters.until(position, signal);
  }

  /** Lets go of those who wait: no further event will be taken. */
  release(): void {
    this.waiters.release();
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
    if (!this.file.inTransaction) this.take([]);
    try {
      this.book.write(this.open.at(-1));
      this.run('commit');
      this.open = [];
    } catch (error) {
      this.rollBack();
      // Where there is no room in the file there is in memory: whoever reads sees what he saw before.
      if (isDiskFull(error)) this.take([]);
      throw error;
    }
  }

  /** What was asked with an idempotency key, whichever stream it went to. */
  readonly bodyOf = (command: string): string | undefined => this.book.bodyOf(command);

  /** Where a follower stands, 0 before the first event. */
  checkpoint(follower: string): number {
    return this.book.checkpoint(follower);
  }

  /** Notes where a follower stands, to be written with the next events: a crash before repeats commands, whose ids make them one. */
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

  /** Takes a parked event of a read model once more. Says whether it went through; if not, it stays with the new reason. @throws a fault of the disk */
  retake(parked: Parked, recorded: Recorded): boolean {
    const projection = this.projections.find(({ name }) => name === parked.follower);
    if (!projection) return false;
    try {
      this.transaction(() => {
        this.hand(projection, recorded);
        this.book.unpark(parked);
      });
      return true;
    } catch (error) {
      if (isDiskFault(error)) throw error;
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

  /** Copies the file while it is used, as it is between two transactions. */
  copyTo(path: string): Promise<void> {
    return this.file.copyTo(path, () => this.commit());
  }

  /** Copies back what waits in the write-ahead log, so that closing finds little to do. */
  copyBack(): void {
    this.commit();
    this.file.copyBack();
  }

  /**
   * Goes on with the file of others, which have come as far or are to begin anew: one turn, before which everybody reads
   * the old rows and after which the new.
   */
  becomes(others: ReadModels): void {
    others.close();
    this.file.becomes(others.path);
    this.open = [];
    this.book = this.readBook();
    this.versions.changeAll();
    this.waiters.tell(this.position);
  }

  close(): void {
    if (!this.file.isOpen) return;
    this.transaction(() => this.book.write());
    this.file.close();
  }

  /** Adds a batch to the open transaction, or begins one with everything that the last one failed to keep. */
  private take(batch: readonly Recorded[]): void {
    try {
      const going = this.file.inTransaction;
      if (!going) this.run('begin immediate');
      this.takeAll(going ? batch : this.open);
    } catch (error) {
      this.rollBack();
      if (isDiskFault(error)) throw error; // That is no fault of an event.
      this.takeOneByOne(this.open);
    }
    if (this.waiters.anybody) this.waiters.tell(this.position);
  }

  private takeAll(events: readonly Recorded[]): void {
    this.takeEach(events, (projection, recorded) => this.hand(projection, recorded));
  }

  private takeOneByOne(events: readonly Recorded[]): void {
    this.run('begin immediate');
    try {
      this.takeEach(events, (projection, recorded) => this.takeOrPark(projection, recorded));
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** Each event by the read models that wait for its type: most wait for few. */
  private takeEach(events: readonly Recorded[], take: (projection: AnyProjection, recorded: Recorded) => void): void {
    for (const recorded of events) {
      this.book.noteKey(recorded.meta);
      for (const projection of this.takers.get(recorded.event.type) ?? []) {
        if (recorded.position <= this.checkpoint(projection.name)) continue;
        if (this.isJammed(projection.name, recorded.stream)) this.book.park(behind(projection.name, recorded));
        else take(projection, recorded);
      }
    }
    const last = events.at(-1);
    if (last) this.book.moveOn(this.names, last.position);
  }

  private takeOrPark(projection: AnyProjection, recorded: Recorded): void {
    this.run('savepoint one');
    try {
      this.hand(projection, recorded);
    } catch (error) {
      if (isDiskFault(error)) throw error;
      this.run('rollback to one');
      this.book.park({ follower: projection.name, stream: recorded.stream, position: recorded.position, reason: String(error) });
    }
    this.run('release one');
  }

  private hand({ name, on }: AnyProjection, recorded: Recorded): void {
    on[recorded.event.type]?.(this, recorded.event, recorded);
    this.versions.change(name);
  }

  private rollBack(): void {
    if (this.file.inTransaction) this.file.exec('rollback'); // A full disk has rolled back by itself.
    this.book.fallBack(this.names);
    this.versions.changeAll();
  }

  /** Where everybody stands, from the file; a read model whose schema is another one there is made anew. */
  private readBook(): FollowerBook {
    this.book = new FollowerBook(this);
    for (const projection of this.projections) this.prepare(projection);
    return this.book;
  }

  private prepare(projection: AnyProjection): void {
    const { name, schema, tables } = projection;
    this.transaction(() => {
      if (!this.book.begin(name, hash('sha256', schema))) return;
      for (const table of tables) this.file.exec(`drop table if exists ${table}`);
      this.file.exec(schema);
    });
  }
}

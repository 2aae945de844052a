// The SQLite file of the read models: its statements, a copy of it while it is used, another file in its place.
import { linkSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Cell, Row, Tables } from '@app/kernel';

/** Pages of one step of a copy; reads wait for as long as one takes. */
const COPIED_PAGES = 500;

interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
}
type Cells = readonly Cell[];

export class ViewsFile implements Tables {
  private db: DatabaseSync;
  private readonly statements = new Map<string, Prepared>();

  /** @param path a file, or `:memory:` */
  constructor(private readonly path: string) {
    this.db = opened(path);
  }

  get isOpen(): boolean {
    return this.db.isOpen;
  }

  get inTransaction(): boolean {
    return this.db.isTransaction;
  }

  get<Found = Row>(sql: string, ...values: readonly Cell[]): Found | undefined {
    const { statement, columns } = this.prepared(sql);
    const row = statement.get(...values) as Cells | undefined;
    return row && (rowOf(columns, row) as Found);
  }

  all<Found = Row>(sql: string, ...values: readonly Cell[]): Found[] {
    const { statement, columns } = this.prepared(sql);
    const rows = statement.all(...values) as unknown as readonly Cells[];
    return rows.map((row) => rowOf(columns, row) as Found);
  }

  run(sql: string, ...values: readonly Cell[]): number {
    return Number(this.prepared(sql).statement.run(...values).changes);
  }

  /** Several statements, which are not kept. */
  exec(sql: string): void {
    this.db.exec(sql);
  }

  /** Every row of a table, one by one, in an order that depends on nothing but the rows. */
  rows(table: string): Iterable<Row> {
    const columns = this.all<{ name: string }>(`select name from pragma_table_info('${table}')`).map(({ name }) => name);
    return this.db.prepare(`select * from ${table} order by ${columns.join(', ')}`).iterate() as Iterable<Row>;
  }

  /**
   * Copies the file while it is used, as it is between two transactions: SQLite copies nothing while one is open, so that
   * those of a busy process are ended again and again until all is copied.
   */
  async copyTo(path: string, endTransaction: () => void): Promise<void> {
    for (let copied = false; !copied;) {
      endTransaction();
      const copying = backup(this.db, path, { rate: COPIED_PAGES }).then(() => true, unlessItNeverBegan);
      copying.catch(() => {}); // It is awaited below; should ending the transaction fail before, that is the error.
      for (let going = true; going;) {
        endTransaction();
        going = (await Promise.race([copying, sleep(1, undefined)])) === undefined;
      }
      copied = await copying;
    }
  }

  /** Copies back what waits in the write-ahead log, so that closing finds little to do. */
  copyBack(): void {
    this.db.exec('pragma wal_checkpoint(passive)');
  }

  /** Goes on with another file, which is closed, in the place of this one. Wherever this is cut off, one of the two is there, whole. */
  becomes(path: string): void {
    this.close();
    rmSync(`${this.path}-wal`, { force: true }); // Left when there was no room to copy it back; it belongs to the old file.
    const old = `${this.path}.old`;
    rmSync(old, { force: true });
    // A second name: giving back the room of a large file takes longer than all else here, and nobody waits for it.
    linked(this.path, old);
    renameSync(path, this.path);
    this.db = opened(this.path);
    rm(old).catch(() => {}); // Else the next time.
  }

  close(): void {
    this.statements.clear();
    this.db.close();
  }

  private prepared(sql: string): Prepared {
    let prepared = this.statements.get(sql);
    if (!prepared) {
      const statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      prepared = { statement, columns: statement.columns().map(({ name }) => name) };
      this.statements.set(sql, prepared);
    }
    return prepared;
  }
}

/** `node:sqlite` makes each row a dictionary, which is slow to read and to copy: rows of one shape are made here. */
function rowOf(columns: readonly string[], cells: Cells): Row {
  const row: Record<string, Cell> = {};
  for (let at = 0; at < columns.length; at++) row[columns[at]!] = cells[at]!;
  return row;
}

/** Not every file system gives a file two names; without the second one it only takes longer. */
function linked(path: string, name: string): void {
  try {
    linkSync(path, name);
  } catch {
    // Nothing hangs on it.
  }
}

/** A copy whose first step met an open transaction ends with an error that has no cause: SQLITE_OK, "not an error". */
function unlessItNeverBegan(error: unknown): false {
  if (Error.isError(error) && 'errcode' in error && error.errcode === 0) return false;
  throw error;
}

function opened(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal');
  db.exec('pragma wal_autocheckpoint = 8000; pragma cache_size = -32768');
  return db;
}

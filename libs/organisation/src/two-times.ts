// Facts in two times: days on which they hold, and places in the log between which we believed them. What is superseded stays.
import type { Cell, Tables } from '@app/kernel';

/** A table of facts as they are believed now; what was believed before lies beside it in `<name>_past`. */
export interface FactTable {
  readonly name: string;
  readonly key: readonly string[];
  /** Each column with its type, the key first. `recorded` comes last by itself: the position of the row's last event. */
  readonly columns: readonly string[];
  /** Names of columns that keep their first value. */
  readonly kept?: readonly string[];
  /** What follows `create index <name> on <table>`; each lies over the past as well. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/** Both tables with their indexes. */
export function schemaOf({ name, key, columns, indexes = {} }: FactTable): string {
  const rows = `${columns.join(', ')}, recorded integer not null`;
  return `
    create table ${name} (${rows}, primary key (${key.join(', ')})) strict, without rowid;
    create table ${name}_past (
      ${rows}, superseded integer not null, primary key (${key.join(', ')}, superseded)) strict, without rowid;
    ${Object.entries(indexes)
      .map(([index, on]) => `create index ${index} on ${name} ${on}; create index ${index}_past on ${name}_past ${on};`)
      .join('\n')}`;
}

export function tablesOf(facts: readonly FactTable[]): readonly string[] {
  return facts.flatMap(({ name }) => [name, `${name}_past`]);
}

type Write = (tables: Tables, position: number, ...cells: readonly Cell[]) => void;

/** Writes a fact over what was believed of it before; the cells are in the order of the columns. */
export function writer(fact: FactTable): Write {
  const { name, key, kept } = fact;
  const names = columnsOf(fact);
  const on = `insert into ${name} values (${names.map(() => '?').join(', ')}) on conflict (${key.join(', ')})`;
  const set = names.filter((column) => !key.includes(column) && !kept?.includes(column));
  const add = `${on} do nothing`;
  const over = `${on} do update set ${set.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  const keep = keeper(fact);
  return (tables, position, ...cells) => {
    // Most facts are new, and take nothing's place.
    if (tables.run(add, ...cells, position) > 0) return;
    keep(tables, position, ...cells.slice(0, key.length));
    tables.run(over, ...cells, position);
  };
}

/** Writes some columns of a fact that is there; `set` is what SQL puts there, its parameters come before the key. */
export function changer(fact: FactTable, set: string): Write {
  const { name, key } = fact;
  const sql = `update ${name} set ${set}, recorded = ? where ${key.map((column) => `${column} = ?`).join(' and ')}`;
  const keep = keeper(fact);
  return (tables, position, ...cells) => {
    const [values, keys] = [cells.slice(0, -key.length), cells.slice(-key.length)];
    keep(tables, position, ...keys);
    tables.run(sql, ...values, position, ...keys);
  };
}

/** Takes a fact away: from the position on nobody believes it any more. */
export function remover(fact: FactTable): Write {
  const sql = `delete from ${fact.name} where ${fact.key.map((column) => `${column} = ?`).join(' and ')}`;
  const keep = keeper(fact);
  return (tables, position, ...key) => {
    keep(tables, position, ...key);
    tables.run(sql, ...key);
  };
}

/**
 * Puts what is superseded at the position into the past. No trigger does it: before a statement with one SQLite notes how to
 * take it back, for which the search index beside writes all that it gathered, and takes three times as long for it.
 */
function keeper({ name, key }: FactTable): Write {
  const those = key.map((column, at) => `${column} = ?${at + 2}`).join(' and ');
  const sql = `insert or ignore into ${name}_past select *, ?1 from ${name} where ${those} and recorded < ?1`;
  return (tables, position, ...keys) => tables.run(sql, position, ...keys);
}

export function columnsOf({ columns }: FactTable): readonly string[] {
  return [...columns.map((column) => column.slice(0, column.indexOf(' '))), 'recorded'];
}

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

/** Both tables with their indexes. A trigger moves a row to the past, so that what was never superseded costs nothing. */
export function schemaOf(fact: FactTable): string {
  const { name, key, columns, indexes = {} } = fact;
  const names = columnsOf(fact);
  const rows = `${columns.join(', ')}, recorded integer not null`;
  return `
    create table ${name} (${rows}, primary key (${key.join(', ')})) strict, without rowid;
    create table ${name}_past (
      ${rows}, superseded integer not null, primary key (${key.join(', ')}, superseded)) strict, without rowid;
    create trigger ${name}_superseded after update on ${name} when new.recorded > old.recorded begin
      insert or replace into ${name}_past values (${names.map((column) => `old.${column}`).join(', ')}, new.recorded); end;
    ${Object.entries(indexes)
      .map(([index, on]) => `create index ${index} on ${name} ${on}; create index ${index}_past on ${name}_past ${on};`)
      .join('\n')}`;
}

export function tablesOf(facts: readonly FactTable[]): readonly string[] {
  return facts.flatMap(({ name }) => [name, `${name}_past`]);
}

/** Writes a fact over what was believed of it before; the cells are in the order of the columns. */
export function writer(fact: FactTable): (tables: Tables, position: number, ...cells: readonly Cell[]) => void {
  const names = columnsOf(fact);
  const set = names.filter((column) => !fact.key.includes(column) && !fact.kept?.includes(column));
  const sql = `insert into ${fact.name} values (${names.map(() => '?').join(', ')})
    on conflict (${fact.key.join(', ')}) do update set ${set.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  return (tables, position, ...cells) => tables.run(sql, ...cells, position);
}

export function columnsOf({ columns }: FactTable): readonly string[] {
  return [...columns.map((column) => column.slice(0, column.indexOf(' '))), 'recorded'];
}

// A projection turns events into rows; the rows and its checkpoint are written in one transaction.
import type { Typed } from './decider';
import type { Recorded } from './event-log';

/** A value that a row can hold. */
export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * Read models, for reading. A text of SQL is prepared once. Write `limit +?`: a plain `limit ?` makes SQLite plan the
 * statement anew for every call.
 */
export interface Views {
  /** The first row, or nothing. */
  get<Found = Row>(sql: string, ...values: readonly Cell[]): Found | undefined;
  all<Found = Row>(sql: string, ...values: readonly Cell[]): Found[];
  /** Another number whenever rows of the read model may have become others; absent where nothing may be kept of them. */
  version?(model: string): number;
}

/** Read models, for the projection that owns them. */
export interface Tables extends Views {
  /** Says how many rows it wrote. */
  run(sql: string, ...values: readonly Cell[]): number;
}

/** What to do with each type of event; types that are absent are passed over. */
export type Handlers<Event extends Typed> = {
  readonly [Type in Event['type']]?: (
    tables: Tables,
    event: Extract<Event, { type: Type }>,
    recorded: Recorded<Extract<Event, { type: Type }>>,
  ) => void;
};

export interface Projection<Event extends Typed> {
  /** Kebab-case; its checkpoint has this name for ever. */
  readonly name: string;
  /** `create table` and `create index` statements; a changed schema makes the read model anew. */
  readonly schema: string;
  /** Names of its tables, for digests and for making it anew. */
  readonly tables: readonly string[];
  /** Each is correct when an event comes twice. */
  readonly on: Handlers<Event>;
}

export type AnyProjection = Projection<any>;

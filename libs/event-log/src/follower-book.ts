// How far each follower of the log has come, the events that it could not take, and the keys that commands came with. Kept beside
// the rows of the read models.
import type { Metadata, Recorded, Tables } from '@app/kernel';

/** An event that a follower could not take, and those of the same stream that wait behind it. */
export interface Parked {
  readonly follower: string;
  readonly stream: string;
  readonly position: number;
  readonly reason: string;
}

/** The last event that the read models have taken, by which their log is known. */
export interface LastEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
}

/** `shape` is a digest of a read model's schema, so that all checkpoints fit one page: they change with every transaction. */
const CHECKPOINTS =
  'create table if not exists checkpoints (follower text primary key, position integer not null, shape text not null) strict';
const PARKED = `create table if not exists parked (follower text not null, stream text not null, position integer not null, reason text not null,
  primary key (follower, stream, position)) strict`;
const LAST_EVENT = `create table if not exists last_event (one integer primary key check (one = 1), position integer not null,
  stream text not null, revision integer not null, id text not null) strict`;
const NOTE_LAST = `insert into last_event values (1, ?, ?, ?, ?) on conflict do update
  set position = excluded.position, stream = excluded.stream, revision = excluded.revision, id = excluded.id
  where position < excluded.position`;
/** Of each idempotency key the digest of what was asked with it first. */
const KEYS = 'create table if not exists keys (command text primary key, body text not null) strict, without rowid';
const NOTE_KEY = 'insert into keys values (?, ?) on conflict do nothing';
const MOVE_ON = `insert into checkpoints values (?, ?, '')
  on conflict do update set position = excluded.position where position < excluded.position`;

export class FollowerBook {
  /** Where followers stand; on file with the next `write`. */
  private readonly checkpoints = new Map<string, number>();
  private readonly jammed = new Set<string>();

  constructor(private readonly tables: Tables) {
    tables.run(CHECKPOINTS);
    tables.run(PARKED);
    tables.run(LAST_EVENT);
    tables.run(KEYS);
    this.readParked();
  }

  /** Where a follower stands, 0 before the first event. */
  checkpoint(follower: string): number {
    const known = this.checkpoints.get(follower);
    if (known !== undefined) return known;
    const row = this.tables.get<{ position: number }>('select position from checkpoints where follower = ?', follower);
    this.checkpoints.set(follower, row?.position ?? 0);
    return row?.position ?? 0;
  }

  /** Moves followers on, never back. */
  moveOn(followers: readonly string[], position: number): void {
    for (const follower of followers) if (this.checkpoint(follower) < position) this.checkpoints.set(follower, position);
  }

  /** Every follower that has moved on or is on file. */
  get followers(): readonly string[] {
    const onFile = this.tables.all<{ follower: string }>('select follower from checkpoints').map(({ follower }) => follower);
    return [...new Set([...this.checkpoints.keys(), ...onFile])];
  }

  get lastEvent(): LastEvent | undefined {
    return this.tables.get<LastEvent>('select position, stream, revision, id from last_event');
  }

  /** Notes the idempotency key of whoever sent the command; of most events there is none. */
  noteKey({ correlation, command, body }: Metadata): void {
    if (body !== undefined) this.tables.run(NOTE_KEY, correlation ?? command, body);
  }

  /** What was asked with an idempotency key, as a digest; nothing for one that did not come before. */
  bodyOf(command: string): string | undefined {
    return this.tables.get<{ body: string }>('select body from keys where command = ?', command)?.body;
  }

  /** @param last the last event of the transaction */
  write(last?: Recorded): void {
    if (last) this.tables.run(NOTE_LAST, last.position, last.stream, last.revision, last.meta.id);
    for (const [follower, position] of this.checkpoints) this.tables.run(MOVE_ON, follower, position);
  }

  /** What stands on file counts again for the followers: their rows have been rolled back. */
  fallBack(followers: readonly string[]): void {
    for (const follower of followers) this.checkpoints.delete(follower);
    this.readParked();
  }

  /** Puts a read model at the beginning unless it has this schema. Answers whether it has to be made anew. */
  begin(follower: string, shape: string): boolean {
    const known = this.tables.get<{ shape: string }>('select shape from checkpoints where follower = ?', follower);
    if (known?.shape === shape) return false;
    this.tables.run('delete from parked where follower = ?', follower);
    this.tables.run('insert or replace into checkpoints values (?, 0, ?)', follower, shape);
    this.fallBack([follower]);
    return true;
  }

  park({ follower, stream, position, reason }: Parked): void {
    this.tables.run('insert or replace into parked values (?, ?, ?, ?)', follower, stream, position, reason);
    this.jammed.add(`${follower} ${stream}`);
  }

  /** Strikes a parked event off; when it was the last of its stream, the stream goes on. */
  unpark({ follower, stream, position }: Parked): void {
    this.tables.run('delete from parked where follower = ? and stream = ? and position = ?', follower, stream, position);
    const more = this.tables.get('select 1 as yes from parked where follower = ? and stream = ? limit 1', follower, stream);
    if (!more) this.jammed.delete(`${follower} ${stream}`);
  }

  /** Whether an earlier event of the stream is parked, so that later ones must wait. */
  isJammed(follower: string, stream: string): boolean {
    return this.jammed.size > 0 && this.jammed.has(`${follower} ${stream}`);
  }

  parked(): readonly Parked[] {
    return this.tables.all<Parked>('select * from parked order by position, follower');
  }

  private readParked(): void {
    this.jammed.clear();
    for (const { follower, stream } of this.parked()) this.jammed.add(`${follower} ${stream}`);
  }
}

/** An event that cannot be taken because an earlier one of its stream was not. */
export function behind(follower: string, { stream, position }: Recorded): Parked {
  return { follower, stream, position, reason: 'waits behind an earlier event of its stream' };
}

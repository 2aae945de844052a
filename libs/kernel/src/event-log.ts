// The port of the event log. Every adapter passes test/contracts/event-log.contract.ts.
import type { Typed } from './decider';

/** What is known of an event beside its content. */
export interface Metadata {
  /** UUIDv7, derived from the command's id, its stream and the event's place in it, so that a retry carries the same one. */
  readonly id: string;
  /** Id of the command that caused it. */
  readonly command: string;
  /** Id of the person or system that acted. */
  readonly actor: string;
  readonly onBehalfOf?: string;
  /** Instant in UTC at which we learned it; never goes back along the log (E53). */
  readonly at: string;
  /** Id shared by everything that one outside command set off. */
  readonly correlation?: string;
  /** Id of the event to which a saga reacted. */
  readonly causation?: string;
  /** Digest of the body that came with an idempotency key. */
  readonly body?: string;
  /** Schema version of the event's content; absent means 1. */
  readonly version?: number;
}

/** An event on its way into the log. */
export interface NewEvent<Event extends Typed = Typed> {
  readonly event: Event;
  readonly meta: Metadata;
}

/**
 * An event as the log holds it. Positions are above 0 and grow strictly over the whole log, in the embedded logs by one;
 * revisions count from 0 within a stream.
 */
export interface Recorded<Event extends Typed = Typed> extends NewEvent<Event> {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
}

/** What an append answers once it is durable. */
export interface Receipt {
  readonly stream: string;
  /** Revision of the last event appended. */
  readonly revision: number;
  /** Position of the last event appended. */
  readonly position: number;
}

/** The expected revision of a stream that does not exist yet. */
export const NO_STREAM = -1;
/** Most bytes of one event, content and metadata as JSON. */
export const EVENT_BYTES_MAX = 1024 * 1024;
/** Most events of one append. */
export const APPEND_EVENTS_MAX = 1000;
/** Most events of one page. */
export const PAGE_EVENTS_MAX = 1000;

export type Direction = 'forwards' | 'backwards';

export interface EventLog {
  /**
   * Adds events to the end of a stream, all or none; answers when they are durable.
   * The same event ids at the same place again answer the first receipt and add nothing.
   * @param expected revision of the stream's last event, or `NO_STREAM`
   * @throws RevisionConflict when the stream ends elsewhere; `UnfitEvent` when an event or the stream's name cannot be
   * kept; `LogFailed` when the log cannot take anything now
   */
  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt>;
  /** One page of a stream. `from` is the first revision to give, counted from the end when backwards and absent. */
  read(stream: string, page?: { from?: number; direction?: Direction; max?: number }): Promise<readonly Recorded[]>;
  /**
   * One page of the whole log: the events after (backwards: before) a position, which itself is left out. It is 0, or one
   * that the log gave: a server refuses a position at which there is no event.
   */
  readAll(page?: { after?: number; direction?: Direction; max?: number }): Promise<readonly Recorded[]>;
  /** Batches of events after a position, first those present, then those to come, until the signal. */
  subscribe(after: number, options: { signal: AbortSignal; max?: number }): AsyncIterable<readonly Recorded[]>;
  /**
   * The last position and a digest, of all events up to it where the log chains them, else of the last one;
   * position 0 when empty.
   */
  head(): Promise<{ readonly position: number; readonly hash: string }>;
  /** Waits for appends under way and lets go of everything. */
  close(): Promise<void>;
}

/** Somebody else wrote to the stream first. */
export class RevisionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`${stream} is at revision ${actual}, not at ${expected}`);
    this.name = 'RevisionConflict';
  }
}

/** The disk has failed, or the log is closed. What was sent may be sent again: its event ids make it one. */
export class LogFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogFailed';
  }
}

/** There is no room on the disk. Nothing was recorded, and the log goes on by itself when there is room again. */
export class LogFull extends LogFailed {
  constructor(cause?: unknown) {
    super('the disk is full', { cause });
    this.name = 'LogFull';
  }
}

/** The event cannot be kept as JSON of at most `EVENT_BYTES_MAX`. */
export class UnfitEvent extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnfitEvent';
  }
}

// A saga turns events into commands. It keeps no state: the log and the read models are its memory.
import type { AnyDecider, Typed } from './decider';
import type { Metadata } from './event-log';
import type { Views } from './projection';

/** An event as a saga sees it: perhaps just decided, so it has no position yet. */
export interface Happened<Event extends Typed = Typed> {
  readonly stream: string;
  readonly event: Event;
  readonly meta: Metadata;
}

/** A command on its way to a stream. Its id is `<id of the event>/<place in the answer>`. */
export interface Send {
  readonly decider: AnyDecider;
  readonly id: string;
  readonly command: Typed;
}

/** A process that runs by itself: it follows the log and sends commands. */
export interface Saga<Event extends Typed> {
  /** Kebab-case; its checkpoint has this name for ever. */
  readonly name: string;
  /**
   * Says that every command in `on` goes to the stream of its event. Such a saga also runs with the command whose event
   * it reacts to, and what it sends is recorded in the same append: one flush of the disk, no moment in between. The
   * log is followed all the same, so that none is ever missing; the command ids make the two one.
   */
  readonly sameStream?: true;
  readonly on: {
    readonly [Type in Event['type']]?: (
      event: Extract<Event, { type: Type }>,
      happened: Happened<Extract<Event, { type: Type }>>,
      views: Views,
    ) => readonly Send[];
  };
  /** What becomes due, and when; see `timers.ts`. */
  readonly timers?: Timers<Event>;
}

/** Timers of a saga: an event sets one, and a command follows when the clock passes it. */
export interface Timers<Event extends Typed> {
  readonly on: {
    readonly [Type in Event['type']]?: (event: Extract<Event, { type: Type }>) => readonly Timer[];
  };
  /**
   * The commands that are due; correct when asked twice. A timer may fire long after its instant: its date lay in the past
   * when it was set, or nothing ran in between. So what holds is asked for at `now`, an instant in UTC.
   */
  due(timer: Timer, views: Views, now: string): readonly Send[];
}

/** A fact that something becomes due. */
export interface Timer {
  /** Names the timer within its saga; setting it again moves it. */
  readonly key: string;
  /** Instant in UTC. */
  readonly dueAt: string;
}

export type AnySaga = Saga<any>;

/** Commands that a saga answers to an event; none for a type it does not know. */
export function reactionsOf(saga: AnySaga, happened: Happened, views: Views): readonly Send[] {
  const handlers = saga.on as Record<string, ((event: Typed, happened: Happened, views: Views) => readonly Send[]) | undefined>;
  return handlers[happened.event.type]?.(happened.event, happened, views) ?? [];
}

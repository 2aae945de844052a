// A saga turns events into commands. It keeps no state: the log and the read models are its memory.
import type { AnyDecider, Typed } from './decider';
import type { Metadata } from './event-log';
import type { Views } from './projection';

/** An event as a saga sees it: perhaps just decided, so it has no position yet. */
export interface Happened<Event extends Typed = Typed> {
  readonly stream: string;
  readonly event: Event;
  readonly meta: Metadata;
  /** Today, where the organisation is, when the saga looks at it: at the earliest the day on which it was recorded. */
  readonly on: string;
}

/** A command on its way to a stream. Its id is `<id of the event>/<name of the saga>/<place in the answer>`. */
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
  /** What becomes due, and when. */
  readonly timers?: Timers<Event>;
}

/** Timers of a saga: an event sets one, and a command follows when the clock passes it. */
export interface Timers<Event extends Typed> {
  readonly on: {
    readonly [Type in Event['type']]?: (event: Extract<Event, { type: Type }>) => readonly Timer[];
  };
  /**
   * Says that one answer is enough for all that are due at once: whoever looks at everything as it is now need not look for
   * each of the days that went by while nothing ran.
   */
  readonly together?: true;
  /**
   * The commands that are due, in portions between which others are served; correct when asked twice. A timer may fire long
   * after it was due, because nothing ran in between: so what holds is asked for as of the moment.
   */
  due(timer: Timer, views: Views, moment: Moment): Iterable<readonly Send[]>;
}

/** An instant in UTC, and the day that it is then where the organisation is. */
export interface Moment {
  readonly at: string;
  readonly on: string;
}

/** A fact that something becomes due. */
export interface Timer {
  /** Names the timer within its saga; setting it again moves it. */
  readonly key: string;
  /**
   * An instant in UTC, or a day: then it is due as soon as that day, or a later one, has begun where the organisation is.
   * One for a day that has begun when it is set is none: whoever reacts to the event looks at that day himself.
   */
  readonly dueAt: string;
}

export type AnySaga = Saga<any>;

/** Commands that a saga answers to an event; none for a type it does not know. */
export function reactionsOf(saga: AnySaga, happened: Happened, views: Views): readonly Send[] {
  const handlers = saga.on as Record<string, ((event: Typed, happened: Happened, views: Views) => readonly Send[]) | undefined>;
  return handlers[happened.event.type]?.(happened.event, happened, views) ?? [];
}

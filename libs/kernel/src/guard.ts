// A rule that no stream can keep alone, because what it is about lies in several. The read models know all of them.
import type { NewEvent } from './event-log';
import type { Typed } from './decider';
import type { Views } from './projection';

export interface Guard {
  /** Types of the events by which the rule may be broken. */
  readonly on: readonly string[];
  /**
   * Looks at what is about to be recorded. A look that takes long is answered as work with pauses: then nothing is beside, and
   * nothing that is guarded is recorded until it is done.
   * @throws Rejection
   */
  check(asked: Asked): Generator<void, void> | undefined;
}

export interface Asked {
  readonly own: readonly Typed[];
  /** What others are about to record, or have just recorded: the views may not show it yet. */
  readonly beside: readonly Typed[];
  readonly views: Views;
  /** Asks as if everything beside were recorded, and the own too where it is to be. */
  readonly supposing: <Answer>(what: 'beside' | 'all', ask: (views: Views) => Answer) => Answer;
  /**
   * To be called before an answer that would be another one if something beside came to nothing: goes on where all of it is
   * recorded. Else this check ends here, and is made anew when that is decided.
   */
  readonly settled: () => void;
}

/** To be told when the append is over, with its position when it went well. */
export type Over = (position?: number) => void;

/**
 * Asked before events are recorded in a stream at the expected revision, each time until it is so. Answers nothing, and at
 * once, where no rule is about them; else when their turn has come.
 * @throws Rejection when a rule says no; RevisionConflict when the stream has moved on meanwhile
 */
export type Admit = (stream: string, expected: number, batch: readonly NewEvent[]) => Over | Promise<Over> | undefined;

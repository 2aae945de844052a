// A rule that no stream can keep alone, because what it is about lies in several. The read models know all of them.
import type { NewEvent } from './event-log';
import type { Typed } from './decider';
import type { Views } from './projection';

export interface Guard {
  /** Types of the events by which the rule may be broken. */
  readonly on: readonly string[];
  /**
   * Looks at what is about to be recorded.
   * @throws Rejection
   */
  check(asked: Asked): void;
  /** What is broken now that all before is shown, as facts to tell: another process may have recorded something beside. */
  broken(own: readonly Typed[], views: Views): Readonly<Record<string, unknown>> | undefined;
}

export interface Asked {
  readonly own: readonly Typed[];
  /** What others are about to record, or have just recorded: the views may not show it yet. */
  readonly beside: readonly Typed[];
  readonly views: Views;
  /** Asks as if everything beside were recorded, and the own too where it is to be. */
  readonly supposing: <Answer>(what: 'beside' | 'all', ask: (views: Views) => Answer) => Answer;
}

/**
 * Asked before events are recorded, each time until it is so; refuses by a Rejection. What it answers is to be told when the
 * append is over, with its position when it went well.
 */
export type Admit = (stream: string, batch: readonly NewEvent[]) => ((position?: number) => void) | undefined;

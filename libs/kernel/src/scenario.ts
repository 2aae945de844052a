// The spec harness: given events, when a command, then events or a rejection. Everything is frozen on the way.
import { checkEvent } from './event-schema';
import type { Decider, Typed } from './decider';
import { Rejection } from './rejection';

interface When<Event> {
  /** The command causes exactly these events. */
  thenEvents(...expected: readonly Event[]): void;
  /** The command asks for what is already so. */
  thenNothing(): void;
  /** A rule says no, under this code, and with at least these facts. */
  thenRejected(code: string, facts?: Readonly<Record<string, unknown>>): void;
}

/**
 * Specs of one decider read `given(…).when(…).thenEvents(…)`. States and events are frozen: a decider that mutates
 * fails here and not in a replay.
 */
export function scenario<State, Command extends Typed, Event extends Typed>(decider: Decider<State, Command, Event>) {
  return {
    given: (...history: readonly Event[]) => ({
      when(command: Command): When<Event> {
        const run = () => decide(decider, history, command);
        return {
          thenEvents: (...expected) => same(run(), expected),
          thenNothing: () => same(run(), []),
          thenRejected: (code, facts = {}) => {
            const rejection = rejectionOf(run);
            same(rejection.code, code);
            for (const [name, value] of Object.entries(facts)) same(rejection.facts[name], value);
          },
        };
      },
    }),
  };
}

function decide<State, Command extends Typed, Event extends Typed>(
  decider: Decider<State, Command, Event>,
  history: readonly Event[],
  command: Command,
): readonly Event[] {
  let state = freeze(decider.initial);
  for (const event of history) {
    checkEvent(decider, event);
    state = freeze(decider.evolve(state, freeze(event)));
  }
  const events = decider.decide(freeze(command), state);
  for (const event of events) {
    checkEvent(decider, event);
    state = freeze(decider.evolve(state, freeze(event)));
  }
  return events;
}

function rejectionOf(run: () => unknown): Rejection {
  let events: unknown;
  try {
    events = run();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
  throw new Error(`expected a rejection, but the command caused ${show(events)}`);
}

function same(actual: unknown, expected: unknown): void {
  const [is, should] = [show(actual), show(expected)];
  if (is !== should) throw new Error(`expected\n${should}\nbut it is\n${is}`);
}

/** JSON with sorted keys, so that the order in which fields were written does not matter. */
function show(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part), 1);
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // A collection of a library guards itself, and keeps caches that must stay writable.
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

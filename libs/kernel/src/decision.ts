// What one command decides: its own events, and those of the sagas that run with it. Pure; recording it is run-command's part.
import { daysOfUtc, type DayOf } from './days';
import type { AnyDecider, Typed } from './decider';
import type { Metadata, NewEvent } from './event-log';
import { checkEvent } from './event-schema';
import { reject, Rejection, unlessRejected } from './rejection';
import type { Views } from './projection';
import { reactionsOf, type AnySaga, type Happened } from './saga';

/** Where a command comes from: the only way in which time, ids and identity enter. */
export interface Origin {
  /** Id of the command: the same id again answers the first receipt. */
  readonly command: string;
  readonly actor: string;
  readonly onBehalfOf?: string;
  /** Instant in UTC. */
  readonly at: string;
  readonly correlation?: string;
  readonly causation?: string;
  /** Digest of the body that came with an idempotency key. */
  readonly body?: string;
}

export interface Task {
  readonly decider: AnyDecider;
  readonly stream: string;
  readonly command: Typed;
  readonly origin: Origin;
  readonly ifMatch: number | undefined;
}

export interface DecisionParts {
  /** Derives the ids of a command's events from its id, the instant and the stream; each from its place in it. */
  readonly eventId: (command: string, at: string, stream: string) => (index: number) => string;
  /** Those with `sameStream` run with the command. */
  readonly sagas?: readonly AnySaga[];
  readonly views?: Views;
  /** Where days begin; in UTC without it. */
  readonly dayOf?: DayOf | undefined;
}

export interface Decided {
  readonly batch: readonly NewEvent[];
  /** The state after the batch. */
  readonly state: unknown;
}

interface Before {
  readonly revision: number;
  readonly state: unknown;
  readonly answers: ReadonlyMap<string, unknown>;
}

/** More would not end by itself; the followers send what is left out here. */
const REACTIONS_MAX = 20;

/** The command's own events, and those of the sagas' commands to the same stream. */
export function decision({ decider, stream, command, origin, ifMatch }: Task, before: Before, parts: DecisionParts): Decided {
  const batch: NewEvent[] = [];
  let state = before.state;
  const on = (parts.dayOf ?? daysOfUtc)(origin.at);
  const own = decider.decide(command, state);
  if (own.length > 0 && ifMatch !== undefined && ifMatch !== before.revision) {
    reject('conflict', 'stale-revision', { revision: before.revision });
  }
  const waiting: { events: readonly Typed[]; origin: Origin }[] = [{ events: own, origin }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const first = batch.length;
    const idOf = parts.eventId(next.origin.command, next.origin.at, stream);
    for (const event of next.events) {
      checkEvent(decider, event);
      batch.push({ event, meta: metaOf(next.origin, idOf(batch.length - first)) });
      state = decider.evolve(state, event);
    }
    for (const { event, meta } of batch.slice(first)) {
      for (const { command: reaction, origin: cause } of reactions({ stream, event, meta, on }, origin, parts)) {
        if (before.answers.has(cause.command) || batch.length > REACTIONS_MAX) continue;
        const answer = unlessRejected(() => decider.decide(reaction, state));
        // A saga's command may come late or be refused by now; both mean that there is nothing to do.
        waiting.push({ events: answer instanceof Rejection ? [] : answer, origin: cause });
      }
    }
  }
  return { batch, state };
}

/** The origin of a saga's command: its id comes from the event, so that it is one command however often it is sent. */
export function originOf(saga: { readonly name: string }, meta: NewEvent['meta'], place: number, at: string): Origin {
  return {
    command: `${meta.id}/${saga.name}/${place}`,
    actor: saga.name,
    at,
    correlation: meta.correlation ?? meta.command,
    causation: meta.id,
  };
}

function reactions(
  happened: Happened,
  { at }: Origin,
  { sagas = [], views }: DecisionParts,
): readonly { command: Typed; origin: Origin }[] {
  if (!views) return [];
  return sagas.flatMap((saga) =>
    reactionsOf(saga, happened, views).map(({ command }, place) => ({ command, origin: originOf(saga, happened.meta, place, at) })),
  );
}

/** All of one shape, which is faster to write and to read: what is absent is no part of the JSON. */
function metaOf({ command, actor, onBehalfOf, at, correlation, causation, body }: Origin, id: string): Metadata {
  return { id, command, actor, at, onBehalfOf, correlation, causation, body };
}

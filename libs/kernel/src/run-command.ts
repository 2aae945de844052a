// One command, whole: read the stream, seen this command? fold, decide, react, append; durable before it answers.
import { streamOf, type AnyDecider, type Decider, type Typed } from './decider';
import { NO_STREAM, PAGE_EVENTS_MAX, RevisionConflict, type EventLog, type NewEvent, type Recorded } from './event-log';
import { checkEvent } from './event-schema';
import type { Views } from './projection';
import { reject, Rejection } from './rejection';
import { reactionsOf, type AnySaga } from './saga';

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

/** What the caller gets: where the stream ends now, and the events that are new. */
export interface Outcome {
  readonly stream: string;
  /** Revision of the stream's last event, `NO_STREAM` when it has none. */
  readonly revision: number;
  /** Position after which read models show the outcome. */
  readonly position: number;
  readonly events: readonly Typed[];
}

/**
 * Runs a command against the stream `<decider>-<id>`.
 * @param ifMatch the revision that the caller saw; checked after the rules, so that "who won" is told before "stale"
 * @throws Rejection when a rule says no, `stale-revision` when the stream moved on since `ifMatch`, `busy` after three lost races
 */
export type RunCommand = <State, Command extends Typed, Event extends Typed>(
  decider: Decider<State, Command, Event>,
  id: string,
  command: Command,
  origin: Origin,
  ifMatch?: number,
) => Promise<Outcome>;

export interface RunnerParts {
  readonly log: EventLog;
  /** Derives an event's id from its command's id, its place in it, and the instant. */
  readonly eventId: (command: string, index: number, at: string) => string;
  /** Those with `sameStream` run with the command. */
  readonly sagas?: readonly AnySaga[];
  readonly views?: Views;
}

const TRIES_MAX = 3;
const REACTIONS_MAX = 20;
const FOLDED_STREAMS_MAX = 20_000;

interface Answer {
  readonly revision: number;
  readonly position: number;
  readonly body?: string;
}
interface Folded {
  readonly revision: number;
  readonly position: number;
  readonly state: unknown;
  readonly answers: Map<string, Answer>;
}
interface Task {
  readonly decider: AnyDecider;
  readonly stream: string;
  readonly command: Typed;
  readonly origin: Origin;
  readonly ifMatch: number | undefined;
}

/** Makes the one function through which every command goes. Folded streams are kept, the most recently used first. */
export function createRunCommand({ log, eventId, sagas = [], views }: RunnerParts): RunCommand {
  const inline = sagas.filter(({ sameStream }) => sameStream);
  const kept = new Map<string, Folded>();
  const tails = new Map<string, Promise<unknown>>();

  return (decider, id, command, origin, ifMatch) => {
    const task: Task = { decider, stream: streamOf(decider, id), command, origin, ifMatch };
    // Commands to one stream queue up here, so that a race inside this process costs no try.
    const before = tails.get(task.stream);
    const mine = before ? before.then(() => run(task)) : run(task);
    const settled = mine.then(noop, noop).then(() => {
      if (tails.get(task.stream) === settled) tails.delete(task.stream);
    });
    tails.set(task.stream, settled);
    return mine;
  };

  async function run(task: Task): Promise<Outcome> {
    let folded = kept.get(task.stream) ?? (await foldOn(task, beginning(task.decider)));
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const answer = folded.answers.get(task.origin.command);
      if (answer) return replay(task, answer);
      const decided = unlessRefused(() => decide(task, folded));
      if (decided instanceof Rejection || decided.batch.length === 0) {
        // Another writer may have moved the stream on: a "no" and a "nothing to do" stand only on its latest state.
        const latest = await foldOn(task, folded);
        if (latest === folded) return standing(task, folded, decided);
        folded = latest;
        continue;
      }
      try {
        const receipt = await log.append(task.stream, folded.revision, decided.batch);
        const { revision, position } = receipt;
        keep(task.stream, { revision, position, state: decided.state, answers: noted(folded.answers, decided.batch, receipt) });
        return { ...receipt, events: decided.events };
      } catch (error) {
        kept.delete(task.stream);
        if (!(error instanceof RevisionConflict)) throw error;
        folded = await foldOn(task, folded);
      }
    }
    return reject('conflict', 'busy');
  }

  /** The command's own events, and those of the sagas' commands to the same stream. */
  function decide({ decider, stream, command, origin, ifMatch }: Task, folded: Folded) {
    const batch: NewEvent[] = [];
    let state = folded.state;
    const own = decider.decide(command, state);
    if (own.length > 0 && ifMatch !== undefined && ifMatch !== folded.revision) {
      reject('conflict', 'stale-revision', { revision: folded.revision });
    }
    const waiting: { events: readonly Typed[]; origin: Origin }[] = [{ events: own, origin }];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const first = batch.length;
      for (const event of next.events) {
        checkEvent(decider, event);
        batch.push({ event, meta: metaOf(next.origin, batch.length - first) });
        state = decider.evolve(state, event);
      }
      for (const { event, meta } of views ? batch.slice(first) : []) {
        for (const { command: reaction, origin: cause } of reactions({ stream, event, meta }, origin)) {
          if (folded.answers.has(cause.command) || batch.length > REACTIONS_MAX) continue;
          const answer = unlessRefused(() => decider.decide(reaction, state));
          // A saga's command may come late or be refused by now; both mean that there is nothing to do.
          waiting.push({ events: answer instanceof Rejection ? [] : answer, origin: cause });
        }
      }
    }
    return { batch, state, events: batch.map(({ event }) => event) };
  }

  function* reactions(happened: { stream: string; event: Typed; meta: NewEvent['meta'] }, origin: Origin) {
    for (const saga of inline) {
      for (const [place, send] of reactionsOf(saga, happened, views!).entries()) {
        yield { command: send.command, origin: originOf(saga, happened.meta, place, origin.at) };
      }
    }
  }

  function metaOf(origin: Origin, index: number): NewEvent['meta'] {
    const { command, actor, onBehalfOf, at, correlation, causation, body } = origin;
    return {
      id: eventId(command, index, at),
      command,
      actor,
      at,
      ...(onBehalfOf && { onBehalfOf }),
      ...(correlation && { correlation }),
      ...(causation && { causation }),
      ...(body && { body }),
    };
  }

  /** The state with what the log has after it; the same object when that is nothing. */
  async function foldOn({ decider, stream }: Task, before: Folded): Promise<Folded> {
    let folded = before;
    for (;;) {
      const page = await log.read(stream, { from: folded.revision + 1 });
      for (const recorded of page) folded = add(decider, folded, recorded);
      if (page.length < PAGE_EVENTS_MAX) break;
    }
    if (folded !== before) keep(stream, folded);
    return folded;
  }

  function keep(stream: string, folded: Folded): void {
    kept.delete(stream);
    kept.set(stream, folded);
    if (kept.size > FOLDED_STREAMS_MAX) kept.delete(kept.keys().next().value!);
  }
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

function beginning({ initial }: AnyDecider): Folded {
  return { revision: NO_STREAM, position: 0, state: initial, answers: new Map() };
}

function add(decider: AnyDecider, folded: Folded, { event, meta, revision, position }: Recorded): Folded {
  folded.answers.set(meta.command, { revision, position, body: meta.body });
  return { revision, position, state: decider.evolve(folded.state, event), answers: folded.answers };
}

function noted(answers: Map<string, Answer>, batch: readonly NewEvent[], { revision, position }: Answer): Map<string, Answer> {
  for (const { meta } of batch) answers.set(meta.command, { revision, position, body: meta.body });
  return answers;
}

function replay({ stream, origin }: Task, { revision, position, body }: Answer): Outcome {
  if (origin.body !== body) reject('invalid', 'idempotency-key-reused');
  return { stream, revision, position, events: [] };
}

function standing({ stream }: Task, { revision, position }: Folded, decided: { events: readonly Typed[] } | Rejection): Outcome {
  if (decided instanceof Rejection) throw decided;
  return { stream, revision, position, events: decided.events };
}

function unlessRefused<Decided>(decide: () => Decided): Decided | Rejection {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
}

function noop(): void {}

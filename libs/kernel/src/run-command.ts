// One command, whole: read the stream, seen this command? fold, decide, react, append; durable before it answers.
import { streamOf, type AnyDecider, type Decider, type Typed } from './decider';
import { NO_STREAM, PAGE_EVENTS_MAX, RevisionConflict, type EventLog, type NewEvent, type Recorded } from './event-log';
import { decision, type Decided, type DecisionParts, type Origin, type Task } from './decision';
import type { Admit, Over } from './guard';
import { Recent } from './recent';
import { reject, Rejection, unlessRejected } from './rejection';
import { OneByOne } from './one-by-one';

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

export interface RunnerParts extends DecisionParts {
  readonly log: EventLog;
  /** Holds what is decided to rules that span streams. */
  readonly admit?: Admit;
  /** Digest of the body that came with an idempotency key before, whichever stream it went to. */
  readonly bodyOf?: (command: string) => string | undefined;
  /** Most streams of which the state is kept in memory. */
  readonly streamsKeptMax?: number;
}

/** Who waits for his turn is overtaken more often than in an open race; and to look again before a "no" is in nobody's way. */
const TRIES_MAX = 40;
const OPEN_RACES_MAX = 3;
const FOLDED_STREAMS_MAX = 20_000;

interface Answer {
  readonly revision: number;
  readonly position: number;
  readonly body?: string;
}
/** A stream's state, where it stands, and the commands that it has answered. */
interface Folded {
  readonly revision: number;
  readonly position: number;
  readonly state: unknown;
  readonly answers: Map<string, Answer>;
}
/** Makes the one function through which every command goes. */
export function createRunCommand(parts: RunnerParts): RunCommand {
  const runner = new CommandRunner({ ...parts, sagas: parts.sagas?.filter(({ sameStream }) => sameStream) ?? [] });
  const streams = new OneByOne();

  return (decider, id, command, origin, ifMatch) => {
    const task: Task = { decider, stream: streamOf(decider, id), command, origin, ifMatch };
    // Other commands to one stream queue up here, so that a race inside this process costs no try.
    return begins(task) ? runner.run(task) : streams.under(task.stream, () => runner.run(task));
  };
}

class CommandRunner {
  private readonly kept: Recent<Folded>;

  constructor(private readonly parts: RunnerParts) {
    this.kept = new Recent(parts.streamsKeptMax ?? FOLDED_STREAMS_MAX);
  }

  async run(task: Task): Promise<Outcome> {
    if (task.origin.body !== undefined) this.requireSameBody(task.origin);
    const nothing = beginning(task.decider);
    let folded = begins(task) ? nothing : (this.kept.get(task.stream) ?? (await this.foldOn(task, nothing)));
    for (let [tries, most] = [1, TRIES_MAX]; tries <= most; tries++) {
      // A new text costs a map that looks for it a microsecond, even one that is empty.
      const answer = folded.answers.size > 0 ? folded.answers.get(task.origin.command) : undefined;
      if (answer) return replay(task, answer);
      let decided = unlessRejected(() => decision(task, folded, this.parts));
      if (!(decided instanceof Rejection) && decided.batch.length > 0) {
        const end = await this.record(task, folded, decided);
        if (end instanceof Rejection) decided = end;
        else if (end !== 'lost' && end !== 'lost in turn') return end;
        if (end === 'lost') most = OPEN_RACES_MAX;
      }
      // Another writer may have moved the stream on: a "no" and a "nothing to do" stand only on its latest state.
      const latest = await this.foldOn(task, folded);
      if (latest === folded) {
        if (decided instanceof Rejection) throw decided;
        if (decided.batch.length === 0) return { stream: task.stream, ...placeOf(folded), events: [] };
      }
      folded = latest;
    }
    return reject('conflict', 'busy');
  }

  /** A key is of one command, wherever that went. Two that come at once to two streams are both taken. */
  private requireSameBody({ correlation, command, body }: Origin): void {
    const before = this.parts.bodyOf?.(correlation ?? command);
    if (before !== undefined && before !== body) reject('invalid', 'idempotency-key-reused');
  }

  /** The outcome, what a guard said, or that another writer was first. */
  private async record(
    { decider, stream }: Task,
    { revision, answers }: Folded,
    { batch, state }: Decided,
  ): Promise<Outcome | Rejection | 'lost' | 'lost in turn'> {
    let admitted: ReturnType<Admit>;
    let over: Over | undefined;
    let position: number | undefined;
    try {
      admitted = this.parts.admit?.(stream, revision, batch);
      // Where no guard is concerned there is nothing to wait for, not even a turn of the event loop.
      over = admitted instanceof Promise ? await admitted : admitted;
      if (revision !== NO_STREAM) this.kept.delete(stream);
      const receipt = await this.parts.log.append(stream, revision, batch);
      position = receipt.position;
      if (!decider.isOver?.(state)) this.kept.set(stream, { ...placeOf(receipt), state, answers: noted(answers, batch, receipt) });
      return { ...receipt, events: batch.map(({ event }) => event) };
    } catch (error) {
      if (error instanceof Rejection) return error;
      if (error instanceof RevisionConflict) return admitted ? 'lost in turn' : 'lost';
      throw error;
    } finally {
      over?.(position);
    }
  }

  /** The state with what the log has after it; the same object when that is nothing. */
  private async foldOn({ decider, stream }: Task, before: Folded): Promise<Folded> {
    let folded = before;
    for (;;) {
      const page = await this.parts.log.read(stream, { from: folded.revision + 1 });
      for (const recorded of page) folded = add(decider, folded, recorded);
      if (page.length < PAGE_EVENTS_MAX) break;
    }
    if (folded === before) return folded;
    if (decider.isOver?.(folded.state)) this.kept.delete(stream);
    else this.kept.set(stream, folded);
    return folded;
  }
}

/** It is decided without a look at its stream, and anew should that be there. */
function begins({ decider, command }: Task): boolean {
  return decider.begins?.includes(command.type) ?? false;
}

function beginning({ initial }: AnyDecider): Folded {
  return { revision: NO_STREAM, position: 0, state: initial, answers: new Map() };
}

function placeOf({ revision, position }: Answer): Answer {
  return { revision, position };
}

function add(decider: AnyDecider, folded: Folded, { event, meta, revision, position }: Recorded): Folded {
  folded.answers.set(meta.command, { revision, position, body: meta.body });
  // What sagas recorded with a command belongs to its receipt, as it did for whoever wrote them.
  const cause = meta.correlation === undefined ? undefined : folded.answers.get(meta.correlation);
  if (cause?.revision === revision - 1) folded.answers.set(meta.correlation!, { ...cause, revision, position });
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

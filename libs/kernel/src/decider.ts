// A decider turns a command and the folded state into events. It is one file per kind of stream.

/** Plain JSON with a name; every other field is written out in the decider that makes it. */
export interface Typed {
  readonly type: string;
}

/** What a field of an event may hold; a `?` says that it may be absent. */
export type FieldKind = Kind | `${Kind}?`;
type Kind = 'text' | 'number' | 'flag' | 'list' | 'record';

/** The schema of a decider's events: every field of every event, named. Leaving one out does not compile. */
export type EventFields<Event extends Typed> = {
  readonly [Type in Event['type']]: {
    readonly [Field in Exclude<keyof Extract<Event, { type: Type }>, 'type'>]-?: FieldKind;
  };
};

/**
 * The rules of one kind of stream: values in, values out.
 * It has no clock, no random ids and no `await`; a command carries what it needs of them.
 */
export interface Decider<State, Command extends Typed, Event extends Typed> {
  /** First part of the stream's name, in camelCase without a dash: `<name>-<id>`. */
  readonly name: string;
  readonly initial: State;
  readonly events: EventFields<Event>;
  /** Commands that as a rule begin a stream: they are decided without a look whether it is there, and again if it is. */
  readonly begins?: readonly Command['type'][];
  /** Whether a stream has come to its end as a rule: its state is not kept in memory, which it would only fill. */
  readonly isOver?: (state: State) => boolean;
  /** The events that the command causes; none when it asks for what is already so. Throws `Rejection`. */
  decide(command: Command, state: State): readonly Event[];
  /** The state after the event; never mutates the state it is given. */
  evolve(state: State, event: Event): State;
}

/** Any decider, for the places that treat all alike. */
export type AnyDecider = Decider<any, any, any>;

/** The stream in which a decider keeps the events of one thing. */
export function streamOf(decider: { readonly name: string }, id: string): string {
  return `${decider.name}-${id}`;
}

/** The two halves of a stream's name; the first dash divides them. */
export function partsOf(stream: string): { readonly decider: string; readonly id: string } {
  const dash = stream.indexOf('-');
  return { decider: stream.slice(0, dash), id: stream.slice(dash + 1) };
}

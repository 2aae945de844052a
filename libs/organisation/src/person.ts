// A person and all assignments, any number of them and all equal (O1).
import { reject, type Decider } from '@app/kernel';
import { inEffect, neverHeld, present, shared } from './interval';

export interface PersonDetails {
  readonly username: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email?: string;
}

/** One person in one position at one unit for an interval. Every part but type and start may be left open (O10). */
export interface AssignmentFields {
  readonly assignment: string;
  readonly positionType: string;
  readonly position?: string;
  readonly unit?: string;
  readonly title?: string;
  readonly from: string;
  readonly to?: string;
  readonly costCentre?: string;
}

/** What the assignment's type asks of it, as its rules are known when the command is sent (O2). */
export interface TypeRules {
  readonly unitMandatory: boolean;
  /** Most assignments of the type that the person may hold on any day. */
  readonly atMost?: number;
}

/** What is not named stays, as others may have changed it meanwhile; null takes away what may be absent. */
type Changes<Fields> = { readonly [Name in keyof Fields]?: undefined extends Fields[Name] ? Fields[Name] | null : Fields[Name] };

interface Insisting {
  /** Says that it was on this day and on no other; else what is so by the day stays as it is. */
  readonly exactly?: boolean;
}

export type PersonCommand =
  | ({ type: 'RegisterPerson'; person: string } & PersonDetails)
  | ({ type: 'ChangePersonDetails'; person: string; nameTaken?: boolean } & Changes<PersonDetails>)
  | ({ type: 'DeactivatePerson'; person: string; on: string } & Insisting)
  | ({ type: 'ReactivatePerson'; person: string; on?: string } & Insisting)
  | ({ type: 'StartAssignment'; person: string; rules?: TypeRules } & AssignmentFields)
  | ({ type: 'ChangeAssignment'; person: string; assignment: string; rules?: TypeRules } & Changes<Omit<AssignmentFields, 'assignment'>>)
  | { type: 'EndAssignment'; person: string; assignment: string; to: string }
  | SyncPerson;

/** What another system says of a person: only the differences become events (I7). What it does not say stays as it is. */
export interface SyncPerson {
  readonly type: 'SyncPerson';
  readonly person: string;
  readonly details?: PersonDetails;
  readonly assignments: readonly AssignmentFields[];
  /** What types ask of those assignments that start or change, by type: what holds after the whole command counts. */
  readonly rules?: Readonly<Record<string, TypeRules>>;
  /** Whether the person is active, and from which day on. */
  readonly active?: { readonly is: boolean; readonly on: string } & Insisting;
}

export type PersonEvent =
  | ({ type: 'PersonRegistered'; person: string } & PersonDetails)
  | ({ type: 'PersonDetailsChanged'; person: string } & PersonDetails)
  | { type: 'PersonDeactivated'; person: string; on: string }
  | { type: 'PersonReactivated'; person: string; on?: string }
  | ({ type: 'AssignmentStarted'; person: string } & AssignmentFields)
  | ({ type: 'AssignmentChanged'; person: string } & AssignmentFields)
  | { type: 'AssignmentEnded'; person: string; assignment: string; to: string };

interface State {
  readonly details: PersonDetails | null;
  /** The last days of inactivity. */
  readonly away: { readonly from: string; readonly to?: string } | null;
  readonly assignments: readonly AssignmentFields[];
}

const DETAILS = { person: 'text', username: 'text', givenName: 'text', familyName: 'text', email: 'text?' } as const;
const ASSIGNMENT = {
  assignment: 'text',
  person: 'text',
  positionType: 'text',
  position: 'text?',
  unit: 'text?',
  title: 'text?',
  from: 'text',
  to: 'text?',
  costCentre: 'text?',
} as const;

export const person: Decider<State, PersonCommand, PersonEvent> = {
  name: 'person',
  initial: { details: null, away: null, assignments: [] },
  events: {
    PersonRegistered: DETAILS,
    PersonDetailsChanged: DETAILS,
    PersonDeactivated: { person: 'text', on: 'text' },
    PersonReactivated: { person: 'text', on: 'text?' },
    AssignmentStarted: ASSIGNMENT,
    AssignmentChanged: ASSIGNMENT,
    AssignmentEnded: { assignment: 'text', person: 'text', to: 'text' },
  },
  decide(command, state) {
    switch (command.type) {
      case 'RegisterPerson':
        if (state.details) reject('conflict', 'person-exists', { person: command.person });
        return [{ type: 'PersonRegistered', person: command.person, ...detailsOf(command) }];
      case 'StartAssignment':
        requirePerson(command.person, state);
        if (named(command.assignment, state)) reject('conflict', 'assignment-exists', { assignment: command.assignment });
        requireType(command, state, command.rules);
        return started(command.person, command);
      case 'ChangeAssignment':
        requirePerson(command.person, state);
        return changedAsNamed(command, state);
      case 'EndAssignment':
        requirePerson(command.person, state);
        return ended(command.person, requireAssignment(command.assignment, state), command.to);
      case 'ChangePersonDetails':
        return detailsChangedAsNamed(command, requirePerson(command.person, state));
      case 'DeactivatePerson':
        requirePerson(command.person, state);
        return activity(command.person, state, { ...command, is: false });
      case 'ReactivatePerson':
        requirePerson(command.person, state);
        return activity(command.person, state, { ...command, is: true });
      case 'SyncPerson':
        return differences(command, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'PersonRegistered':
        return { ...state, details: detailsOf(event) };
      case 'PersonDetailsChanged':
        return { ...state, details: detailsOf(event) };
      case 'PersonDeactivated':
        return { ...state, away: { from: event.on } };
      case 'PersonReactivated':
        return { ...state, away: state.away && { from: state.away.from, to: event.on ?? state.away.from } };
      case 'AssignmentStarted':
      case 'AssignmentChanged': {
        const others = state.assignments.filter(({ assignment }) => assignment !== event.assignment);
        return { ...state, assignments: [...others, fieldsOf(event)] };
      }
      case 'AssignmentEnded':
        return {
          ...state,
          assignments: state.assignments.map((one) => (one.assignment === event.assignment ? { ...one, to: event.to } : one)),
        };
    }
  },
};

function differences(command: SyncPerson, state: State): PersonEvent[] {
  const { person: id, details, active } = command;
  if (!state.details && !details) reject('not-found', 'unknown-person', { person: id });
  const known = state.details !== null;
  const events: PersonEvent[] = [];
  if (details && !known) events.push({ type: 'PersonRegistered', person: id, ...detailsOf(details) });
  if (details && known) events.push(...detailsChanged(id, state, detailsOf(details)));
  if (active) events.push(...activity(id, state, active));
  for (const wanted of command.assignments) {
    const current = named(wanted.assignment, state);
    if (!current) events.push(...started(id, wanted));
    else if (wanted.to !== undefined && same({ ...current, to: wanted.to }, wanted)) events.push(...ended(id, current, wanted.to));
    else events.push(...changed(id, current, wanted));
  }
  if (command.rules) requireTypes(command, { state, events });
  return events;
}

function detailsChanged(id: string, { details }: State, wanted: PersonDetails): PersonEvent[] {
  const same =
    details?.username === wanted.username &&
    details.givenName === wanted.givenName &&
    details.familyName === wanted.familyName &&
    details.email === wanted.email;
  return same ? [] : [{ type: 'PersonDetailsChanged', person: id, ...wanted }];
}

/** Of two days the one recorded last holds (E34); who is away for good by the day, or is not, needs no event for it. */
function activity(
  id: string,
  { away }: State,
  { is, on = '', exactly = false }: { is: boolean; on?: string | undefined } & Insisting,
): PersonEvent[] {
  if (!is) {
    const left = away !== null && away.to === undefined && (exactly ? away.from === on : away.from <= on);
    return left ? [] : [{ type: 'PersonDeactivated', person: id, on }];
  }
  if (!away || neverHeld(away)) return [];
  if (away.to !== undefined && (exactly ? away.to === on : on !== '' && !inEffect(away, on))) return [];
  return [{ type: 'PersonReactivated', person: id, ...(on && { on }) }];
}

function detailsChangedAsNamed(
  { person: id, nameTaken, username, givenName, familyName, email }: Extract<PersonCommand, { type: 'ChangePersonDetails' }>,
  state: State & { readonly details: PersonDetails },
): PersonEvent[] {
  if (nameTaken) reject('conflict', 'username-taken', { username });
  return detailsChanged(id, state, detailsOf(merged(state.details, { username, givenName, familyName, email })));
}

function changedAsNamed(command: Extract<PersonCommand, { type: 'ChangeAssignment' }>, state: State): PersonEvent[] {
  const { assignment, positionType, position, unit, title, from, to, costCentre } = command;
  const current = requireAssignment(assignment, state);
  const wanted = fieldsOf(merged(current, { positionType, position, unit, title, from, to, costCentre }));
  requireType(wanted, state, command.rules);
  return changed(command.person, current, wanted);
}

function merged<Fields extends object>(now: Fields, changes: { readonly [Name in keyof Fields]?: unknown }): Fields {
  const named = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...now, ...Object.fromEntries(named.map(([name, value]) => [name, value ?? undefined])) };
}

function started(id: string, wanted: AssignmentFields): PersonEvent[] {
  requireOrder(wanted);
  return [{ type: 'AssignmentStarted', person: id, ...fieldsOf(wanted) }];
}

function changed(id: string, current: AssignmentFields, wanted: AssignmentFields): PersonEvent[] {
  if (same(current, wanted)) return [];
  requireOrder(wanted);
  return [{ type: 'AssignmentChanged', person: id, ...fieldsOf(wanted) }];
}

/** An end on the first day is allowed: the assignment was planned and never began. */
function ended(id: string, current: AssignmentFields, to: string): PersonEvent[] {
  if (current.to === to) return [];
  if (to < current.from) reject('invalid', 'ends-before-it-starts', { assignment: current.assignment, from: current.from, to });
  return [{ type: 'AssignmentEnded', assignment: current.assignment, person: id, to }];
}

function requirePerson(id: string, state: State): State & { readonly details: PersonDetails } {
  const details = state.details ?? reject('not-found', 'unknown-person', { person: id });
  return { ...state, details };
}

function requireAssignment(id: string, state: State): AssignmentFields {
  return named(id, state) ?? reject('not-found', 'unknown-assignment', { assignment: id });
}

function requireType(wanted: AssignmentFields, { assignments }: State, rules: TypeRules | undefined): void {
  const { assignment, positionType } = wanted;
  if (rules?.unitMandatory && wanted.unit === undefined) reject('invalid', 'unit-required', { assignment, positionType });
  if (rules?.atMost === undefined) return;
  const others = assignments.filter((other) => other.positionType === positionType && other.assignment !== assignment);
  // The most at once are there on the first day of one of them.
  const firstDays = [wanted, ...others].filter((one) => shared(one, wanted)).map(({ from }) => from);
  for (const day of firstDays) {
    const held = others.filter((other) => inEffect(other, day)).map((other) => other.assignment);
    if (!inEffect(wanted, day) || held.length < rules.atMost) continue;
    reject('conflict', 'too-many-of-type', { positionType, atMost: rules.atMost, held, on: day });
  }
}

/** What was so before and stays so is left alone, as is what ends. */
function requireTypes({ assignments, rules = {} }: SyncPerson, { state, events }: { state: State; events: readonly PersonEvent[] }): void {
  const after = events.reduce((before, event) => person.evolve(before, event), state);
  for (const event of events) {
    if (event.type !== 'AssignmentStarted' && event.type !== 'AssignmentChanged') continue;
    const wanted = assignments.find(({ assignment }) => assignment === event.assignment)!;
    requireType(wanted, after, rules[wanted.positionType]);
  }
}

function requireOrder({ assignment, from, to }: AssignmentFields): void {
  if (to !== undefined && to <= from) reject('invalid', 'ends-before-it-starts', { assignment, from, to });
}

function named(id: string, { assignments }: State): AssignmentFields | undefined {
  return assignments.find(({ assignment }) => assignment === id);
}

function same(one: AssignmentFields, other: AssignmentFields): boolean {
  return (
    one.positionType === other.positionType &&
    one.position === other.position &&
    one.unit === other.unit &&
    one.title === other.title &&
    one.from === other.from &&
    one.to === other.to &&
    one.costCentre === other.costCentre
  );
}

function detailsOf({ username, givenName, familyName, email }: PersonDetails): PersonDetails {
  return present({ username, givenName, familyName, email });
}

function fieldsOf({ assignment, positionType, position, unit, title, from, to, costCentre }: AssignmentFields): AssignmentFields {
  return present({ assignment, positionType, position, unit, title, from, to, costCentre });
}

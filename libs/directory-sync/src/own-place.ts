// What of a plan changes the place of whoever carries it out: his jobs, who manages him, and whom he manages.
import type { Typed, Views } from '@app/kernel';
import {
  assignmentOf,
  assignmentsOf,
  linksOf,
  managersOf,
  ownSeats,
  personOf,
  positionOf,
  RESPONSIBILITIES,
  settle,
  type ManagerLink,
  type NamedManagers,
  type PositionTreeCommand,
  type ReportingCommand,
  type SyncPerson,
} from '@app/organisation';
import type { Piecewise } from './piecewise';
import type { Plan } from './plan';

type PlanCommand =
  | Extract<ReportingCommand, { type: 'SyncManagers' | 'RestoreManagers' }>
  | Extract<PositionTreeCommand, { type: 'RecordPositions' }>
  | SyncPerson;

/** Of the person, who looks at it on a day. */
interface Own {
  readonly person: string;
  readonly managers: ReadonlySet<string>;
  readonly seats: ReadonlySet<string>;
}

/** The things that would change, by their kinds and ids; what is only named is not among them. */
export function* ownIn(
  views: Views,
  { trees, people, managers }: Pick<Plan, 'trees' | 'people' | 'managers'>,
  { person, on }: { readonly person: string; readonly on: string },
): Piecewise<readonly string[]> {
  const own: Own = { person, managers: managersNow(views, person, on), seats: ownSeats(views, person, on) };
  const found = new Set<string>();
  for (const { command } of [trees, people, managers].values().flatMap((steps) => steps)) {
    for (const one of ownChanges(views, command, own)) {
      yield;
      if (one !== undefined) found.add(one);
    }
  }
  return [...found];
}

/** A piece for each thing that the command names; nothing for one that is somebody else's. */
function* ownChanges(views: Views, planned: Typed, own: Own): Generator<string | undefined> {
  const command = planned as PlanCommand;
  switch (command.type) {
    case 'SyncPerson':
      if (command.person === own.person) yield* command.assignments.values().map(({ assignment }) => `assignment ${assignment}`);
      else if (command.active?.is === false && own.managers.has(command.person) && personOf(views, command.person)?.active === true)
        yield `person ${command.person}`;
      yield undefined;
      break;
    case 'SyncManagers':
      for (const named of command.assignments)
        yield changesLinks(settledLinks(views, named, command.effective), named.person, own)
          ? `managers of ${named.assignment}`
          : undefined;
      break;
    case 'RestoreManagers':
      for (const { assignment, links } of command.assignments) {
        const holder = assignmentOf(views, assignment)?.person;
        yield changesLinks(differing(linksOf(views, assignment), links), holder, own) ? `managers of ${assignment}` : undefined;
      }
      break;
    case 'RecordPositions':
      for (const { id, superior } of command.positions) {
        const before = positionOf(views, id, command.effective ?? '')?.superior;
        const concerned = [id, before, superior].some((seat) => seat !== undefined && own.seats.has(seat));
        yield concerned && before !== superior ? `position ${id}` : undefined;
      }
  }
}

/** Links of his own jobs, and those by which he manages. */
function changesLinks(changed: readonly (ManagerLink | undefined)[], holder: string | undefined, { person }: Own): boolean {
  return changed.length > 0 && (holder === person || changed.some((link) => link?.manager === person));
}

function settledLinks(views: Views, named: NamedManagers, effective: string): readonly (ManagerLink | undefined)[] {
  const links = linksOf(views, named.assignment);
  const { assigned, ended } = settle(named, links, { links: named.links, effective, fresh: named.fresh === true });
  return [...assigned, ...ended.map(({ id }) => links.find((link) => link.id === id))];
}

function differing(current: readonly ManagerLink[], wanted: readonly ManagerLink[]): readonly ManagerLink[] {
  const said = ({ id, from, to, responsibilities }: ManagerLink) => JSON.stringify([id, from, to, responsibilities]);
  const [before, after] = [new Set(current.map(said)), new Set(wanted.map(said))];
  return [...current.filter((link) => !after.has(said(link))), ...wanted.filter((link) => !before.has(said(link)))];
}

function managersNow(views: Views, person: string, asOf: string): ReadonlySet<string> {
  const jobs = assignmentsOf(views, person, asOf);
  const all = jobs.flatMap(({ id }) => managersOf(views, { assignment: id, responsibilities: RESPONSIBILITIES, asOf }));
  return new Set(all.map((manager) => manager.person));
}

// The events of an organisation, always the same for one shape: three jobs each, a deep line and a flat one, and later changes.
import type { Recorded, Typed } from '@app/kernel';
import type { ManagerLink, PersonEvent, PositionTreeEvent, ReportingEvent, ReportingModesEvent, UnitTreeEvent } from '@app/organisation';

/** How many people there are, and how many of them are directly below one in the line of the first jobs. */
export interface Shape {
  readonly people: number;
  readonly width: number;
}

export const WIDTH = 8;
const FLAT = 40;
export const PEOPLE_PER_UNIT = 20;
/** One of so many people has another manager in his first job from a day on. */
const MOVED = 20;
export const SINCE = '2024-01-01';
export const MOVED_ON = '2026-01-01';
const TOGETHER = 250;
const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'ri', 'so', 'tu', 'va', 'we', 'xi', 'yo', 'zu'];
const GIVEN = ['Ann', 'Bob', 'Cat', 'Dan', 'Eve', 'Fay', 'Gus', 'Hal'];

type OrganisationEvent = PersonEvent | ReportingEvent | UnitTreeEvent | PositionTreeEvent;

/** As they were first learned. */
export function* builtUp({ people, width }: Shape): Generator<OrganisationEvent> {
  const places = Array.from({ length: Math.ceil(people / PEOPLE_PER_UNIT) }, (_, at) => at);
  for (const some of slices(places)) {
    const units = some.map((at) => ({ id: `U${at}`, name: `Unit ${at}`, ...(at > 0 && { parent: `U${above(at, width)}` }) }));
    yield { type: 'UnitsRecorded', units };
    const posts = some.map((at) => ({ id: `S${at}`, title: 'Head', unit: `U${at}`, ...(at > 0 && { superior: `S${above(at, width)}` }) }));
    yield { type: 'PositionsRecorded', positions: posts };
  }
  for (let at = 0; at < people; at++) {
    const person = `P${at}`;
    yield { type: 'PersonRegistered', person, username: `user${at}`, givenName: GIVEN[at % GIVEN.length]!, familyName: familyNameOf(at) };
    for (const job of [0, 1, 2]) {
      const seat = job === 0 && at < places.length ? { position: `S${at}`, unit: `U${at}` } : { unit: `U${(at + job) % places.length}` };
      const fields = { assignment: `${person}-${job}`, positionType: 'substantive', title: at % 2 ? 'Nurse' : 'Doctor', from: SINCE };
      yield { type: 'AssignmentStarted', person, ...fields, ...seat };
    }
  }
  const managed = Array.from({ length: people - 1 }, (_, at) => at + 1);
  for (const some of slices(managed))
    yield { type: 'ManagersAssigned', links: some.flatMap((at) => [0, 1, 2].map((job) => link(at, job, width))) };
}

/** What was learned later: some people move to the manager before theirs. */
export function* changed({ people, width }: Shape): Generator<OrganisationEvent> {
  const moved = Array.from({ length: people - 1 }, (_, at) => at + 1).filter((at) => moves(at, width));
  for (const some of slices(moved)) {
    yield { type: 'ManagersEnded', links: some.map((at) => ({ id: link(at, 0, width).id, to: MOVED_ON })) };
    const links = some.map((at): ManagerLink => {
      const [manager, old] = [`P${above(at, width) - 1}`, link(at, 0, width)];
      return { ...old, id: `${old.id}/moved`, manager, managerAssignment: `${manager}-0`, from: MOVED_ON };
    });
    yield { type: 'ManagersAssigned', links };
  }
}

export function moves(at: number, width: number): boolean {
  return at % MOVED === 0 && above(at, width) > 0;
}

/** From now on the seats answer who is above whom. */
export function* bySeats(): Generator<Typed> {
  const chosen: ReportingModesEvent = { type: 'ReportingModeChosen', mode: 'position-code', effective: SINCE };
  yield chosen;
}

/** In batches, as they would be read from the log. */
export function* recorded(events: Iterable<Typed>, after: number): Generator<readonly Recorded[]> {
  let batch: Recorded[] = [];
  let position = after;
  for (const event of events) {
    position++;
    const at = new Date(Date.UTC(2026, 0, 1) + position).toISOString();
    batch.push({ position, stream: 'bench-1', revision: position, event, meta: { id: `e${position}`, command: 'c', actor: 'bench', at } });
    if (batch.length < 1_000) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** A name that nobody else has. */
export function familyNameOf(person: number): string {
  let rest = (person * 7_919) % SYLLABLES.length ** 5;
  let name = '';
  for (let count = 0; count < 5; count++, rest = Math.floor(rest / SYLLABLES.length)) name += SYLLABLES[rest % SYLLABLES.length]!;
  return name;
}

export function above(at: number, width: number): number {
  return Math.floor((at - 1) / width);
}

/** The first job is in the one line and the second in the flat one; in the third the manager of the first manages in all his jobs. */
function link(at: number, job: number, width: number): ManagerLink {
  const manager = `P${above(at, job === 1 ? FLAT : width)}`;
  const who = { assignment: `P${at}-${job}`, person: `P${at}`, manager, ...(job < 2 && { managerAssignment: `${manager}-${job}` }) };
  return { id: `P${at}-${job}/direct`, ...who, kind: 'direct', responsibilities: ['approval', 'reporting'] };
}

function* slices<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += TOGETHER) yield items.slice(at, at + TOGETHER);
}

// No loop over links and seats together, by whatever is recorded of people, jobs, managers, positions and units (O11). Links alone
// are decided in their stream, positions in theirs; where both hierarchies answer, each of these may close the loop.
import type { Guard, Typed, Views } from '@app/kernel';
import { assignmentOf } from './hierarchy-queries';
import { knotsAbove, type Starts } from './knots';
import type { PersonEvent } from './person';
import type { PositionTreeEvent } from './position-tree';
import type { PositionTypesEvent } from './position-types';
import type { ReportingEvent } from './reporting';
import { counts } from './reporting-graph';
import { ReportingLines } from './reporting-line';
import { loopsAbove, loopsAfter, refuseLoop, wasThere } from './reporting-loops';
import { WHOLE_SITE, type ReportingModesEvent } from './reporting-modes';
import { positionTypeOf, usesPositionCodes } from './structure-queries';
import type { UnitTreeEvent } from './unit-tree';

type HierarchyEvent = PersonEvent | ReportingEvent | PositionTreeEvent | UnitTreeEvent | PositionTypesEvent | ReportingModesEvent;
type JobEvent = Extract<PersonEvent, { assignment: string }>;

const ON: readonly HierarchyEvent['type'][] = [
  'AssignmentStarted',
  'AssignmentChanged',
  'AssignmentEnded',
  'PersonDeactivated',
  'PersonReactivated',
  'ManagersAssigned',
  'ManagersEnded',
  'PositionsRecorded',
  'PositionTypesRecorded',
  'UnitsRecorded',
  'ReportingModeChosen',
];

export const loopGuard: Guard = {
  on: ON,
  check({ own, beside, views, supposing, settled }) {
    const choices = own.filter(isChoice);
    if (!usesPositionCodes(views) && choices.length === 0 && !beside.some(isChoice)) return undefined;
    if (!beside.some(({ type }) => type in EDGES) && own.every((event) => isJob(event) && nobodyBelow(views, event))) return undefined;
    if (own.every(({ type }) => type in CLOSES_NOTHING)) return undefined;
    // By more jobs there are only more ways: without any knot, none of them closes a loop without the others either.
    if (choices.length > 0 || beside.some(({ type }) => type !== 'AssignmentStarted')) settled();
    // A choice concerns so many that it is looked at with pauses.
    if (choices.length > 0) return lookAt(views, choices);
    const before = supposing('beside', (now) => traces(now, own));
    const found = supposing('all', (then) => {
      const starts = startsFrom(traces(then, own), before);
      if (finished(knotsAbove(then, starts)).jobs.length === 0) return [];
      settled();
      return finished(loopsAbove(then, starts));
    });
    const closed = found.length > 0 && supposing('beside', (now) => found.find((loop) => !wasThere(now, loop)));
    if (closed) refuseLoop(closed);
    return undefined;
  },
};

function* lookAt(views: Views, choices: readonly ReportingModesEvent[]): Generator<void, void> {
  for (const { unit = WHOLE_SITE, mode, effective } of choices) {
    const [loop] = yield* loopsAfter(views, { unit, mode }, effective);
    if (loop) refuseLoop(loop);
  }
}

/** By these somebody comes to be below another without any event of his own. */
const EDGES = { ManagersAssigned: true, PositionsRecorded: true };
/** Less of anything closes nothing. */
const CLOSES_NOTHING = { ManagersEnded: true };

/** Where loops may be that an event closes. */
interface Trace extends Starts {
  /** What the event makes of modes and types, where it may change nothing else: as it was before, it closes nothing. */
  readonly said?: string;
}

function traces(views: Views, events: readonly Typed[]): readonly Trace[] {
  return events.map((event) => traceOf(views, event as HierarchyEvent));
}

export function traceOf(views: Views, event: HierarchyEvent): Trace {
  switch (event.type) {
    case 'ManagersAssigned':
      return { jobs: event.links.filter(counts).map(({ assignment }) => assignment), seats: [] };
    case 'AssignmentStarted':
    case 'AssignmentChanged':
    case 'AssignmentEnded':
      return placesOf(views, [event.assignment]);
    case 'PersonDeactivated':
    case 'PersonReactivated':
      return placesOf(views, idsOf(views, 'select id from assignments where person = ?', event.person));
    case 'PositionsRecorded':
      return { jobs: [], seats: event.positions.map(({ id }) => id) };
    case 'PositionTypesRecorded': {
      const types = event.types.map(({ id }) => id);
      const said = types.map((id) => positionTypeOf(views, id)?.aspirational === true).join();
      return { said, ...placesOf(views, idsOf(views, JOBS_OF_TYPES, JSON.stringify(types))) };
    }
    case 'UnitsRecorded': {
      const units = event.units.map(({ id }) => id);
      return { said: modesOf(views, units), jobs: idsOf(views, JOBS_OF_UNITS, JSON.stringify(units)), seats: [] };
    }
    // Nobody is where a unit or a position has ended; and what a choice may close is looked for everywhere.
    case 'ManagersEnded':
    case 'UnitsEnded':
    case 'PositionsEnded':
    case 'ReportingModeChosen':
    case 'PersonRegistered':
    case 'PersonDetailsChanged':
      return { jobs: [], seats: [] };
  }
}

const JOBS_OF_TYPES = 'select id from assignments where position_type in (select value from json_each(?))';
/** Jobs in the units and in all that were ever below them, also of those who are there by their position alone. */
const JOBS_OF_UNITS = `
  with recursive inside(id) as (select value from json_each(?) union select u.id from inside i join units u on u.parent = i.id)
  select id from assignments where unit in (select id from inside)
    or position in (select p.id from positions p where p.unit in (select id from inside))`;

/** Of what each event leads to, before and after it. */
function startsFrom(after: readonly Trace[], before: readonly Trace[] = []): Starts {
  const some = after.filter(({ said }, at) => said === undefined || said !== before[at]?.said);
  return { jobs: [...new Set(some.flatMap(({ jobs }) => jobs))], seats: [...new Set(some.flatMap(({ seats }) => seats))] };
}

/** Jobs with the seats that they have taken or left: whoever is below a vacant one reports further up. */
function placesOf(views: Views, jobs: readonly string[]): Starts {
  return { jobs, seats: jobs.flatMap((id) => idsOf(views, SEATS_OF_JOB, id)) };
}

const SEATS_OF_JOB = `
  select position as id from assignments where id = ?1 and position is not null
  union select position from assignments_past where id = ?1 and position is not null`;

/** The modes of units on every day on which any may become another. */
function modesOf(views: Views, units: readonly string[]): string {
  const days = views.all<{ day: string }>('select valid_from as day from reporting_modes union select valid_from from units order by 1');
  return days.map(({ day }) => units.map((unit) => ReportingLines.on(views, day).modeIn(unit).mode).join()).join(';');
}

/** The jobs at the ends of what might be a loop lie below somebody. Most have nobody below them, and can be in none. */
function nobodyBelow(views: Views, { person, ...event }: JobEvent): boolean {
  if (idsOf(views, 'select 1 as id from manager_links where manager = ? limit 1', person).length > 0) return false;
  const { position: known } = assignmentOf(views, event.assignment) ?? {};
  return [known, 'position' in event ? event.position : undefined].every(
    (position) => position === undefined || idsOf(views, 'select 1 as id from positions where superior = ? limit 1', position).length === 0,
  );
}

function isJob(event: Typed): event is JobEvent {
  const { type } = event;
  return type === 'AssignmentStarted' || type === 'AssignmentChanged' || type === 'AssignmentEnded';
}

function isChoice(event: Typed): event is ReportingModesEvent {
  return event.type === 'ReportingModeChosen';
}

function idsOf(views: Views, sql: string, value: string): readonly string[] {
  return views.all<{ id: string }>(sql, value).map(({ id }) => id);
}

/** For work that pauses where nothing can. */
export function finished<Result>(work: Generator<void, Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

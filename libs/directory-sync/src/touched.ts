// What an import touched, and whether anybody else has touched it since: read off the log.
import { partsOf, type EventLog, type Recorded, type Typed } from '@app/kernel';
import type { PersonEvent, PositionTreeEvent, ReportingEvent, UnitTreeEvent } from '@app/organisation';
import type { Pause } from './piecewise';

/** One thing that can be put back alone. */
export interface Touched {
  readonly of: 'unit' | 'position' | 'details' | 'activity' | 'assignment' | 'managers';
  readonly id: string;
  /** Whose it is, where it is a person's. */
  readonly person: string;
  /** Position of the first event that the import wrote about it: what is before is what it was. */
  readonly first: number;
  /** Who changed it since, when somebody did. */
  readonly since?: string;
}
type OrganisationEvent = PersonEvent | ReportingEvent | UnitTreeEvent | PositionTreeEvent;

/** An event may hold hundreds of links, and whoever reads a page keeps everybody else waiting. */
export const PAGE_EVENTS = 50;
const TREES = ['unitTree', 'positionTree'];

/** Everything that the import `id` touched since the position; what the undo `own` has written is not somebody else's. */
export async function touchedBy(
  { log, pause }: { readonly log: EventLog; readonly pause: Pause },
  { id, since, own }: { readonly id: string; readonly since: number; readonly own: string },
): Promise<readonly Touched[]> {
  const touched = new Map<string, Touched>();
  for (let after = since; ;) {
    const page = await log.readAll({ after, max: PAGE_EVENTS });
    if (page.length === 0) break;
    for (const recorded of page) {
      const { command, actor } = recorded.meta;
      if (command.startsWith(`${own}/apply/`)) continue;
      const mine = command.startsWith(`${id}/apply/`);
      for (const { of, id: thing, person } of thingsIn(recorded)) {
        const key = `${of} ${thing}`;
        const known = touched.get(key);
        if (mine && !known) touched.set(key, { of, id: thing, person, first: recorded.position });
        else if (!mine && known && known.since === undefined) touched.set(key, { ...known, since: actor });
      }
    }
    after = page.at(-1)!.position;
    await pause();
  }
  return [...touched.values()];
}

function thingsIn({ stream, event }: Recorded<Typed>): readonly Pick<Touched, 'of' | 'id' | 'person'>[] {
  const { decider } = partsOf(stream);
  if (decider !== 'person' && decider !== 'reporting' && !TREES.includes(decider)) return [];
  const known = event as OrganisationEvent;
  switch (known.type) {
    case 'PersonRegistered':
      return [
        { of: 'details', id: known.person, person: known.person },
        { of: 'activity', id: known.person, person: known.person },
      ];
    case 'PersonDetailsChanged':
      return [{ of: 'details', id: known.person, person: known.person }];
    case 'PersonDeactivated':
    case 'PersonReactivated':
      return [{ of: 'activity', id: known.person, person: known.person }];
    case 'AssignmentStarted':
    case 'AssignmentChanged':
    case 'AssignmentEnded':
      return [{ of: 'assignment', id: known.assignment, person: known.person }];
    case 'ManagersAssigned':
      return known.links.map(({ assignment, person }) => ({ of: 'managers', id: assignment, person }));
    case 'ManagersEnded':
      // The id of a link begins with its assignment, which holds no slash.
      return known.links.map(({ id }) => ({ of: 'managers', id: id.slice(0, id.indexOf('/')), person: '' }));
    case 'UnitsRecorded':
    case 'UnitsEnded':
      return known.units.map(({ id }) => ({ of: 'unit', id, person: '' }));
    case 'PositionsRecorded':
    case 'PositionsEnded':
      return known.positions.map(({ id }) => ({ of: 'position', id, person: '' }));
  }
}

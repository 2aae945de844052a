// Nobody has a job in a unit or at a position after its end, and no position is in such a unit: jobs are streams of their own.
import { reject, type Guard, type Typed, type Views } from '@app/kernel';
import type { PersonEvent } from './person';
import type { PositionTreeEvent } from './position-tree';
import { endOf } from './structure-queries';
import type { UnitTreeEvent } from './unit-tree';

type PlaceEvent = PersonEvent | PositionTreeEvent | UnitTreeEvent;
type Tree = 'units' | 'positions';

/** More are not named: whoever mends these asks again. */
const NAMED_MAX = 10;

export const placeGuard: Guard = {
  on: ['UnitsEnded', 'PositionsEnded', 'PositionsRecorded', 'AssignmentStarted', 'AssignmentChanged', 'AssignmentEnded'],
  check({ own, beside, views, supposing, settled }) {
    // Where nothing has ever ended nobody can be in the way of an end.
    const ends = [...own, ...beside].some(({ type }) => type in ENDS);
    if (!ends && !anyEnded(views)) return undefined;
    // Jobs of others are in nobody's way but that of an end.
    if (own.some(({ type }) => type in ENDS) || beside.some(({ type }) => type in PLACES)) settled();
    supposing('all', (then) => own.forEach((event) => requirePlaces(then, event as PlaceEvent)));
    return undefined;
  },
};

const ENDS = { UnitsEnded: true, PositionsEnded: true };
/** By these a place ends, or is there again. */
const PLACES = { ...ENDS, UnitsRecorded: true, PositionsRecorded: true };

interface Used {
  readonly of: 'unit' | 'position';
  readonly id: string;
  readonly to: string;
  readonly assignments: readonly string[];
  readonly positions: readonly string[];
}

function requirePlaces(then: Views, event: PlaceEvent): void {
  const used = usedAfter(then, event);
  if (!used) return;
  const { of, id, to, assignments, positions } = used;
  const detail = `${of} ${id} ends on ${to}, and ${[...assignments, ...positions].join(', ')} would be there after it`;
  reject('conflict', of === 'unit' ? 'unit-in-use' : 'position-in-use', { id, to, assignments, positions, detail });
}

/** What is in a place after its end: by an end, all that is there; by anything else, this alone. */
function usedAfter(views: Views, event: Typed): Used | undefined {
  const told = event as PlaceEvent;
  switch (told.type) {
    case 'UnitsEnded':
      return first(told.units, ({ id }) => usedOf(views, 'units', id));
    case 'PositionsEnded':
      return first(told.positions, ({ id }) => usedOf(views, 'positions', id));
    case 'PositionsRecorded':
      return first(told.positions, ({ id, unit }) => (unit === undefined ? undefined : usedOf(views, 'units', unit, id)));
    case 'AssignmentStarted':
    case 'AssignmentChanged':
    case 'AssignmentEnded': {
      const job = views.get<{ unit: string | null; position: string | null }>(
        'select unit, position from assignments where id = ?',
        told.assignment,
      );
      const inUnit = job?.unit == null ? undefined : usedOf(views, 'units', job.unit, told.assignment);
      return inUnit ?? (job?.position == null ? undefined : usedOf(views, 'positions', job.position, told.assignment));
    }
    default:
      return undefined;
  }
}

/** Those in the place after its end; only one of them where it is named. */
function usedOf(views: Views, tree: Tree, id: string, only = ''): Used | undefined {
  const to = endOf(views, tree, id);
  if (to === undefined) return undefined;
  const assignments = idsOf(views, tree === 'units' ? JOBS_IN : JOBS_AT, { id, to, only });
  const positions = tree === 'units' ? idsOf(views, POSITIONS_IN, { id, to, only }) : [];
  if (assignments.length + positions.length === 0) return undefined;
  return { of: tree === 'units' ? 'unit' : 'position', id, to, assignments, positions };
}

const JOBS = (where: string) => `
  select id from assignments where ${where} = ?1 and (valid_to is null or (valid_to > ?2 and valid_to > valid_from))
    and (?3 = '' or id = ?3) order by id limit ${NAMED_MAX}`;
const JOBS_IN = JOBS('unit');
const JOBS_AT = JOBS('position');
/** In the unit on a day after the end: the version that holds on it, or a later one. */
const POSITIONS_IN = `
  select distinct id from positions n where unit = ?1 and (?3 = '' or id = ?3) and not exists (
    select 1 from positions v where v.id = n.id and v.valid_from > n.valid_from and v.valid_from <= ?2)
  order by id limit ${NAMED_MAX}`;

function idsOf(views: Views, sql: string, { id, to, only }: { id: string; to: string; only: string }): readonly string[] {
  return views.all<{ id: string }>(sql, id, to, only).map((row) => row.id);
}

function anyEnded(views: Views): boolean {
  const sql = 'select 1 as yes from units where ended = 1 union all select 1 from positions where ended = 1 limit 1';
  return views.get(sql) !== undefined;
}

function first<Item>(items: readonly Item[], find: (item: Item) => Used | undefined): Used | undefined {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return undefined;
}

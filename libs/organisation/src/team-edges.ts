// Who is directly below a manager, and directly above an assignment: the edges of which teams are made.
import { inEffect } from './interval';
import { positionsBelow } from './managed';
import type { ReportingLines } from './reporting-line';

/** An assignment directly below a manager; the manager in which of his, where a link names it. */
export interface Below {
  readonly assignment: string;
  readonly person: string;
  readonly managerAssignment: string | null;
}
export interface Above {
  readonly manager: string;
  readonly managerAssignment: string | null;
}

/** Direct links in effect, of assignments in effect. For one responsibility an assignment has one. */
const HELD = 'e.valid_from <= ?2 and (e.valid_to is null or e.valid_to > ?2)';
const EDGE = `
  l.kind = 'direct' and l.responsibilities & ?1 and l.valid_from <= ?2 and (l.valid_to is null or l.valid_to > ?2)
  and exists (select 1 from assignments e where e.id = l.assignment and ${HELD})`;
const LINKED = `
  select l.assignment, l.person, l.manager_assignment as managerAssignment, 1 as linked from manager_links l
  where l.manager = ?3 and l.assignment > ?4 and ${EDGE}`;
const BELOW = `${LINKED} order by l.assignment limit +?5`;
/** An assignment may be below a manager by link and by seat; which of them counts is for its mode to say. */
const BELOW_BOTH = `
  select assignment, person, max(managerAssignment) as managerAssignment, max(linked) as linked, max(seat) as seat
  from (select *, 0 as seat from (${LINKED}) union all
    select e.id, e.person, null, 0, 1 from assignments e
    where e.position in (select value from json_each(?6)) and e.id > ?4 and ${HELD})
  group by assignment order by assignment limit +?5`;
const ABOVE = `
  select l.manager, l.manager_assignment as managerAssignment from manager_links l where l.assignment = ?3 and ${EDGE}`;

export class TeamEdges {
  constructor(
    readonly lines: ReportingLines,
    private readonly mask: number,
  ) {}

  /** By assignment, after the one that is named; `most` are read at a time. */
  *below(manager: string, after: string, most: number): Generator<Below> {
    const { mask } = this;
    const { views, on } = this.lines.day;
    const seats = this.lines.onlyPersons ? undefined : JSON.stringify(this.positionsBelow(manager));
    for (let last = after, full = true; full;) {
      const rows =
        seats === undefined
          ? views.all<BelowRow>(BELOW, mask, on, manager, last, most)
          : views.all<BelowRow>(BELOW_BOTH, mask, on, manager, last, most, seats);
      yield* seats === undefined ? rows : rows.filter((row) => this.answers(row));
      full = rows.length === most;
      last = rows.at(-1)?.assignment ?? last;
    }
  }

  above(assignment: string): readonly Above[] {
    const { lines, mask } = this;
    const { views, on } = lines.day;
    if (lines.modeOf(assignment).mode === 'person-to-person') return views.all<Above>(ABOVE, mask, on, assignment);
    if (!inEffect(lines.day.assignment(assignment)!, on)) return [];
    return lines.lineOf(assignment).links.map(({ manager, managerAssignment = null }) => ({ manager, managerAssignment }));
  }

  /** Positions to which one of the manager's seats is the nearest above that somebody holds. */
  private positionsBelow(manager: string): readonly string[] {
    const { day } = this.lines;
    const holds = (position: string) => day.holdersOf(position).some(({ person }) => person === manager);
    const seats = new Set(day.heldBy(manager).flatMap(({ position }) => (position !== undefined && holds(position) ? [position] : [])));
    return positionsBelow(this.lines, [...seats]);
  }

  /** Whether the mode of the assignment is one by which it was found. */
  private answers({ assignment, linked, seat }: BelowRow): boolean {
    const { day } = this.lines;
    if (this.lines.modeOf(assignment).mode === 'person-to-person') return linked === 1;
    return seat === 1 && !day.isAspiration(day.assignment(assignment)!.positionType);
  }
}

interface BelowRow extends Below {
  readonly linked: number;
  readonly seat: number;
}

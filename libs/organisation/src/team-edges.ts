// Who is directly below a manager, and directly above an assignment: the edges of which teams are made.
import { activeSql, ask } from './hierarchy-queries';
import { inEffect, present } from './interval';
import { positionsBelow } from './managed';
import type { ReportingLines } from './reporting-line';

/** What is shown of an assignment in a team. */
export interface Shown {
  /** Of whoever has an active account on the day. */
  readonly name: string | null;
  readonly title: string | null;
  readonly unit: string | null;
  readonly position: string | null;
}
/** An assignment directly below a manager; the manager in which of his, where a link names it. */
export interface Below extends Shown {
  readonly assignment: string;
  readonly person: string;
  readonly managerAssignment: string | null;
  /** 0 where nobody can be below the person. */
  readonly manages: 0 | 1;
}
export interface Above {
  readonly manager: string;
  readonly managerAssignment: string | null;
}

// What belongs to a row is looked up inside it: a join of what was known earlier would ask for each half of one table with each of the other.
const SHOWN = `
  (select p.given_name || ' ' || p.family_name from people p where p.id = a.person and ${activeSql('?2')}) as name,
  a.title, a.unit, a.position, a.position_type as positionType`;
const SHOWN_OF = `select ${SHOWN} from assignments a where a.id = ?1`;
/** Direct links in effect, of assignments in effect. For one responsibility an assignment has one. */
const HELD = 'a.valid_from <= ?2 and (a.valid_to is null or a.valid_to > ?2)';
const LINK = "l.kind = 'direct' and l.responsibilities & ?1 and l.valid_from <= ?2 and (l.valid_to is null or l.valid_to > ?2)";
/** Links to the manager in another of his assignments are left out where one is named. */
const TO_MANAGER = `
  l.manager = ?3 and l.assignment > ?4 and ${LINK} and (l.manager_assignment is null or ?6 is null or l.manager_assignment = ?6)`;
const LINKED_TO = 'exists (select 1 from manager_links b where b.manager = a.person)';
const BELOW = `
  select l.assignment, l.person, l.manager_assignment as managerAssignment, ${LINKED_TO} as manages, ${SHOWN}
  from manager_links l cross join assignments a on a.id = l.assignment where ${TO_MANAGER} and ${HELD} order by l.assignment limit +?5`;
/** An assignment may be below a manager by link and by seat; which of them counts is for its mode to say. Where only seats do, ?8 is 0. */
const BELOW_BOTH = `
  select e.assignment, a.person, e.managerAssignment, e.linked, e.seat, ${SHOWN},
    ?8 and ${LINKED_TO} or exists (
      select 1 from assignments o where o.person = a.person and exists (select 1 from positions n where n.superior = o.position)) as manages
  from (
    select assignment, max(managerAssignment) as managerAssignment, max(linked) as linked, max(seat) as seat from (
      select l.assignment, l.manager_assignment as managerAssignment, 1 as linked, 0 as seat from manager_links l where ?8 and ${TO_MANAGER}
      union all
      select s.id, null, 0, 1 from assignments s where s.position in (select value from json_each(?7)) and s.id > ?4)
    group by assignment) e
  cross join assignments a on a.id = e.assignment where ${HELD} order by e.assignment limit +?5`;
const ABOVE = `
  select l.manager, l.manager_assignment as managerAssignment from manager_links l
  where l.assignment = ?3 and ${LINK} and exists (select 1 from assignments a where a.id = l.assignment and ${HELD})`;

export class TeamEdges {
  constructor(
    readonly lines: ReportingLines,
    private readonly mask: number,
  ) {}

  /**
   * By assignment, after the one that is named; `most` are read at a time. Where one of the manager's assignments is named,
   * whoever is linked to another one is left out.
   */
  *below(manager: string, { after, most, to }: { after: string; most: number; to?: string | undefined }): Generator<Below> {
    const { mask } = this;
    const { views, on } = this.lines.day;
    const seats = this.lines.onlyPersons ? [] : [JSON.stringify(this.positionsBelow(manager, to)), this.lines.onlySeats ? 0 : 1];
    for (let last = after, full = true; full;) {
      const sql = seats.length === 0 ? BELOW : BELOW_BOTH;
      const rows = views.all<BelowRow>(sql, mask, on, manager, last, most, to ?? null, ...seats);
      yield* seats.length === 0 ? rows : rows.filter((row) => this.answers(row));
      full = rows.length === most;
      last = rows.at(-1)?.assignment ?? last;
    }
  }

  above(assignment: string): readonly Above[] {
    const { lines, mask } = this;
    const { views, on } = lines.day;
    if (lines.modeOf(assignment).mode === 'person-to-person') return ask<Above>(views, ABOVE, mask, on, assignment);
    if (!inEffect(lines.day.assignment(assignment)!, on)) return [];
    return lines.lineOf(assignment).links.map(({ manager, managerAssignment = null }) => ({ manager, managerAssignment }));
  }

  shown(assignment: string): Shown {
    const { views, on } = this.lines.day;
    return views.get<Shown>(SHOWN_OF, assignment, on)!;
  }

  /** Positions to which one of the manager's seats, or that of one of his assignments, is the nearest above that somebody holds. */
  private positionsBelow(manager: string, to: string | undefined): readonly string[] {
    const { day } = this.lines;
    // Of two jobs with one position, one may only aim at it.
    const holds = (job: string, position: string) => day.holdersOf(position).some(({ id }) => id === job);
    const held = day.heldBy(manager).filter(({ id }) => to === undefined || id === to);
    const seats = new Set(held.flatMap(({ id, position }) => (position !== undefined && holds(id, position) ? [position] : [])));
    return positionsBelow(this.lines, [...seats]);
  }

  /** Whether the mode of the assignment is one by which it was found. */
  private answers({ positionType, unit, position, linked, seat }: BelowRow): boolean {
    if (this.lines.modeOfJob(present({ unit: unit ?? undefined, position: position ?? undefined })).mode === 'person-to-person')
      return linked === 1;
    return seat === 1 && !this.lines.day.isAspiration(positionType);
  }
}

interface BelowRow extends Below {
  readonly positionType: string;
  readonly linked: number;
  readonly seat: number;
}

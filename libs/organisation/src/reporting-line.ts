// The line above an assignment, as the reporting mode of its unit says: the holders of the seat above, or the managers it is linked to.
import type { Views } from '@app/kernel';
import { Day } from './day';
import type { Assignment } from './hierarchy-queries';
import { present } from './interval';
import { RESPONSIBILITIES, type ManagerLink, type Responsibility } from './manager-link';
import { MODE_BY_DEFAULT, WHOLE_SITE, type ModeChoice, type ReportingMode } from './reporting-modes';

/** More levels than any organisation has. */
export const LEVELS_MAX = 20;

/** A recorded link, or one that follows from the seat above; a seat is managed by whoever holds it that day (O13). */
export interface LineLink extends ManagerLink {
  readonly position?: string;
}
/** A mode, and the unit whose choice it is; absent where nobody chose. */
export interface Chosen {
  readonly mode: ReportingMode;
  readonly unit?: string;
}
/** Who is one level above an assignment on the day. */
export interface Line {
  readonly chosen: Chosen;
  readonly links: readonly LineLink[];
  /** Seats between that nobody holds (E36). */
  readonly vacant: readonly string[];
}
/** A choice that is only supposed, over those that are recorded. */
export interface Supposed {
  /** '' for the whole site. */
  readonly unit: string;
  readonly mode: ModeChoice;
}

export class ReportingLines {
  private readonly modes = new Map<string, Chosen>();
  private readonly seats = new Map<string, Seat>();

  constructor(
    readonly day: Day,
    private readonly supposed?: Supposed,
  ) {}

  static on(views: Views, on: string): ReportingLines {
    return new ReportingLines(new Day(views, on));
  }

  /** Whether every line is one of links, as recorded. */
  get onlyPersons(): boolean {
    return this.supposed === undefined && !this.day.usesPositionCodes();
  }

  /** Whether every line is one of seats, as recorded. */
  get onlySeats(): boolean {
    return this.supposed === undefined && this.day.choiceOf(WHOLE_SITE) === 'position-code' && !this.day.choosesPersons();
  }

  lineOf(assignment: string): Line {
    const chosen = this.modeOf(assignment);
    return chosen.mode === 'position-code' ? this.positionLine(assignment, chosen) : this.personLine(assignment, chosen);
  }

  /** Who holds the seat above a position: the one that the assignment has, or had, whichever hierarchy answers for it. */
  seatLinks({ id, person }: Pick<Assignment, 'id' | 'person'>, position: string): readonly LineLink[] {
    const { position: above } = this.seatAbove(position);
    const holders = above === undefined ? [] : this.day.holdersOf(above);
    return holders.map((holder) => seatLink({ assignment: id, person }, holder));
  }

  /** An assignment answers by the mode of its unit; one without belongs where its position does. */
  modeOf(assignment: string): Chosen {
    if (this.onlyPersons) return { mode: MODE_BY_DEFAULT };
    const job = this.day.assignment(assignment);
    return job ? this.modeOfJob(job) : { mode: MODE_BY_DEFAULT };
  }

  modeOfJob({ unit, position }: Pick<Assignment, 'unit' | 'position'>): Chosen {
    return this.modeIn(unit ?? (position === undefined ? undefined : this.day.position(position)?.unit));
  }

  /** The mode of a unit: its own choice, or that of the nearest unit above which has made one, or the site's. */
  modeIn(unit = WHOLE_SITE): Chosen {
    const known = this.modes.get(unit);
    if (known) return known;
    const own = this.supposed?.unit === unit ? this.supposed.mode : this.day.choiceOf(unit);
    const chosen = own !== undefined && own !== 'inherit' ? { mode: own, unit } : this.inherited(unit);
    this.modes.set(unit, chosen);
    return chosen;
  }

  /** The assignments one level up: the one that a link names, or all that the manager holds on the day. */
  above(links: readonly ManagerLink[]): readonly string[] {
    const above = links.flatMap(({ manager, managerAssignment }) =>
      managerAssignment === undefined ? this.day.heldBy(manager).map(({ id }) => id) : [managerAssignment],
    );
    return [...new Set(above)];
  }

  /** Whether the manager stands anywhere above the person, by direct or temporary links for any responsibility. */
  reportsTo(person: string, manager: string): boolean {
    return this.isAbove(
      () => this.day.heldBy(person).map(({ id }) => id),
      manager,
      () => true,
    );
  }

  /** Whether the manager stands anywhere above the assignment, by direct or temporary links for the responsibility. */
  answersTo(assignment: string, manager: string, responsibility: Responsibility): boolean {
    return this.isAbove(
      () => [assignment],
      manager,
      ({ responsibilities }) => responsibilities.includes(responsibility),
    );
  }

  private isAbove(lowest: () => readonly string[], manager: string, counts: (link: LineLink) => boolean): boolean {
    // Most people manage nobody, and this is asked for every approver of every request.
    if (!(this.onlyPersons ? this.day.isLinkedTo(manager) : this.day.mayManage(manager))) return false;
    const seen = new Set<string>();
    let assignments = lowest();
    for (let level = 0; level < LEVELS_MAX && assignments.length > 0; level++) {
      for (const assignment of assignments) seen.add(assignment);
      const links = assignments
        .flatMap((assignment) => this.lineOf(assignment).links)
        .filter((link) => link.kind !== 'alternate' && counts(link));
      if (links.some((link) => link.manager === manager)) return true;
      assignments = this.above(links).filter((assignment) => !seen.has(assignment));
    }
    return false;
  }

  /** The nearest seat above a position that somebody holds, and those on the way that nobody does. */
  seatAbove(position: string): Seat {
    const known = this.seats.get(position);
    if (known) return known;
    const vacant: string[] = [];
    let above = this.day.position(position)?.superior;
    while (above !== undefined && this.day.holdersOf(above).length === 0) {
      vacant.push(above);
      above = this.day.position(above)?.superior;
    }
    const seat = present({ position: above, vacant });
    this.seats.set(position, seat);
    return seat;
  }

  private inherited(unit: string): Chosen {
    if (unit === WHOLE_SITE) return { mode: MODE_BY_DEFAULT };
    return this.modeIn(this.day.parentOf(unit));
  }

  private personLine(assignment: string, chosen: Chosen): Line {
    return { chosen, links: this.day.linksOf(assignment), vacant: [] };
  }

  /** Whoever only aims at a position has nobody above him by it. */
  private positionLine(assignment: string, chosen: Chosen): Line {
    const job = this.day.assignment(assignment);
    if (job?.position === undefined || this.day.isAspiration(job.positionType)) return { chosen, links: [], vacant: [] };
    return { chosen, links: this.seatLinks(job, job.position), vacant: this.seatAbove(job.position).vacant };
  }
}

export interface Seat {
  readonly position?: string;
  readonly vacant: readonly string[];
}

/** Whether the manager stands anywhere above the person on the day. */
export function reportsTo(views: Views, { person, manager, asOf }: { person: string; manager: string; asOf: string }): boolean {
  return ReportingLines.on(views, asOf).reportsTo(person, manager);
}

/** All who hold a seat are direct managers of those below it, for everything: any of them may decide (E37). */
function seatLink(below: { readonly assignment: string; readonly person: string }, holder: Assignment): LineLink {
  return present({
    ...below,
    id: `${below.assignment}/position/${holder.id}`,
    manager: holder.person,
    managerAssignment: holder.id,
    kind: 'direct',
    responsibilities: RESPONSIBILITIES,
    from: holder.from,
    to: holder.to,
    position: holder.position,
  });
}

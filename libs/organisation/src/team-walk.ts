// A team from the top down, a page at a time: no page costs more than its own members, however large the team is.
import type { Cell, Views } from '@app/kernel';

/** An assignment and whose report it is. */
export interface Report {
  readonly assignment: string;
  readonly person: string;
  readonly manager: string;
  /** 1 for a direct report. */
  readonly depth: number;
}

/** The edges that make a team: direct links in effect, of assignments in effect. For one responsibility an assignment has one. */
const EDGE = `
  l.kind = 'direct' and l.responsibilities & ?1 and l.valid_from <= ?2 and (l.valid_to is null or l.valid_to > ?2)
  and exists (select 1 from assignments e where e.id = l.assignment and e.valid_from <= ?2 and (e.valid_to is null or e.valid_to > ?2))`;
const BELOW = `
  select l.assignment, l.person, l.manager_assignment as managerAssignment from manager_links l
  where l.manager = ?3 and l.assignment > ?4 and ${EDGE} order by l.assignment limit +?5`;
const ABOVE = `
  select l.person, l.manager, l.manager_assignment as managerAssignment from manager_links l where l.assignment = ?3 and ${EDGE}`;
const HELD = `
  select a.id from assignments a
  where a.person = ?1 and a.valid_from <= ?2 and (a.valid_to is null or a.valid_to > ?2) order by a.id`;

/**
 * A link to a person goes on from each of the manager's assignments, a link to an assignment from that one only. Whoever
 * is below several assignments of one manager is shown once, below the nearest to the top.
 */
export class TeamWalk {
  private readonly depths = new Map<string, number | undefined>();

  constructor(
    private readonly views: Views,
    private readonly question: { readonly root: string; readonly mask: number; readonly on: string },
  ) {}

  /**
   * Those who report to the root, each before those below him, after the assignment that is named.
   * @param most how many will be wanted, so that of many direct reports only so many are read
   */
  *reports({
    after,
    deep,
    only,
    most,
  }: {
    after?: string | undefined;
    deep: boolean;
    only?: string | undefined;
    most: number;
  }): Generator<Report> {
    const { root } = this.question;
    if (only !== undefined && only !== root) {
      for (const { assignment, person } of this.below(only, after ?? '', most)) {
        const depth = this.depthOf(assignment);
        if (depth !== undefined) yield { assignment, person, manager: only, depth };
      }
      return;
    }
    const path = after === undefined ? [] : this.pathTo(after);
    // Whoever is in the team no more ends it; a page that is known at the position of the first never meets him.
    if (path) yield* this.from({ person: root, depth: 0 }, path, { deep: deep && only === undefined, most });
  }

  /** A person's assignments in the team, each with its way from the top: by these the walk goes, the upper before the lower. */
  places(person: string): readonly { readonly report: Report; readonly path: readonly string[] }[] {
    return this.views.all<{ id: string }>(HELD, person, this.question.on).flatMap(({ id: assignment }) => {
      const path = this.pathTo(assignment);
      const above = this.above(assignment);
      return path && above ? [{ report: { assignment, person, manager: above.manager, depth: path.length }, path }] : [];
    });
  }

  private *from(
    above: { readonly person: string; readonly assignment?: string; readonly depth: number },
    [first = '', ...rest]: readonly string[],
    how: { readonly deep: boolean; readonly most: number },
  ): Generator<Report> {
    const depth = above.depth + 1;
    if (first !== '' && how.deep) yield* this.from({ person: this.above(first)!.person, assignment: first, depth }, rest, how);
    for (const { assignment, person, managerAssignment } of this.below(above.person, first, how.most)) {
      if (above.assignment !== undefined && (managerAssignment ?? this.nearest(above.person)) !== above.assignment) continue;
      yield { assignment, person, manager: above.person, depth };
      // The root's own reports were all told at the top.
      if (how.deep && person !== this.question.root) yield* this.from({ person, assignment, depth }, [], how);
    }
  }

  private *below(manager: string, after: string, most: number): Generator<BelowRow> {
    const { mask, on } = this.question;
    for (let last = after, full = true; full;) {
      const rows = this.views.all<BelowRow>(BELOW, mask, on, manager, last, most);
      yield* rows;
      full = rows.length === most;
      last = rows.at(-1)?.assignment ?? last;
    }
  }

  /** How far below the root an assignment is; nothing for one that is not. */
  private depthOf(assignment: string): number | undefined {
    if (this.depths.has(assignment)) return this.depths.get(assignment);
    this.depths.set(assignment, undefined);
    const upper = this.upper(assignment);
    const depth = upper === undefined ? undefined : upper === '' ? 1 : plusOne(this.depthOf(upper));
    this.depths.set(assignment, depth);
    return depth;
  }

  /** The assignment above, '' for the root itself; nothing where there is none in the team. */
  private upper(assignment: string): string | undefined {
    const above = this.above(assignment);
    if (!above) return undefined;
    if (above.manager === this.question.root) return '';
    return above.managerAssignment ?? this.nearest(above.manager);
  }

  /** That of a person's assignments which is nearest to the root. */
  private nearest(person: string): string | undefined {
    let found: { readonly id: string; readonly depth: number } | undefined;
    for (const { id } of this.views.all<{ id: string }>(HELD, person, this.question.on)) {
      const depth = this.depthOf(id);
      if (depth !== undefined && (!found || depth < found.depth)) found = { id, depth };
    }
    return found?.id;
  }

  /** The assignments from the top down to this one; nothing for one that is not in the team. */
  pathTo(assignment: string): readonly string[] | undefined {
    const path = [assignment];
    if (this.depthOf(assignment) === undefined) return undefined;
    for (let upper = this.upper(assignment)!; upper !== ''; upper = this.upper(upper)!) path.unshift(upper);
    return path;
  }

  private above(assignment: string): AboveRow | undefined {
    const { mask, on } = this.question;
    return this.views.get<AboveRow>(ABOVE, mask, on, assignment);
  }
}

function plusOne(depth: number | undefined): number | undefined {
  return depth === undefined ? undefined : depth + 1;
}

interface BelowRow extends Record<string, Cell> {
  readonly assignment: string;
  readonly person: string;
  readonly managerAssignment: string | null;
}
interface AboveRow extends Record<string, Cell> {
  readonly person: string;
  readonly manager: string;
  readonly managerAssignment: string | null;
}

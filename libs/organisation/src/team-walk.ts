// A team from the top down, a page at a time: no page costs more than its own members, however large the team is.
import type { Views } from '@app/kernel';
import { ReportingLines } from './reporting-line';
import { TeamEdges, type Above, type Shown } from './team-edges';

/** An assignment and whose report it is. */
export interface Report {
  readonly assignment: string;
  readonly person: string;
  readonly manager: string;
  /** 1 for a direct report. */
  readonly depth: number;
  readonly shown: Shown;
}

export interface TeamQuestion {
  readonly root: string;
  /** One of the root's assignments, when only those below it are asked for. */
  readonly by?: string | undefined;
  readonly mask: number;
  readonly on: string;
}

/** Stands for the root itself, which is a person and no assignment. */
const ROOT = '';

/**
 * A link to a person goes on from each of the manager's assignments, a link to an assignment from that one only, and a seat
 * from those of its holders. Whoever is below several assignments is shown once, below the nearest to the top.
 */
export class TeamWalk {
  private readonly depths = new Map<string, number | undefined>();
  private readonly edges: TeamEdges;

  constructor(
    views: Views,
    private readonly question: TeamQuestion,
  ) {
    this.edges = new TeamEdges(ReportingLines.on(views, question.on), question.mask);
  }

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
      for (const below of this.edges.below(only, { after: after ?? '', most })) {
        const depth = this.depthOf(below.assignment);
        if (depth !== undefined) yield { assignment: below.assignment, person: below.person, manager: only, depth, shown: below };
      }
      return;
    }
    const path = after === undefined ? [] : this.pathTo(after);
    // Whoever is in the team no more ends it; a page that is known at the position of the first never meets him.
    if (path) yield* this.from({ person: root, assignment: ROOT, depth: 0 }, path, { deep: deep && only === undefined, most });
  }

  /** A person's assignments in the team, each with its way from the top: by these the walk goes, the upper before the lower. */
  places(person: string): readonly { readonly report: Report; readonly path: readonly string[] }[] {
    return this.edges.lines.day.heldBy(person).flatMap(({ id: assignment }) => {
      const path = this.pathTo(assignment);
      if (!path) return [];
      const above = path.at(-2);
      const manager = above === undefined ? this.question.root : this.edges.lines.day.assignment(above)!.person;
      return [{ report: { assignment, person, manager, depth: path.length, shown: this.edges.shown(assignment) }, path }];
    });
  }

  private *from(
    above: { readonly person: string; readonly assignment: string; readonly depth: number },
    [first = '', ...rest]: readonly string[],
    how: { readonly deep: boolean; readonly most: number },
  ): Generator<Report> {
    const depth = above.depth + 1;
    if (first !== '' && how.deep) {
      yield* this.from({ person: this.edges.lines.day.assignment(first)!.person, assignment: first, depth }, rest, how);
    }
    const { root, by } = this.question;
    const to = above.assignment === ROOT ? by : above.assignment;
    for (const below of this.edges.below(above.person, { after: first, most: how.most, to })) {
      const { assignment, person, managerAssignment } = below;
      if (above.assignment !== ROOT && this.homeOf(assignment, { manager: above.person, managerAssignment }) !== above.assignment) continue;
      this.depths.set(assignment, depth);
      yield { assignment, person, manager: above.person, depth, shown: below };
      // The root's own reports were all told at the top, unless one of his assignments was asked about.
      if (how.deep && below.manages === 1 && (person !== root || by !== undefined))
        yield* this.from({ person, assignment, depth }, [], how);
    }
  }

  /** How far below the root an assignment is, over the shortest way; nothing for one that is not. */
  private depthOf(assignment: string): number | undefined {
    if (this.depths.has(assignment)) return this.depths.get(assignment);
    const met = new Set([assignment]);
    let found: number | undefined;
    for (let level = [assignment], climbed = 1; level.length > 0 && !(found !== undefined && found <= climbed); climbed++) {
      const next: string[] = [];
      for (const upper of level.flatMap((one) => this.uppers(this.edges.above(one)))) {
        if (upper === ROOT) found = least(found, climbed);
        else if (this.depths.has(upper)) found = least(found, plus(climbed, this.depths.get(upper)));
        else if (!met.has(upper)) next.push(upper);
        met.add(upper);
      }
      level = next;
    }
    this.depths.set(assignment, found);
    // Whatever is above one that is not in the team is not in it either.
    if (found === undefined) for (const one of met) if (!this.depths.has(one)) this.depths.set(one, undefined);
    return found;
  }

  /** The assignment under which one is shown, the root itself for direct reports; nothing for one that is not in the team. */
  private homeOf(assignment: string, edge?: Above): string | undefined {
    const edges = edge && this.edges.lines.modeOf(assignment).mode === 'person-to-person' ? [edge] : this.edges.above(assignment);
    let home: { readonly upper: string; readonly depth: number } | undefined;
    for (const upper of this.uppers(edges)) {
      const depth = upper === ROOT ? 0 : this.depthOf(upper);
      if (depth !== undefined && (!home || depth < home.depth)) home = { upper, depth };
    }
    return home?.upper;
  }

  /** The assignments to which edges lead. */
  private uppers(edges: readonly Above[]): readonly string[] {
    const { root, by } = this.question;
    return edges.flatMap(({ manager, managerAssignment }) => {
      if (manager === root && (by === undefined || managerAssignment === null || managerAssignment === by)) return [ROOT];
      return managerAssignment === null ? this.edges.lines.day.heldBy(manager).map(({ id }) => id) : [managerAssignment];
    });
  }

  /** The assignments from the top down to this one; nothing for one that is not in the team. */
  pathTo(assignment: string): readonly string[] | undefined {
    const path: string[] = [];
    for (let upper: string | undefined = assignment; upper !== ROOT; upper = this.homeOf(upper)) {
      if (upper === undefined) return undefined;
      path.unshift(upper);
    }
    return path;
  }
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one;
}

function plus(climbed: number, depth: number | undefined): number | undefined {
  return depth === undefined ? undefined : climbed + depth;
}

// My Team: everybody whose assignments a person manages on a day, over all of the person's own assignments or one of them (S1, S2, S9).
import type { Views } from '@app/kernel';
import { ask, type Page } from './hierarchy-queries';
import { present } from './interval';
import type { Responsibility } from './manager-link';
import { everWith, folded, holdsAll, onlyPeopleHave, wordsOf } from './people-search';
import { maskOf } from './responsibility-mask';
import { unitOf } from './structure-queries';
import { TeamWalk, type Report } from './team-walk';

/** One assignment of a person's team. */
export interface TeamMember {
  readonly person: string;
  readonly name: string;
  readonly assignment: string;
  readonly title?: string;
  readonly unit?: string;
  readonly position?: string;
  /** Whose report it is: the person asked about, or somebody below. */
  readonly manager: string;
  /** 1 for a direct report. */
  readonly depth: number;
}

export interface TeamQuery extends Page {
  readonly person: string;
  readonly scope: 'direct' | 'all';
  readonly asOf: string;
  readonly responsibility: Responsibility;
  /** Only those who are in the team by this one of the person's assignments; by all that are in effect without (S9). */
  readonly assignment?: string | undefined;
  /** Only those of the team who report to this person directly. */
  readonly reportsTo?: string | undefined;
  /** Only those in whose name, number, user name, e-mail address, title and unit all of these words are found. */
  readonly search?: string | undefined;
}

/** A page of a team; where more may follow, `next` is the `after` of the page that does. */
export interface TeamPage {
  readonly items: readonly TeamMember[];
  readonly next?: string;
}

/** A search looks at so many at a time: its pages may be short, but none makes others wait. */
const LOOKED_AT_MAX = 500;

/**
 * A page of the team, from the top down: after each member those below him. The pages fit together when all are asked as
 * known at one position.
 */
export function teamPage(views: Views, query: TeamQuery): TeamPage {
  const { person, assignment, asOf, responsibility, limit, search = '' } = query;
  const words = wordsOf(search);
  const walk = new TeamWalk(views, { root: person, by: assignment, mask: maskOf([responsibility]), on: asOf });
  const items: TeamMember[] = [];
  let looked = 0;
  let last: string | undefined;
  for (const report of sought(views, walk, query, words) ?? walked(walk, query)) {
    last = report.assignment;
    if (report.shown.name !== null && (words.length === 0 || holdsAll(textOf(views, report, asOf), words))) items.push(memberOf(report));
    const enough = words.length > 0 && ++looked === LOOKED_AT_MAX;
    if (items.length === limit || enough) return { items, next: last };
  }
  return { items };
}

/** The members of one page. */
export function team(views: Views, query: TeamQuery): readonly TeamMember[] {
  return teamPage(views, query).items;
}

function walked(walk: TeamWalk, { scope, after, limit, reportsTo, search }: TeamQuery): Iterable<Report> {
  const most = search === undefined ? limit : LOOKED_AT_MAX;
  return walk.reports({ after, deep: scope === 'all', only: reportsTo, most });
}

/** Where one word can only be a person's, and few have it, those are looked for in the team; nothing where it has to be walked. */
function sought(
  views: Views,
  walk: TeamWalk,
  { scope, after, reportsTo, search }: TeamQuery,
  words: readonly string[],
): readonly Report[] | undefined {
  if (search === undefined || scope === 'direct' || reportsTo !== undefined) return undefined;
  const people = everWith(views, onlyPeopleHave(views, words));
  if (!people) return undefined;
  const before = after === undefined ? [] : walk.pathTo(after);
  if (!before) return [];
  return people
    .flatMap((person) => walk.places(person))
    .filter(({ path }) => inOrder(before, path) < 0)
    .toSorted((one, other) => inOrder(one.path, other.path))
    .map(({ report }) => report);
}

/** As the walk goes: the upper before the lower, and those beside each other by their ids as the database orders them. */
function inOrder(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((id, step) => id !== other[step]);
  if (at < 0) return one.length - other.length;
  return other[at] === undefined ? 1 : Buffer.compare(Buffer.from(one[at]!), Buffer.from(other[at]));
}

function memberOf({ assignment, person, manager, depth, shown: { name, title, unit, position } }: Report): TeamMember {
  return present({
    person,
    name: name!.trim(),
    assignment,
    title: title ?? undefined,
    unit: unit ?? undefined,
    position: position ?? undefined,
    manager,
    depth,
  });
}

function textOf(views: Views, { person, shown: { title, unit } }: Report, asOf: string): string {
  const [{ sought } = { sought: '' }] = ask<{ sought: string }>(views, 'select sought from people where id = ?', person);
  const unitName = unit === null ? undefined : unitOf(views, unit, asOf)?.name;
  return [sought, ...[title, unit, unitName].map((text) => folded(text ?? ''))].join('\n');
}

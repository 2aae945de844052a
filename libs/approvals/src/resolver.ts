// Who is asked: the asking assignment's managers, then their managers, then the fallback approver. Pure reads, no writes.
import { assignmentsAbove, inEffect, isActive, LEVELS_MAX, linksOf, personOf, reportsTo, type ManagerLink } from '@app/organisation';
import type { Views } from '@app/kernel';
import type { Candidate, Skipped, Standing } from './approval-request';
import { fallbackApprover } from './approval-settings';

export interface Question {
  readonly requester: string;
  readonly beneficiary: string;
  /** The assignment in whose name the request is made. */
  readonly assignment: string;
  /** The day on which managers hold their links. */
  readonly on: string;
  /** People who decided this request before, and are not asked twice. */
  readonly decided?: readonly string[];
}
export interface Resolution {
  /** People able to decide now; empty when nobody is. */
  readonly slate: readonly Candidate[];
  readonly skipped: readonly Skipped[];
}

/** One level of the line: the assignments that were looked at, their links for approval, and the kinds of link that were asked. */
export interface Level {
  readonly assignments: readonly string[];
  readonly links: readonly ManagerLink[];
  readonly asked?: readonly ManagerLink['kind'][];
}
/** How a resolution came about. */
export interface Climb extends Resolution {
  readonly levels: readonly Level[];
  /** The fallback approver, where the line ended without anybody. */
  readonly fallback?: string | undefined;
}

/** The people who decide the first step, and who of those on the way to them cannot. */
export function resolve(views: Views, question: Question): Resolution {
  const { slate, skipped } = climb(views, question);
  return { slate, skipped };
}

/**
 * Up the line (E2, E15, E16, E17, A18): the temporary and the direct manager, any of whom may decide; where none can, the
 * alternates; where none can, the same one level up; at the top, the fallback approver.
 */
export function climb(views: Views, question: Question): Climb {
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  const fit = (person: string): boolean => {
    const because = whyNot(views, person, question);
    if (because && !seen.has(person)) skipped.push({ person, because });
    seen.add(person);
    return !because;
  };
  const levels: Level[] = [];
  let assignments: readonly string[] = [question.assignment];
  let stands: string | undefined;
  while (levels.length < LEVELS_MAX && assignments.length > 0) {
    const links = assignments.flatMap((assignment) => approversOf(views, assignment, question.on));
    for (const kinds of ORDER) {
      const slate = links.filter(({ kind, manager }) => kinds.includes(kind) && fit(manager)).map((link) => candidate(link, stands));
      if (slate.length > 0) return { slate: distinct(slate), skipped, levels: [...levels, { assignments, links, asked: kinds }] };
    }
    levels.push({ assignments, links });
    stands = (links.find(({ kind }) => kind === 'direct') ?? links[0])?.manager ?? stands;
    assignments = above(views, links, question.on);
  }
  // The site named this person for the case, so he may stand below the learner: at the top, everybody does.
  const fallback = fallbackApprover(views);
  const able = fallback !== undefined && !unable(views, fallback, question);
  const slate: Candidate[] = able ? [{ person: fallback, as: 'fallback', ...(stands && { via: stands }) }] : [];
  return { slate, skipped, levels, fallback };
}

/** What the organisation knows of a person whom an approver wants to name (E17, E41). */
export function standingOf(views: Views, question: Pick<Question, 'beneficiary' | 'on'>, nominee: string): Standing {
  const person = personOf(views, nominee, question.on);
  if (!person) return 'unknown';
  if (!person.active) return 'inactive';
  return reportsTo(views, { person: nominee, manager: question.beneficiary, asOf: question.on }) ? 'subordinate' : 'fit';
}

/** People whom an approver can name: those above the asking assignment and the fallback approver (E41). */
export function nomineeChoices(views: Views, question: Question): readonly string[] {
  const choices = new Set<string>();
  let assignments: readonly string[] = [question.assignment];
  for (let level = 0; level < LEVELS_MAX && assignments.length > 0; level++) {
    const links = assignments.flatMap((assignment) => approversOf(views, assignment, question.on));
    for (const { manager } of links) if (!whyNot(views, manager, question)) choices.add(manager);
    assignments = above(views, links, question.on);
  }
  const last = fallbackApprover(views);
  if (last && !unable(views, last, question)) choices.add(last);
  return [...choices];
}

const ORDER: readonly (readonly ManagerLink['kind'][])[] = [['temporary', 'direct'], ['alternate']];

/** Links for approval in effect on the day, of inactive managers too: the climb goes on behind them. */
function approversOf(views: Views, assignment: string, on: string): readonly ManagerLink[] {
  return linksOf(views, assignment).filter((link) => link.responsibilities.includes('approval') && inEffect(link, on));
}

/** One level up, behind the direct managers where there are some. */
function above(views: Views, links: readonly ManagerLink[], asOf: string): readonly string[] {
  const direct = links.filter(({ kind }) => kind === 'direct');
  return assignmentsAbove(views, direct.length > 0 ? direct : links, asOf);
}

function candidate({ manager, kind, id, from }: ManagerLink, via: string | undefined): Candidate {
  return { person: manager, as: via ? 'next-level' : kind, link: id, ...(from && { since: from }), ...(via && { via }) };
}

/** Why a person in the line cannot decide; nothing when he can. */
export function whyNot(views: Views, person: string, question: Question): Skipped['because'] | undefined {
  const because = unable(views, person, question);
  if (because) return because;
  return reportsTo(views, { person, manager: question.beneficiary, asOf: question.on }) ? 'subordinate' : undefined;
}

/** The same for one who is not asked for his place in the line. */
export function unable(views: Views, person: string, question: Question): Skipped['because'] | undefined {
  if (person === question.beneficiary || person === question.requester) return 'self';
  if (!isActive(views, person, question.on)) return 'inactive';
  return question.decided?.includes(person) ? 'decided-before' : undefined;
}

function distinct(slate: readonly Candidate[]): readonly Candidate[] {
  return slate.filter(({ person }, at) => slate.findIndex((other) => other.person === person) === at);
}

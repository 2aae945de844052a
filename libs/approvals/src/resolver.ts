// Who is asked: the asking assignment's managers, then their managers, then the fallback approver. Pure reads, no writes.
import { inEffect, LEVELS_MAX, personOf, ReportingLines, reportsTo, type Line, type LineLink } from '@app/organisation';
import { keptAnswers, type Views } from '@app/kernel';
import { groundsOf, type Candidate, type PassedOver, type Skipped, type Standing } from './approval-request';
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

/** One level of the line: the assignments that were looked at, what is above each, and the kinds of link that were asked. */
export interface Level {
  readonly assignments: readonly string[];
  readonly lines: readonly Line[];
  /** Those of them that are for approval. */
  readonly links: readonly LineLink[];
  readonly asked?: readonly LineLink['kind'][];
}
/** How a resolution came about. */
export interface Climb extends Resolution {
  readonly levels: readonly Level[];
  /** The fallback approver, where the line ended without anybody. */
  readonly fallback?: string | undefined;
}

/** Most people on one slate, so that it stays far below the largest event that the log takes: a seat may have any number of holders. */
export const SLATE_MAX = 200;

const MODELS = ['hierarchy', 'approval-settings'];
const kept = keptAnswers<Resolution>(...MODELS);
const found = keptAnswers<{ readonly on: string; readonly slate: readonly Candidate[] } | undefined>(...MODELS);

/**
 * The people who decide the first step, and who of those on the way to them cannot.
 * @param lines of that day, where there are some already
 */
export function resolve(views: Views, question: Question, lines?: ReportingLines): Resolution {
  const { requester, beneficiary, assignment, on, decided = [] } = question;
  // Asked when a request is submitted, when it is recorded, and whether it still holds.
  return kept(views, JSON.stringify([requester, beneficiary, assignment, on, ...decided]), () => {
    const { slate, skipped } = climb(lines ?? ReportingLines.on(views, on), question);
    return { slate, skipped };
  });
}

/** The same for a request that is about to ask them. */
export function resolveFor(request: string, views: Views, question: Question): Resolution {
  const resolution = resolve(views, question);
  found(views, request, () => ({ on: question.on, slate: resolution.slate }));
  return resolution;
}

/** Whether this process found these people for the request on the day, and nothing has changed since. */
export function foundNow(request: string, views: Views, { on, slate }: { on: string; slate: readonly Candidate[] }): boolean {
  const known = found(views, request, () => undefined);
  return known?.on === on && groundsOf(known.slate).join('\n') === groundsOf(slate).join('\n');
}

/**
 * Up the line (E2, E15, E16, E17, A18): the temporary and the direct manager, any of whom may decide, or whoever holds the seat
 * above; where none can, the alternates; where none can, the same one level up; at the top, the fallback approver.
 */
export function climb(lines: ReportingLines, question: Question): Climb {
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  const fit = (link: LineLink): boolean => {
    const { manager: person } = link;
    const because = passedOver(lines, link, question);
    if (because && !seen.has(person)) skipped.push({ person, because });
    seen.add(person);
    return !because;
  };
  const levels: Level[] = [];
  let stands: string | undefined;
  for (const level of levelsAbove(lines, question.assignment)) {
    const { links } = level;
    const vacant = level.lines.flatMap((line) => line.vacant);
    for (const position of new Set(vacant)) skipped.push({ position, because: 'vacant' });
    for (const kinds of ORDER) {
      const slate = links.filter((link) => kinds.includes(link.kind) && fit(link)).map((link) => candidate(link, stands));
      if (slate.length > 0) return { slate: distinct(slate).slice(0, SLATE_MAX), skipped, levels: [...levels, { ...level, asked: kinds }] };
    }
    levels.push(level);
    stands = (links.find(({ kind }) => kind === 'direct') ?? links[0])?.manager ?? stands;
  }
  // The site named this person for the case, so he may stand below the learner: at the top, everybody does.
  const fallback = fallbackApprover(lines.day.views);
  const able = fallback !== undefined && !unable(lines, fallback, question);
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
  const lines = ReportingLines.on(views, question.on);
  const choices = new Set<string>();
  for (const { links } of levelsAbove(lines, question.assignment)) {
    for (const link of links) if (!passedOver(lines, link, question)) choices.add(link.manager);
  }
  const last = fallbackApprover(views);
  if (last && !unable(lines, last, question)) choices.add(last);
  return [...choices];
}

const ORDER: readonly (readonly LineLink['kind'][])[] = [['temporary', 'direct'], ['alternate']];

/**
 * Level by level, behind the direct managers where there are some, and behind inactive ones too. An assignment is met once:
 * alternates may stand in for each other, and where two modes meet, seats and links may lead around.
 */
function* levelsAbove(lines: ReportingLines, asking: string): Generator<Level> {
  const met = new Set<string>();
  let assignments: readonly string[] = [asking];
  for (let level = 0; level < LEVELS_MAX && assignments.length > 0; level++) {
    for (const one of assignments) met.add(one);
    const above = assignments.map((assignment) => lines.lineOf(assignment));
    const links = above.flatMap((line) => line.links.filter(({ responsibilities }) => responsibilities.includes('approval')));
    yield { assignments, lines: above, links };
    const direct = links.filter(({ kind }) => kind === 'direct');
    assignments = lines.above(direct.length > 0 ? direct : links).filter((one) => !met.has(one));
  }
}

function candidate({ manager, kind, id, position, from }: LineLink, via: string | undefined): Candidate {
  const whence = position === undefined ? { link: id } : { position };
  return { person: manager, as: via ? 'next-level' : kind, ...whence, ...(from && { since: from }), ...(via && { via }) };
}

/** Why the manager to whom a link leads cannot decide; nothing when he can. One named in a job decides while he holds it. */
export function passedOver(lines: ReportingLines, link: LineLink, question: Question): PassedOver['because'] | undefined {
  const because = whyNot(lines, link.manager, question);
  if (because || link.managerAssignment === undefined) return because;
  const job = lines.day.assignment(link.managerAssignment);
  return job && inEffect(job, question.on) ? undefined : 'not-in-job';
}

/** Why a person in the line cannot decide; nothing when he can. */
export function whyNot(lines: ReportingLines, person: string, question: Question): PassedOver['because'] | undefined {
  const because = unable(lines, person, question);
  if (because) return because;
  return lines.reportsTo(person, question.beneficiary) ? 'subordinate' : undefined;
}

/** The same for one who is not asked for his place in the line. */
export function unable(lines: ReportingLines, person: string, question: Question): PassedOver['because'] | undefined {
  if (person === question.beneficiary || person === question.requester) return 'self';
  if (!lines.day.isActive(person)) return 'inactive';
  return question.decided?.includes(person) ? 'decided-before' : undefined;
}

function distinct(slate: readonly Candidate[]): readonly Candidate[] {
  return slate.filter(({ person }, at) => slate.findIndex((other) => other.person === person) === at);
}

// Why these people are asked and no others: the derivation of a slate (N2). Pure reads.
import type { Views } from '@app/kernel';
import { inEffect, linksOf, ReportingLines, type Line, type LineLink, type ReportingMode } from '@app/organisation';
import type { PassedOver } from './approval-request';
import { climb, passedOver, unable, whyNot, type Climb, type Level, type Question, type Resolution } from './resolver';

/** Why a person is asked, or is not. */
export type Verdict =
  | 'asked'
  | PassedOver['because']
  /** Somebody nearer can decide. */
  | 'not-needed'
  /** Managed the assignment at another time, or for other things, or stands higher than the line had to be followed. */
  | 'not-in-effect'
  | 'not-for-approval'
  /** Would manage the assignment, if the other hierarchy answered for its unit. */
  | 'other-mode'
  | 'higher-up'
  | 'fallback-only'
  | 'no-link';

/** One manager link on the way, or one holder of the seat above, and what became of it. */
export interface Considered {
  readonly link: string;
  readonly position?: string;
  readonly assignment: string;
  readonly person: string;
  readonly kind: LineLink['kind'];
  readonly from?: string;
  readonly to?: string;
  readonly verdict: Verdict;
}
export interface ExplainedLevel {
  /** 1 for the asking assignment itself. */
  readonly level: number;
  readonly assignments: readonly ExplainedAssignment[];
  readonly links: readonly Considered[];
  /** Seats that nobody holds, passed over upwards. */
  readonly vacant?: readonly string[];
}
/** An assignment that was looked at, and which hierarchy answers for it. */
export interface ExplainedAssignment {
  readonly id: string;
  readonly person?: string;
  readonly from?: string;
  readonly to?: string;
  readonly mode: ReportingMode;
  /** The unit whose choice the mode is, '' for the whole site; absent where nobody chose. */
  readonly modeOf?: string;
}
export interface Explanation extends Resolution {
  readonly levels: readonly ExplainedLevel[];
  readonly fallback?: { readonly person: string; readonly verdict: Verdict };
  readonly whyNot?: WhyNot;
}
/** Why one person who is asked about is not on the slate, or is. */
export interface WhyNot {
  readonly person: string;
  readonly verdict: Verdict;
  readonly links: readonly Considered[];
}

/** @param about a person of whom is asked why he is not on the slate */
export function explain(views: Views, question: Question, about?: string): Explanation {
  const lines = ReportingLines.on(views, question.on);
  const climbed = climb(lines, question);
  const levels = climbed.levels.map((level, at) => explained(lines, question, { level, at }));
  const { slate, skipped, fallback } = climbed;
  const verdict = fallback === undefined ? undefined : (unable(lines, fallback, question) ?? 'asked');
  const explanation: Explanation = { slate, skipped, levels, ...(verdict && { fallback: { person: fallback!, verdict } }) };
  return about === undefined ? explanation : { ...explanation, whyNot: reasonFor(lines, question, { about, climbed, explanation }) };
}

function explained(lines: ReportingLines, question: Question, { level, at }: { level: Level; at: number }): ExplainedLevel {
  const { assignments, links, asked } = level;
  const vacant = [...new Set(level.lines.flatMap((line) => line.vacant))];
  return {
    level: at + 1,
    assignments: assignments.map((id, place) => explainedAssignment(lines, id, level.lines[place]!)),
    links: links.map((link) =>
      considered(link, passedOver(lines, link, question) ?? (asked?.includes(link.kind) ? 'asked' : 'not-needed')),
    ),
    ...(vacant.length > 0 && { vacant }),
  };
}

function explainedAssignment({ day }: ReportingLines, id: string, { chosen }: Line): ExplainedAssignment {
  const { person, from, to } = day.assignment(id) ?? {};
  const { mode, unit } = chosen;
  return { id, ...(person && { person }), ...(from && { from }), ...(to && { to }), mode, ...(unit !== undefined && { modeOf: unit }) };
}

function reasonFor(
  lines: ReportingLines,
  question: Question,
  { about, climbed, explanation }: { about: string; climbed: Climb; explanation: Explanation },
): WhyNot {
  const asked = explanation.slate.some(({ person }) => person === about);
  const met = explanation.levels.flatMap(({ links }) => links).filter(({ person }) => person === about);
  const others = climbed.levels
    .flatMap(({ assignments }) => assignments.flatMap((assignment) => otherLinks(lines, assignment)))
    .filter(({ person, link }) => person === about && !met.some((one) => one.link === link));
  const links = [...met, ...others];
  if (asked) return { person: about, verdict: 'asked', links };
  const verdict = links[0]?.verdict ?? whyNot(lines, about, question) ?? elsewhere(lines, question, about);
  return { person: about, verdict, links };
}

/** What was recorded of an assignment and did not count, and what the other hierarchy would have said. */
function otherLinks(lines: ReportingLines, assignment: string): readonly Considered[] {
  const { mode } = lines.modeOf(assignment);
  const recorded = linksOf(lines.day.views, assignment).map((link) => {
    if (!inEffect(link, lines.day.on)) return considered(link, 'not-in-effect');
    return considered(link, mode === 'position-code' ? 'other-mode' : 'not-for-approval');
  });
  const job = lines.day.assignment(assignment);
  const seats = mode === 'position-code' || job?.position === undefined ? [] : lines.seatLinks(job, job.position);
  return [...recorded, ...seats.map((link) => considered(link, 'other-mode'))];
}

/** Somebody whom the line did not meet: as if all who are asked could not decide, it is followed to its end. */
function elsewhere(lines: ReportingLines, question: Question, about: string): Verdict {
  const decided: string[] = [...(question.decided ?? [])];
  for (;;) {
    const { slate, levels } = climb(lines, { ...question, decided });
    const [first] = slate;
    if (levels.some(({ links }) => links.some(({ manager }) => manager === about))) return 'higher-up';
    if (!first) return 'no-link';
    if (first.as === 'fallback') return first.person === about ? 'fallback-only' : 'no-link';
    decided.push(...slate.map(({ person }) => person));
  }
}

function considered({ id, assignment, manager, kind, position, from, to }: LineLink, verdict: Verdict): Considered {
  const seat = position === undefined ? {} : { position };
  return { link: id, assignment, person: manager, kind, ...seat, ...(from && { from }), ...(to && { to }), verdict };
}

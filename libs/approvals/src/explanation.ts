// Why these people are asked and no others: the derivation of a slate (N2). Pure reads.
import type { Views } from '@app/kernel';
import { assignmentOf, inEffect, linksOf, type ManagerLink } from '@app/organisation';
import type { Skipped } from './approval-request';
import { climb, unable, whyNot, type Climb, type Level, type Question, type Resolution } from './resolver';

/** Why a person is asked, or is not. */
export type Verdict =
  | 'asked'
  | Skipped['because']
  /** Somebody nearer can decide. */
  | 'not-needed'
  /** Managed the assignment at another time, or for other things, or stands higher than the line had to be followed. */
  | 'not-in-effect'
  | 'not-for-approval'
  | 'higher-up'
  | 'fallback-only'
  | 'no-link';

/** One manager link on the way, and what became of it. */
export interface Considered {
  readonly link: string;
  readonly assignment: string;
  readonly person: string;
  readonly kind: ManagerLink['kind'];
  readonly from?: string;
  readonly to?: string;
  readonly verdict: Verdict;
}
export interface ExplainedLevel {
  /** 1 for the asking assignment itself. */
  readonly level: number;
  readonly assignments: readonly { readonly id: string; readonly person?: string; readonly from?: string; readonly to?: string }[];
  readonly links: readonly Considered[];
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
  const climbed = climb(views, question);
  const levels = climbed.levels.map((level, at) => explained(views, question, { level, at }));
  const { slate, skipped, fallback } = climbed;
  const verdict = fallback === undefined ? undefined : (unable(views, fallback, question) ?? 'asked');
  const explanation: Explanation = { slate, skipped, levels, ...(verdict && { fallback: { person: fallback!, verdict } }) };
  return about === undefined ? explanation : { ...explanation, whyNot: reasonFor(views, question, { about, climbed, explanation }) };
}

function explained(views: Views, question: Question, { level, at }: { level: Level; at: number }): ExplainedLevel {
  const { assignments, links, asked } = level;
  return {
    level: at + 1,
    assignments: assignments.map((id) => {
      const { person, from, to } = assignmentOf(views, id) ?? {};
      return { id, ...(person && { person }), ...(from && { from }), ...(to && { to }) };
    }),
    links: links.map((link) =>
      considered(link, whyNot(views, link.manager, question) ?? (asked?.includes(link.kind) ? 'asked' : 'not-needed')),
    ),
  };
}

function reasonFor(
  views: Views,
  question: Question,
  { about, climbed, explanation }: { about: string; climbed: Climb; explanation: Explanation },
): WhyNot {
  const asked = explanation.slate.some(({ person }) => person === about);
  const met = explanation.levels.flatMap(({ links }) => links).filter(({ person }) => person === about);
  const others = climbed.levels
    .flatMap(({ assignments }) => assignments.flatMap((assignment) => linksOf(views, assignment)))
    .filter((link) => link.manager === about && !met.some(({ link: id }) => id === link.id))
    .map((link) => considered(link, inEffect(link, question.on) ? 'not-for-approval' : 'not-in-effect'));
  const links = [...met, ...others];
  if (asked) return { person: about, verdict: 'asked', links };
  const verdict = links[0]?.verdict ?? whyNot(views, about, question) ?? elsewhere(views, question, about);
  return { person: about, verdict, links };
}

/** Somebody whom the line did not meet: as if all who are asked could not decide, it is followed to its end. */
function elsewhere(views: Views, question: Question, about: string): Verdict {
  const decided: string[] = [...(question.decided ?? [])];
  for (;;) {
    const { slate, levels } = climb(views, { ...question, decided });
    const [first] = slate;
    if (levels.some(({ links }) => links.some(({ manager }) => manager === about))) return 'higher-up';
    if (!first) return 'no-link';
    if (first.as === 'fallback') return first.person === about ? 'fallback-only' : 'no-link';
    decided.push(...slate.map(({ person }) => person));
  }
}

function considered({ id, assignment, manager, kind, from, to }: ManagerLink, verdict: Verdict): Considered {
  return { link: id, assignment, person: manager, kind, ...(from && { from }), ...(to && { to }), verdict };
}

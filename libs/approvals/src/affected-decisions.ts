// Decisions of people who, as is known by now, were not to be asked on that day (N7, E32). They stand; they are listed.
import type { Views } from '@app/kernel';
import { asKnown } from '@app/organisation';
import { FACTS } from './as-known';
import { explain, type WhyNot } from './explanation';
import { decidersOf, decisionsAfter, type Decided, type ReviewOf } from './pending-approvals';
import { assignmentAt, requestRow } from './requests';
import { resolve, type Question } from './resolver';

export interface AffectedDecision extends Decided {
  readonly beneficiary: string;
  readonly assignment: string;
  /** Who would have been asked, as is known now. */
  readonly instead: readonly string[];
  /** Why not the one who decided. */
  readonly whyNot: WhyNot;
}
export interface AffectedPage {
  readonly items: readonly AffectedDecision[];
  /** Place of the last decision that was looked at; absent when there are no more. */
  readonly next?: number;
}

export interface AffectedQuery {
  readonly after?: number | undefined;
  readonly limit: number;
  /** Only those that nobody has reviewed yet, or that ended so. */
  readonly review?: 'open' | ReviewOf['outcome'] | undefined;
}

/** Decisions looked at for one page, so that an answer takes bounded time however few of them are affected. */
const LOOKED_AT_MAX = 1_000;

/**
 * A page of them, oldest first. Whoever was asked at the time and would not be asked by what is known now is in it; a
 * nominee was never asked for a place in the line, and no change of the line concerns him.
 */
export function affectedDecisions(views: Views, { after = 0, limit, review }: AffectedQuery): AffectedPage {
  const items: AffectedDecision[] = [];
  const decisions = decisionsAfter(views, { after, limit: LOOKED_AT_MAX });
  for (const decision of decisions) {
    const affected = wanted(decision, review) ? affectedBy(views, decision) : undefined;
    if (affected) items.push(affected);
    if (items.length === limit) return { items, next: decision.place };
  }
  return { items, ...(decisions.length === LOOKED_AT_MAX && { next: decisions.at(-1)!.place }) };
}

/** How the decision is affected; nothing where it is not. */
export function affectedBy(views: Views, decision: Decided): AffectedDecision | undefined {
  const { requester, beneficiary } = requestRow(views, decision.request)!;
  // It may have moved to another job since.
  const assignment = assignmentAt(views, decision.request, decision.place)!;
  const decided = decidersOf(views, decision.request, decision.step).filter((person) => person !== decision.by);
  const question: Question = { requester, beneficiary, assignment, on: decision.on, decided };
  const now = resolve(views, question);
  if (names(now).includes(decision.by)) return undefined;
  // Whoever leaves on the day on which he decided may well have decided before he left: that is no back-dated change.
  const dayBefore = Temporal.PlainDate.from(question.on).subtract({ days: 1 }).toString();
  if (names(resolve(views, { ...question, on: dayBefore })).includes(decision.by)) return undefined;
  if (!names(resolve(asKnown(views, decision.place, FACTS), question)).includes(decision.by)) return undefined;
  const { whyNot } = explain(views, question, decision.by);
  return { ...decision, beneficiary, assignment, instead: names(now), whyNot: whyNot! };
}

function wanted(decision: Decided, review: AffectedQuery['review']): boolean {
  return review === undefined || review === (decision.review?.outcome ?? 'open');
}

function names({ slate }: { readonly slate: readonly { readonly person: string }[] }): readonly string[] {
  return slate.map(({ person }) => person);
}

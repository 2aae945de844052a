// A decision that a back-dated change has put in question is confirmed or annulled, by somebody who has no part in it (N7).
import { reject } from '@app/kernel';

/** A decision of a request as it stands in its stream. */
export interface StandingDecision {
  readonly step: number;
  readonly by: string;
  readonly outcome: 'approved' | 'denied';
  readonly at: string;
  readonly nominee?: string;
}
export interface Review {
  readonly step: number;
  readonly outcome: 'ratified' | 'voided';
  readonly by: string;
  readonly at: string;
}
/** What the rules look at. */
export interface Reviewed {
  readonly status: 'open' | 'granted' | 'denied' | 'withdrawn' | 'cancelled';
  readonly requester: string;
  readonly beneficiary: string;
  readonly step: number;
  readonly asked: readonly string[];
  readonly decisions: readonly StandingDecision[];
  readonly reviews: readonly Review[];
}
export interface ReviewCommand {
  readonly type: 'RatifyDecision' | 'VoidDecision';
  readonly step: number;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}
export type ReviewEvent =
  | { type: 'DecisionRatified'; step: number; decider: string; by: string; reason: string; at: string }
  /** Later decisions rested on it and fall with it. `next` is the step that opens in its place; a request that is withdrawn or cancelled stays so. */
  | { type: 'DecisionVoided'; step: number; deciders: readonly string[]; by: string; reason: string; at: string; next?: number };

/** @throws Rejection when there is no such decision, it was reviewed before, or the reviewer has a part in it */
export function reviewed(command: ReviewCommand, state: Reviewed): readonly ReviewEvent[] {
  const { step, by, reason, at } = command;
  const before = state.reviews.find((review) => review.step === step);
  if (before) reject('conflict', 'already-reviewed', { ...before });
  const decision = state.decisions.find((one) => one.step === step) ?? reject('not-found', 'unknown-decision', { step });
  if (by === state.beneficiary || by === state.requester) reject('forbidden', 'self-approval');
  // Whoever was asked would confirm his own word, or clear the way for it.
  if (state.asked.includes(by)) reject('forbidden', 'distinct-approver', { step });
  if (command.type === 'RatifyDecision') return [{ type: 'DecisionRatified', step, decider: decision.by, by, reason, at }];
  const deciders = [...new Set(state.decisions.filter((one) => one.step >= step).map((one) => one.by))];
  const next = staysOver(state) ? {} : { next: state.step + 1 };
  return [{ type: 'DecisionVoided', step, deciders, by, reason, at, ...next }];
}

/** The request without what was annulled; it waits again where nobody but the approvers ended it. */
export function afterReview<State extends Reviewed>(state: State, event: ReviewEvent): State {
  const { step, by, at } = event;
  if (event.type === 'DecisionRatified') return { ...state, reviews: [...state.reviews, { step, outcome: 'ratified', by, at }] };
  const fallen = state.decisions.filter((one) => one.step >= step).map((one): Review => ({ step: one.step, outcome: 'voided', by, at }));
  return {
    ...state,
    status: staysOver(state) ? state.status : 'open',
    decisions: state.decisions.filter((one) => one.step < step),
    reviews: [...state.reviews.filter((review) => review.step < step), ...fallen],
    slate: [],
    grounds: [],
  };
}

/** Whoever annulled a decision does not take another one in its place. */
export function hasAnnulled(person: string, { reviews }: Reviewed): boolean {
  return reviews.some(({ outcome, by }) => outcome === 'voided' && by === person);
}

/** No decision ended it, so it does not open again when one falls. */
function staysOver({ status }: Reviewed): boolean {
  return status === 'withdrawn' || status === 'cancelled';
}

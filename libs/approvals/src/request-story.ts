// One request as people see it, folded from its stream: the chain with every slot, and the history with every actor.
import type { Metadata, Recorded } from '@app/kernel';
import type { Asked, Candidate, RequestEvent, Skipped } from './approval-request';
import type { ReviewOf } from './pending-approvals';
import type { RequestStatus } from './requests';

/** One step of the chain: who could decide, who was passed over and why, and what was decided. */
export interface ChainStep {
  readonly step: number;
  readonly status: 'waiting' | 'approved' | 'denied' | 'withdrawn' | 'cancelled' | 'nobody' | 'voided';
  readonly slate: readonly Candidate[];
  readonly skipped: readonly Skipped[];
  readonly askedAt: string;
  readonly nominatedBy?: string;
  readonly decision?: { readonly by: string; readonly at: string; readonly reason?: string; readonly nominee?: string };
  /** What became of the decision when a back-dated change had put it in question. */
  readonly review?: ReviewOf;
}
export interface RequestStory extends Omit<Asked, 'on'> {
  readonly id: string;
  readonly submittedAt: string;
  readonly status: RequestStatus;
  /** Revision of the stream: the `ETag`, and what a decision names in `If-Match`. */
  readonly revision: number;
  readonly chain: readonly ChainStep[];
  /** Everybody who was ever asked, for the question who may read. */
  readonly asked: readonly string[];
}
/** One line of the history. */
export interface HistoryEntry {
  readonly event: string;
  readonly position: number;
  readonly revision: number;
  readonly actor: string;
  readonly onBehalfOf?: string;
  /** When it was recorded. */
  readonly recordedAt: string;
  /** The day for which it holds, where the event names one. */
  readonly on?: string;
  /** Id shared by everything that one outside command set off. */
  readonly correlation: string;
  readonly causation?: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Folds a request's stream; nothing for an empty one. */
export function storyOf(id: string, events: readonly Recorded[]): RequestStory | undefined {
  let story: RequestStory | undefined;
  for (const recorded of events) story = next(id, story, recorded.event as RequestEvent, recorded);
  return story;
}

/** The history of a request, oldest first (H1). */
export function historyOf(events: readonly Recorded[]): readonly HistoryEntry[] {
  return events.map(({ event: { type, ...facts }, meta, position, revision }) => ({
    event: type,
    position,
    revision,
    recordedAt: meta.at,
    ...('on' in facts && { on: String(facts.on) }),
    ...who(meta),
    facts,
  }));
}

function who({ actor, onBehalfOf, command, correlation = command, causation }: Metadata) {
  return { actor, ...(onBehalfOf && { onBehalfOf }), correlation, ...(causation && { causation }) };
}

function next(id: string, story: RequestStory | undefined, event: RequestEvent, { meta, revision }: Recorded): RequestStory | undefined {
  if (event.type === 'RequestSubmitted') {
    const { type: _, on: __, ...asked } = event;
    return { id, ...asked, submittedAt: meta.at, status: 'open', revision, chain: [], asked: [] };
  }
  if (!story) return story;
  const told = { ...story, revision };
  switch (event.type) {
    case 'ApproverAsked': {
      const { step, slate, skipped, nominatedBy } = event;
      const opened: ChainStep = { step, status: 'waiting', slate, skipped, askedAt: meta.at, ...(nominatedBy && { nominatedBy }) };
      return { ...told, chain: [...story.chain, opened], asked: withPeople(story.asked, slate) };
    }
    case 'NobodyToAsk':
      return { ...told, chain: [...story.chain, { step: event.step, status: 'nobody', slate: [], skipped: [], askedAt: meta.at }] };
    case 'SlateChanged': {
      const { slate } = event;
      return { ...told, chain: withSlate(story, slate), asked: withPeople(story.asked, slate) };
    }
    case 'StepApproved': {
      const { by, at, reason, nominee } = event;
      return { ...told, chain: lastStep(story, { status: 'approved', decision: { by, at, ...(reason && { reason }), nominee } }) };
    }
    case 'RequestGranted': {
      const { by, at, reason } = event;
      return {
        ...told,
        status: 'granted',
        chain: lastStep(story, { status: 'approved', decision: { by, at, ...(reason && { reason }) } }),
      };
    }
    case 'RequestDenied': {
      const { by, at, reason } = event;
      return { ...told, status: 'denied', chain: lastStep(story, { status: 'denied', decision: { by, at, reason } }) };
    }
    case 'RequestWithdrawn':
      return { ...told, status: 'withdrawn', chain: lastStep(story, { status: 'withdrawn' }) };
    case 'RequestCancelled':
      return { ...told, status: 'cancelled', chain: lastStep(story, { status: 'cancelled' }) };
    case 'AskingJobEnded':
      return told;
    case 'RequestMoved':
      return { ...told, assignment: event.assignment };
    case 'DecisionRatified': {
      const { by, at, reason } = event;
      const review: ReviewOf = { outcome: 'ratified', by, at, reason };
      return { ...told, chain: story.chain.map((one) => (one.step === event.step ? { ...one, review } : one)) };
    }
    case 'DecisionVoided': {
      const { by, at, reason } = event;
      const review: ReviewOf = { outcome: 'voided', by, at, reason };
      const fell = (one: ChainStep) => one.step >= event.step && !['voided', 'withdrawn', 'cancelled'].includes(one.status);
      const chain = story.chain.map((one): ChainStep => (fell(one) ? { ...one, status: 'voided', review } : one));
      return { ...told, ...(event.next !== undefined && { status: 'open' }), chain };
    }
  }
}

function lastStep({ chain }: RequestStory, change: Partial<ChainStep>): readonly ChainStep[] {
  const last = chain.at(-1);
  return last ? [...chain.slice(0, -1), { ...last, ...change }] : chain;
}

/** Who was passed over, and who named somebody, was so of the slate before. */
function withSlate({ chain }: RequestStory, slate: readonly Candidate[]): readonly ChainStep[] {
  const last = chain.at(-1);
  if (!last) return chain;
  const { nominatedBy, ...step } = last;
  const named = nominatedBy !== undefined && slate.some(({ as }) => as === 'nominee') && { nominatedBy };
  return [...chain.slice(0, -1), { ...step, ...named, status: slate.length > 0 ? 'waiting' : 'nobody', slate, skipped: [] }];
}

function withPeople(before: readonly string[], slate: readonly Candidate[]): readonly string[] {
  return [...new Set([...before, ...slate.map(({ person }) => person)])];
}

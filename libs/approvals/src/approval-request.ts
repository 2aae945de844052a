// Who may decide a request, whom an approver may name next, and when it ends.
import { reject, type Decider } from '@app/kernel';
import { afterJobEvent, jobEnded, jobEventFields, moved, type AskedInJob, type JobCommand, type JobEvent } from './asking-job';
import { afterReview, hasAnnulled, reviewed, type ReviewCommand, type ReviewEvent, type StandingDecision } from './decision-review';

/** One person who can decide a step, and why. */
export interface Candidate {
  readonly person: string;
  readonly as: 'direct' | 'temporary' | 'alternate' | 'next-level' | 'fallback' | 'nominee';
  /** Manager link from which it follows. */
  readonly link?: string;
  /** The seat that he holds, where it is the seat that approves. */
  readonly position?: string;
  /** First day of that link. */
  readonly since?: string;
  /** Who stands between: the manager whose place is taken, or the approver who named this one. */
  readonly via?: string;
}
/** One person who would have been asked, and why he is not; or a seat that nobody holds. */
export type Skipped = PassedOver | { readonly position: string; readonly because: 'vacant' };
export interface PassedOver {
  readonly person: string;
  readonly because: 'self' | 'inactive' | 'subordinate' | 'decided-before' | 'not-in-job';
}

/** What is asked for, by whom, for whom, in whose name and on which day. */
export interface Asked {
  readonly kind: string;
  readonly course?: string;
  readonly requester: string;
  readonly beneficiary: string;
  readonly assignment: string;
  readonly costMinor?: number;
  readonly currency?: string;
  readonly note?: string;
  readonly on: string;
}

export type RequestCommand =
  /** `request` is the request's own id, for whoever meets it by asking twice. */
  | ({ type: 'Submit'; request: string } & Asked)
  | { type: 'AskApprover'; step: number; slate: readonly Candidate[]; skipped: readonly Skipped[]; nominatedBy?: string }
  | { type: 'ReportNobody'; step: number; because: string }
  | { type: 'Reroute'; step: number; slate: readonly Candidate[]; because: string }
  | { type: 'Approve'; by: string; reason?: string; at: string; on?: string; nominee?: string; nomineeStanding?: Standing }
  | { type: 'Deny'; by: string; reason: string; at: string; on?: string }
  | { type: 'Withdraw'; by: string; at: string }
  | ReviewCommand
  | JobCommand;
/** What the organisation knows of a nominee at that moment. */
export type Standing = 'fit' | 'unknown' | 'inactive' | 'subordinate';

export type RequestEvent =
  | ({ type: 'RequestSubmitted' } & Asked)
  | { type: 'ApproverAsked'; step: number; slate: readonly Candidate[]; skipped: readonly Skipped[]; nominatedBy?: string }
  | { type: 'NobodyToAsk'; step: number; because: string }
  | {
      type: 'SlateChanged';
      step: number;
      slate: readonly Candidate[];
      removed: readonly string[];
      added: readonly string[];
      because: string;
    }
  | { type: 'StepApproved'; step: number; by: string; nominee: string; reason?: string; at: string; on?: string }
  | { type: 'RequestGranted'; step: number; by: string; reason?: string; at: string; on?: string }
  | { type: 'RequestDenied'; step: number; by: string; reason: string; at: string; on?: string }
  | { type: 'RequestWithdrawn'; by: string; at: string }
  | ReviewEvent
  | JobEvent;

type State =
  | { readonly status: 'new' }
  | (AskedInJob & {
      readonly slate: readonly string[];
      /** The same people with the grounds on which each is asked. */
      readonly grounds: readonly string[];
      /** Who could have made the last decision. */
      readonly decidable: { readonly step: number; readonly slate: readonly string[] };
      readonly withdrawn?: { readonly by: string; readonly at: string };
    });
type Submitted = Exclude<State, { status: 'new' }>;

/** Most approvers that may be named one after the other in one request (E41). */
export const NOMINATIONS_MAX = 10;

export const approvalRequest: Decider<State, RequestCommand, RequestEvent> = {
  name: 'request',
  initial: { status: 'new' },
  events: {
    RequestSubmitted: {
      kind: 'text',
      course: 'text?',
      requester: 'text',
      beneficiary: 'text',
      assignment: 'text',
      costMinor: 'number?',
      currency: 'text?',
      note: 'text?',
      on: 'text',
    },
    ApproverAsked: { step: 'number', slate: 'list', skipped: 'list', nominatedBy: 'text?' },
    NobodyToAsk: { step: 'number', because: 'text' },
    SlateChanged: { step: 'number', slate: 'list', removed: 'list', added: 'list', because: 'text' },
    StepApproved: { step: 'number', by: 'text', nominee: 'text', reason: 'text?', at: 'text', on: 'text?' },
    RequestGranted: { step: 'number', by: 'text', reason: 'text?', at: 'text', on: 'text?' },
    RequestDenied: { step: 'number', by: 'text', reason: 'text', at: 'text', on: 'text?' },
    RequestWithdrawn: { by: 'text', at: 'text' },
    DecisionRatified: { step: 'number', decider: 'text', by: 'text', reason: 'text', at: 'text' },
    DecisionVoided: { step: 'number', deciders: 'list', by: 'text', reason: 'text', at: 'text', next: 'number?' },
    ...jobEventFields,
  },
  begins: ['Submit'],
  isOver: ({ status }) => status !== 'new' && status !== 'open',
  decide(command, state) {
    if (command.type === 'Submit') return submit(command, state);
    if (state.status === 'new') return reject('not-found', 'unknown-request');
    switch (command.type) {
      case 'AskApprover': {
        // A saga may come late, or twice; that is no error.
        if (state.status !== 'open' || command.step <= state.step) return [];
        const { step, slate, skipped, nominatedBy } = command;
        return [{ type: 'ApproverAsked', step, slate, skipped, ...(nominatedBy && { nominatedBy }) }];
      }
      case 'ReportNobody':
        if (state.status !== 'open' || command.step <= state.step) return [];
        return [{ type: 'NobodyToAsk', step: command.step, because: command.because }];
      case 'Reroute':
        return reroute(command, state);
      case 'Approve':
        requireTurn(command.by, state);
        return approve(command, state);
      case 'Deny': {
        requireTurn(command.by, state);
        const { by, reason, at, on } = command;
        return [{ type: 'RequestDenied', step: state.step, by, reason, at, ...(on && { on }) }];
      }
      case 'Withdraw':
        requireOwn(command.by, state);
        if (state.status === 'withdrawn') return [];
        if (state.status !== 'open') rejectClosed(state);
        return [{ type: 'RequestWithdrawn', by: command.by, at: command.at }];
      case 'RatifyDecision':
      case 'VoidDecision':
        return reviewed(command, state);
      case 'Cancel':
      case 'ReportJobEnded':
        return jobEnded(command, state);
      case 'Move':
        requireOwn(command.by, state);
        if (state.status !== 'open') rejectClosed(state);
        return moved(command, state);
    }
  },
  evolve(state, event) {
    if (event.type === 'RequestSubmitted') {
      const { requester, beneficiary, assignment } = event;
      const nobody = { step: 0, slate: [], grounds: [], asked: [], decisions: [], reviews: [], decidable: { step: 0, slate: [] } };
      return { status: 'open', requester, beneficiary, assignment, ...nobody };
    }
    if (state.status === 'new') return state;
    switch (event.type) {
      case 'ApproverAsked': {
        const slate = event.slate.map(({ person }) => person);
        return { ...state, step: event.step, slate, grounds: groundsOf(event.slate), asked: union(state.asked, slate) };
      }
      case 'NobodyToAsk':
        return { ...state, step: event.step, slate: [], grounds: [] };
      case 'SlateChanged': {
        const slate = event.slate.map(({ person }) => person);
        return { ...state, slate, grounds: groundsOf(event.slate), asked: union(state.asked, slate) };
      }
      case 'StepApproved':
        return { ...decided(state, event, 'approved'), slate: [] };
      case 'RequestGranted':
        return { ...decided(state, event, 'approved'), status: 'granted', slate: [] };
      case 'RequestDenied':
        return { ...decided(state, event, 'denied'), status: 'denied', slate: [] };
      case 'RequestWithdrawn':
        return { ...state, status: 'withdrawn', slate: [], withdrawn: { by: event.by, at: event.at } };
      case 'DecisionRatified':
      case 'DecisionVoided':
        return afterReview(state, event);
      case 'RequestCancelled':
      case 'AskingJobEnded':
      case 'RequestMoved':
        return afterJobEvent(state, event);
    }
  },
};

function submit(command: Extract<RequestCommand, { type: 'Submit' }>, state: State): readonly RequestEvent[] {
  // On two replicas the stream's id is made of learner, kind, course and attempt, so two that race meet here (E45).
  if (state.status === 'open') reject('conflict', 'duplicate-request', { request: command.request });
  if (state.status !== 'new') reject('conflict', 'request-closed', { request: command.request });
  const { kind, course, requester, beneficiary, assignment, costMinor, currency, note, on } = command;
  return [
    {
      type: 'RequestSubmitted',
      kind,
      ...(course !== undefined && { course }),
      requester,
      beneficiary,
      assignment,
      ...(costMinor !== undefined && { costMinor }),
      ...(currency !== undefined && { currency }),
      ...(note !== undefined && { note }),
      on,
    },
  ];
}

function approve(command: Extract<RequestCommand, { type: 'Approve' }>, state: Submitted): readonly RequestEvent[] {
  const { by, reason, at, on, nominee } = command;
  const given = { step: state.step, by, ...(reason !== undefined && { reason }), at, ...(on && { on }) };
  if (nominee === undefined) return [{ type: 'RequestGranted', ...given }];
  requireFitNominee(nominee, command, state);
  return [{ type: 'StepApproved', ...given, nominee }];
}

/** E41 and E42: the decision is refused as a whole, so nothing is half done. */
function requireFitNominee(nominee: string, command: Extract<RequestCommand, { type: 'Approve' }>, state: Submitted): void {
  const unfit = (because: string) => reject('invalid', 'ineligible-nominee', { nominee, because });
  if (nominee === command.by) unfit('self');
  if (nominee === state.beneficiary || nominee === state.requester) unfit('learner');
  if (state.decisions.some((one) => one.by === nominee || one.nominee === nominee)) reject('invalid', 'nomination-cycle', { nominee });
  if (hasAnnulled(nominee, state)) unfit('reviewer');
  if (state.decisions.filter((one) => one.nominee !== undefined).length >= NOMINATIONS_MAX)
    reject('invalid', 'nomination-depth', { most: NOMINATIONS_MAX });
  // Unknown and inactive read the same, so that nobody can find out who exists.
  if (command.nomineeStanding === 'unknown' || command.nomineeStanding === 'inactive') unfit('not-available');
  if (command.nomineeStanding === 'subordinate') unfit('subordinate');
}

function reroute(command: Extract<RequestCommand, { type: 'Reroute' }>, state: Submitted): readonly RequestEvent[] {
  if (state.status !== 'open' || command.step !== state.step) return [];
  const slate = command.slate.filter(({ person }) => mayDecide(person, state));
  const people = slate.map(({ person }) => person);
  const removed = state.slate.filter((person) => !people.includes(person));
  const added = people.filter((person) => !state.slate.includes(person));
  // The same people may be asked for another reason: who was a manager may still be the fallback approver.
  if (removed.length === 0 && added.length === 0 && sameGrounds(slate, state.grounds)) return [];
  return [{ type: 'SlateChanged', step: state.step, slate, removed, added, because: command.because }];
}

/** Wrong state first, then who one is, then whose turn it is: a loser of a race hears who won (A19). */
function requireTurn(person: string, state: Submitted): void {
  if (state.status !== 'open') rejectClosed(state);
  if (person === state.beneficiary || person === state.requester) reject('forbidden', 'self-approval');
  if (state.slate.includes(person)) return;
  const own = state.decisions.find(({ by }) => by === person);
  if (own) reject('forbidden', 'distinct-approver', { ...own });
  const last = state.decisions.at(-1);
  // Whoever was replaced before, or at a later step, lost no race.
  if (last?.step === state.decidable.step && state.decidable.slate.includes(person)) reject('conflict', 'already-decided', { ...last });
  reject('forbidden', 'not-current-approver');
}

function requireOwn(person: string, { beneficiary, requester }: Submitted): void {
  if (person !== beneficiary && person !== requester) reject('forbidden', 'not-your-request');
}

function rejectClosed({ status, decisions, withdrawn, cancelled }: Submitted): never {
  if (status === 'cancelled') return reject('conflict', 'already-cancelled', { ...cancelled });
  if (status === 'withdrawn') return reject('conflict', 'already-withdrawn', { ...withdrawn });
  return reject('conflict', 'already-decided', { ...decisions.at(-1) });
}

function mayDecide(person: string, state: Submitted): boolean {
  const { beneficiary, requester, decisions } = state;
  return person !== beneficiary && person !== requester && !decisions.some(({ by }) => by === person) && !hasAnnulled(person, state);
}

function decided(
  state: Submitted,
  { step, by, at, nominee }: { step: number; by: string; at: string; nominee?: string },
  outcome: StandingDecision['outcome'],
): Submitted {
  const decisions = [...state.decisions, { step, by, outcome, at, ...(nominee !== undefined && { nominee }) }];
  return { ...state, decisions, decidable: { step, slate: state.slate } };
}

/** Why each is asked, as far as it decides who is asked next. */
export function groundsOf(slate: readonly Candidate[]): readonly string[] {
  return slate.map(({ person, as, link = '', position = '', via = '' }) => `${person} ${as} ${link}${position} ${via}`).sort();
}

function sameGrounds(slate: readonly Candidate[], grounds: readonly string[]): boolean {
  return groundsOf(slate).join('\n') === grounds.join('\n');
}

function union(before: readonly string[], more: readonly string[]): readonly string[] {
  return [...before, ...more.filter((person) => !before.includes(person))];
}

// Ratify and void (N7): who may, once, and what becomes of the request.
import { scenario } from '@app/kernel';
import { approvalRequest } from './approval-request';

const { given } = scenario(approvalRequest);
const at = '2026-11-21T10:00:00.000Z';
const later = '2026-11-22T09:00:00.000Z';
const submitted = {
  type: 'RequestSubmitted',
  kind: 'enrolment',
  course: 'first-aid',
  requester: 'sec',
  beneficiary: 'lea',
  assignment: 'lea/1',
  on: '2026-11-21',
} as const;
const asked = {
  type: 'ApproverAsked',
  step: 1,
  slate: [
    { person: 'mel', as: 'direct' },
    { person: 'tom', as: 'temporary' },
  ],
  skipped: [],
} as const;
const melNamedFin = { type: 'StepApproved', step: 1, by: 'mel', nominee: 'fin', at, on: '2026-11-21' } as const;
const finAsked = {
  type: 'ApproverAsked',
  step: 2,
  slate: [{ person: 'fin', as: 'nominee', via: 'mel' }],
  skipped: [],
  nominatedBy: 'mel',
} as const;
const finGranted = { type: 'RequestGranted', step: 2, by: 'fin', at } as const;
const melDenied = { type: 'RequestDenied', step: 1, by: 'mel', reason: 'no cover', at } as const;
const review = (type: 'RatifyDecision' | 'VoidDecision', by = 'ada', step = 1) =>
  ({ type, step, by, reason: 'not his team then', at: later }) as const;
const ratified = { type: 'DecisionRatified', step: 1, decider: 'mel', by: 'ada', reason: 'not his team then', at: later } as const;
const voided = (deciders: readonly string[], next?: number) =>
  ({ type: 'DecisionVoided', step: 1, deciders, by: 'ada', reason: 'not his team then', at: later, ...(next && { next }) }) as const;
const annAsked = { type: 'ApproverAsked', step: 3, slate: [{ person: 'ann', as: 'direct' }], skipped: [] } as const;

describe('an affected decision', () => {
  test('is ratified, and the request stays as it is', () => {
    given(submitted, asked, melDenied).when(review('RatifyDecision')).thenEvents(ratified);
    given(submitted, asked, melDenied, ratified).when({ type: 'Approve', by: 'mel', at: later }).thenRejected('already-decided');
  });
  test('is voided with those that rested on it, and the next step opens in their place', () =>
    given(submitted, asked, melNamedFin, finAsked, finGranted)
      .when(review('VoidDecision'))
      .thenEvents(voided(['mel', 'fin'], 3)));
  test('of a withdrawn request is voided, and nothing opens', () =>
    given(submitted, asked, melNamedFin, finAsked, { type: 'RequestWithdrawn', by: 'lea', at })
      .when(review('VoidDecision'))
      .thenEvents(voided(['mel'])));
  test('is reviewed once: who comes second hears who was first, and how it ended', () => {
    for (const type of ['RatifyDecision', 'VoidDecision'] as const) {
      const first = { step: 1, by: 'ada', at: later };
      given(submitted, asked, melDenied, ratified)
        .when(review(type, 'bea'))
        .thenRejected('already-reviewed', { ...first, outcome: 'ratified' });
      given(submitted, asked, melDenied, voided(['mel'], 2))
        .when(review(type, 'bea'))
        .thenRejected('already-reviewed', { ...first, outcome: 'voided' });
    }
  });
  test('is one that was made', () => given(submitted, asked).when(review('RatifyDecision')).thenRejected('unknown-decision'));
  test.each(['lea', 'sec'])('is not reviewed by %s, whose request it is', (by) =>
    given(submitted, asked, melDenied).when(review('VoidDecision', by)).thenRejected('self-approval'),
  );
  test.each(['mel', 'tom', 'fin'])('is not reviewed by %s, who decided or was asked', (by) =>
    given(submitted, asked, melNamedFin, finAsked).when(review('RatifyDecision', by)).thenRejected('distinct-approver'),
  );
});

describe('a request of which a decision was voided', () => {
  const reopened = [submitted, asked, melNamedFin, finAsked, finGranted, voided(['mel', 'fin'], 3)] as const;
  test('waits again, and the right person decides, who may name the same nominee', () =>
    given(...reopened, annAsked)
      .when({ type: 'Approve', by: 'ann', at: later, nominee: 'fin', nomineeStanding: 'fit' })
      .thenEvents({ type: 'StepApproved', step: 3, by: 'ann', at: later, nominee: 'fin' }));
  test('asks nobody twice when the saga comes again', () =>
    given(...reopened, annAsked)
      .when({ type: 'AskApprover', step: 3, slate: [{ person: 'ann', as: 'direct' }], skipped: [] })
      .thenNothing());
  test('is never decided by whoever voided it, nor does he become a nominee', () => {
    given(...reopened, annAsked)
      .when({ type: 'Reroute', step: 3, slate: [{ person: 'ada', as: 'fallback' }], because: 'managers-changed' })
      .thenEvents({ type: 'SlateChanged', step: 3, slate: [], removed: ['ann'], added: [], because: 'managers-changed' });
    given(...reopened, annAsked)
      .when({ type: 'Approve', by: 'ann', at: later, nominee: 'ada', nomineeStanding: 'fit' })
      .thenRejected('ineligible-nominee');
  });
  test('is decided no more by whose decision it was, unless he is asked again', () => {
    given(...reopened, annAsked)
      .when({ type: 'Approve', by: 'mel', at: later })
      .thenRejected('not-current-approver');
    given(...reopened, { ...annAsked, slate: [{ person: 'mel', as: 'direct' }] })
      .when({ type: 'Approve', by: 'mel', at: later })
      .thenEvents({ type: 'RequestGranted', step: 3, by: 'mel', at: later });
  });
});

import { scenario } from '@app/kernel';
import { approvalRequest, NOMINATIONS_MAX, type RequestEvent } from './approval-request';

const { given } = scenario(approvalRequest);
const at = '2026-11-21T10:00:00.000Z';
const later = '2026-11-21T11:00:00.000Z';
const submit = {
  type: 'Submit',
  request: 'r1',
  kind: 'enrolment',
  course: 'first-aid',
  requester: 'lea',
  beneficiary: 'lea',
  assignment: 'lea/1',
  costMinor: 12_500,
  currency: 'EUR',
  on: '2026-11-21',
} as const;
const submitted = {
  type: 'RequestSubmitted',
  kind: 'enrolment',
  course: 'first-aid',
  requester: 'lea',
  beneficiary: 'lea',
  assignment: 'lea/1',
  costMinor: 12_500,
  currency: 'EUR',
  on: '2026-11-21',
} as const;
const mel = { person: 'mel', as: 'direct', link: 'l1' } as const;
const tom = { person: 'tom', as: 'temporary', link: 'l2' } as const;
const asked = { type: 'ApproverAsked', step: 1, slate: [mel, tom], skipped: [] } as const;
const melNamedFin = { type: 'StepApproved', step: 1, by: 'mel', nominee: 'fin', at } as const;
const finAsked = {
  type: 'ApproverAsked',
  step: 2,
  slate: [{ person: 'fin', as: 'nominee', via: 'mel' }],
  skipped: [],
  nominatedBy: 'mel',
} as const;
const granted = { type: 'RequestGranted', step: 1, by: 'mel', at } as const;
const denied = { type: 'RequestDenied', step: 1, by: 'mel', reason: 'no cover', at } as const;
const withdrawn = { type: 'RequestWithdrawn', by: 'lea', at } as const;
const approve = (by: string, more: object = {}) => ({ type: 'Approve', by, at: later, ...more }) as const;
const naming = (nominee: string, nomineeStanding = 'fit') => ({ nominee, nomineeStanding }) as { nominee: string; nomineeStanding: 'fit' };

describe('a submission', () => {
  test('records what is asked for, in whose name', () => given().when(submit).thenEvents(submitted));
  test('is refused while the same is open, with the request (E45)', () =>
    given(submitted, asked).when(submit).thenRejected('duplicate-request', { request: 'r1' }));
  test('is another request once the earlier one is over (E46)', () =>
    given(submitted, asked, denied).when(submit).thenRejected('request-closed', { request: 'r1' }));
  test('leaves out what it does not say', () =>
    given()
      .when({ ...submit, costMinor: undefined, currency: undefined, course: undefined })
      .thenEvents({
        type: 'RequestSubmitted',
        kind: 'enrolment',
        requester: 'lea',
        beneficiary: 'lea',
        assignment: 'lea/1',
        on: '2026-11-21',
      }));
});

describe('the primary manager', () => {
  test('approves, and it is over', () =>
    given(submitted, asked).when(approve('mel')).thenEvents({ type: 'RequestGranted', step: 1, by: 'mel', at: later }));
  test('approves with a reason', () =>
    given(submitted, asked)
      .when(approve('mel', { reason: 'good' }))
      .thenEvents({ type: 'RequestGranted', step: 1, by: 'mel', reason: 'good', at: later }));
  test('denies, and it is over', () =>
    given(submitted, asked).when({ type: 'Deny', by: 'mel', reason: 'no cover', at }).thenEvents(denied));
  test('approves and names a further approver (A3)', () =>
    given(submitted, asked)
      .when(approve('mel', naming('fin')))
      .thenEvents({ type: 'StepApproved', step: 1, by: 'mel', nominee: 'fin', at: later }));
});

describe('a nominated approver', () => {
  const second = [submitted, asked, melNamedFin, finAsked] as const;
  test('may grant', () =>
    given(...second)
      .when(approve('fin'))
      .thenEvents({ type: 'RequestGranted', step: 2, by: 'fin', at: later }));
  test('may deny', () =>
    given(...second)
      .when({ type: 'Deny', by: 'fin', reason: 'no money', at })
      .thenEvents({ type: 'RequestDenied', step: 2, by: 'fin', reason: 'no money', at }));
  test('may name another', () =>
    given(...second)
      .when(approve('fin', naming('cfo')))
      .thenEvents({ type: 'StepApproved', step: 2, by: 'fin', nominee: 'cfo', at: later }));
  test('cannot decide before the step opens (E21)', () =>
    given(submitted, asked).when(approve('fin')).thenRejected('not-current-approver'));
});

describe('a nomination is refused at once, and nothing is half decided (E41, E42)', () => {
  const refused = (nominee: string, standing: string, because: string) =>
    given(submitted, asked)
      .when(approve('mel', naming(nominee, standing)))
      .thenRejected('ineligible-nominee', { nominee, because });
  test('of oneself', () => refused('mel', 'fit', 'self'));
  test('of the learner', () => refused('lea', 'fit', 'learner'));
  test('of somebody unknown', () => refused('xyz', 'unknown', 'not-available'));
  test('of somebody inactive, in the same words', () => refused('old', 'inactive', 'not-available'));
  test('of somebody below the learner (E17)', () => refused('sub', 'subordinate', 'subordinate'));
  test('in a circle', () =>
    given(submitted, asked, melNamedFin, finAsked)
      .when(approve('fin', naming('mel')))
      .thenRejected('nomination-cycle', { nominee: 'mel' }));
  test('beyond the nesting limit', () => {
    const chain: RequestEvent[] = [submitted, asked];
    for (let step = 1; step <= NOMINATIONS_MAX; step++) {
      const by = step === 1 ? 'mel' : `n${step - 1}`;
      chain.push({ type: 'StepApproved', step, by, nominee: `n${step}`, at });
      chain.push({
        type: 'ApproverAsked',
        step: step + 1,
        slate: [{ person: `n${step}`, as: 'nominee', via: by }],
        skipped: [],
        nominatedBy: by,
      });
    }
    given(...chain)
      .when(approve(`n${NOMINATIONS_MAX}`, naming('more')))
      .thenRejected('nomination-depth', { most: NOMINATIONS_MAX });
    given(...chain)
      .when(approve(`n${NOMINATIONS_MAX}`))
      .thenEvents({ type: 'RequestGranted', step: NOMINATIONS_MAX + 1, by: `n${NOMINATIONS_MAX}`, at: later });
  });
});

describe('the first valid decision wins (A19, E19)', () => {
  test('the other manager hears who denied', () =>
    given(submitted, asked, denied).when(approve('tom')).thenRejected('already-decided', { by: 'mel', outcome: 'denied', at }));
  test('the other manager hears who approved, also when the request went on', () =>
    given(submitted, asked, melNamedFin, finAsked)
      .when(approve('tom'))
      .thenRejected('already-decided', { by: 'mel', outcome: 'approved', step: 1, at }));
  test('who was replaced lost to nobody: the request does not wait for him (A18)', () => {
    const max = { person: 'max', as: 'alternate', link: 'l3' } as const;
    const replaced = { type: 'SlateChanged', slate: [max], added: ['max'], because: 'approver-left' } as const;
    given(submitted, asked, melNamedFin, finAsked, { ...replaced, step: 2, removed: ['fin'] })
      .when(approve('fin'))
      .thenRejected('not-current-approver');
    given(submitted, asked, { ...replaced, step: 1, removed: ['mel', 'tom'] }, { ...melNamedFin, by: 'max' }, finAsked)
      .when(approve('tom'))
      .thenRejected('not-current-approver');
  });
  test('who approved once cannot approve again', () =>
    given(submitted, asked, melNamedFin, finAsked).when(approve('mel')).thenRejected('distinct-approver', { by: 'mel', step: 1 }));
  test('a decision on a closed request is late (E21)', () =>
    given(submitted, asked, granted).when({ type: 'Deny', by: 'tom', reason: 'no', at }).thenRejected('already-decided', { by: 'mel' }));
});

describe('nobody decides his own request (E15, E16)', () => {
  test('the learner', () => given(submitted, asked).when(approve('lea')).thenRejected('self-approval'));
  test('whoever submitted for somebody else', () =>
    given({ ...submitted, requester: 'sec' }, asked)
      .when(approve('sec'))
      .thenRejected('self-approval'));
  test('a stranger', () => given(submitted, asked).when(approve('eve')).thenRejected('not-current-approver'));
  test('anybody, in a request that was never made', () => given().when(approve('mel')).thenRejected('unknown-request'));
});

describe('withdrawal (A7, E22)', () => {
  const withdraw = (by: string) => ({ type: 'Withdraw', by, at }) as const;
  test('the learner ends his own request', () => given(submitted, asked).when(withdraw('lea')).thenEvents(withdrawn));
  test('twice is once', () => given(submitted, asked, withdrawn).when(withdraw('lea')).thenNothing());
  test('a manager cannot', () => given(submitted, asked).when(withdraw('mel')).thenRejected('not-your-request'));
  test('after the decision it is too late, and one sees the decision', () =>
    given(submitted, asked, granted).when(withdraw('lea')).thenRejected('already-decided', { by: 'mel', outcome: 'approved' }));
  test('an approver who was slower sees the withdrawal', () =>
    given(submitted, asked, withdrawn).when(approve('mel')).thenRejected('already-withdrawn', { by: 'lea', at }));
});

describe('the saga may come late', () => {
  const ask = { type: 'AskApprover', step: 1, slate: [mel], skipped: [] } as const;
  test('asking opens the step', () =>
    given(submitted)
      .when(ask)
      .thenEvents({ type: 'ApproverAsked', step: 1, slate: [mel], skipped: [] }));
  test('asking twice is once', () => given(submitted, asked).when(ask).thenNothing());
  test('asking after the end is nothing', () => given(submitted, asked, withdrawn).when(ask).thenNothing());
  test('nobody to ask is a fact, and no consent (A18)', () =>
    given(submitted)
      .when({ type: 'ReportNobody', step: 1, because: 'no-approver' })
      .thenEvents({ type: 'NobodyToAsk', step: 1, because: 'no-approver' }));
  test('nobody to ask, twice', () =>
    given(submitted, { type: 'NobodyToAsk', step: 1, because: 'no-approver' })
      .when({ type: 'ReportNobody', step: 1, because: 'no-approver' })
      .thenNothing());
});

describe('a slot is refilled (E2, E3)', () => {
  const ann = { person: 'ann', as: 'alternate', link: 'l3' } as const;
  const reroute = (slate: readonly object[], step = 1) => ({ type: 'Reroute', step, slate, because: 'approver-left' }) as never;
  test('who left is removed, who steps in is added', () =>
    given(submitted, asked)
      .when(reroute([tom, ann]))
      .thenEvents({ type: 'SlateChanged', step: 1, slate: [tom, ann], removed: ['mel'], added: ['ann'], because: 'approver-left' }));
  test('the same slate is nothing', () =>
    given(submitted, asked)
      .when(reroute([tom, mel]))
      .thenNothing());
  test('the learner never steps in', () =>
    given(submitted, asked)
      .when(reroute([mel, tom, { person: 'lea', as: 'alternate' }]))
      .thenNothing());
  test('who decided before never steps in', () =>
    given(submitted, asked, melNamedFin, finAsked)
      .when(reroute([{ person: 'mel', as: 'next-level' }], 2))
      .thenEvents({ type: 'SlateChanged', step: 2, slate: [], removed: ['fin'], added: [], because: 'approver-left' }));
  test('an earlier step is left alone', () =>
    given(submitted, asked, melNamedFin, finAsked)
      .when(reroute([ann], 1))
      .thenNothing());
  test('who stepped in may decide', () =>
    given(submitted, asked, {
      type: 'SlateChanged',
      step: 1,
      slate: [ann],
      removed: ['mel', 'tom'],
      added: ['ann'],
      because: 'approver-left',
    })
      .when(approve('ann'))
      .thenEvents({ type: 'RequestGranted', step: 1, by: 'ann', at: later }));
});

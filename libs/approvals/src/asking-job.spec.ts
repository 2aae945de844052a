// The job in whose name was asked ends: what the site has chosen becomes of the request (E11).
import { scenario } from '@app/kernel';
import { person } from '@app/organisation';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { approvalRequest } from './approval-request';
import { approvalSettings, endedJobPolicy } from './approval-settings';
import { inboxOf } from './pending-approvals';

const at = `${TODAY}T10:00:00.000Z`;
const TOMORROW = '2026-11-22';
const submit = {
  type: 'Submit',
  request: 'r1',
  kind: 'enrolment',
  requester: 'sec',
  beneficiary: 'lea',
  assignment: 'lea/1',
  on: TODAY,
} as const;
const submitted = {
  type: 'RequestSubmitted',
  kind: 'enrolment',
  requester: 'sec',
  beneficiary: 'lea',
  assignment: 'lea/1',
  on: TODAY,
} as const;
const asked = { type: 'ApproverAsked', step: 1, slate: [{ person: 'mel', as: 'direct', link: 'l1' }], skipped: [] } as const;
const granted = { type: 'RequestGranted', step: 1, by: 'mel', at } as const;
const ended = { because: 'assignment-ended', assignment: 'lea/1', endedOn: TODAY, on: TODAY } as const;
const cancel = { type: 'Cancel', ...ended } as const;
const cancelled = { type: 'RequestCancelled', ...ended } as const;

describe('a request that is cancelled because its job has ended', () => {
  const { given } = scenario(approvalRequest);

  test('says so', () => given(submitted, asked).when(cancel).thenEvents(cancelled));
  test.each([
    ['approved', { type: 'Approve', by: 'mel', at }],
    ['denied', { type: 'Deny', by: 'mel', reason: 'no cover', at }],
    ['withdrawn', { type: 'Withdraw', by: 'lea', at }],
  ] as const)('is not %s any more, and whoever comes late hears why', (_how, command) =>
    given(submitted, asked, cancelled).when(command).thenRejected('already-cancelled', ended),
  );
  test('asks nobody any more', () => {
    const state = [submitted, asked, cancelled].reduce((before, event) => approvalRequest.evolve(before, event), approvalRequest.initial);
    expect(state).toMatchObject({ status: 'cancelled', slate: [] });
    given(submitted, asked, cancelled).when({ type: 'AskApprover', step: 2, slate: [], skipped: [] }).thenNothing();
  });
  test('may be made again as another one (E45)', () => given(submitted, asked, cancelled).when(submit).thenRejected('request-closed'));
  test('stays so when an earlier decision of it is voided', () =>
    given(submitted, asked, { type: 'StepApproved', step: 1, by: 'mel', nominee: 'fin', at }, cancelled)
      .when({ type: 'VoidDecision', step: 1, by: 'rob', reason: 'not his team', at })
      .thenEvents({ type: 'DecisionVoided', step: 1, deciders: ['mel'], by: 'rob', reason: 'not his team', at }));
  test('is not cancelled once it is decided, nor twice, nor for a job in whose name it does not stand', () => {
    given(submitted, asked, granted).when(cancel).thenNothing();
    given(submitted, asked, cancelled).when(cancel).thenNothing();
    given(submitted, asked)
      .when({ ...cancel, assignment: 'lea/2' })
      .thenNothing();
  });
});

describe('the policy of the site', () => {
  const { given } = scenario(approvalSettings);
  const choose = (policy: 'continue' | 'cancel') => ({ type: 'ChooseEndedJobPolicy', policy }) as const;
  const chosen = (policy: 'continue' | 'cancel') => ({ type: 'EndedJobPolicyChosen', policy }) as const;

  test('is that requests go on, until another one is chosen', () => {
    given().when(choose('continue')).thenNothing();
    given().when(choose('cancel')).thenEvents(chosen('cancel'));
    given(chosen('cancel')).when(choose('cancel')).thenNothing();
    given(chosen('cancel')).when(choose('continue')).thenEvents(chosen('continue'));
  });
  test('is one setting, and the fallback approver another', () => {
    given(chosen('cancel'), { type: 'FallbackApproverNamed', person: 'fin' }).when(choose('cancel')).thenNothing();
    given({ type: 'FallbackApproverNamed', person: 'fin' }, chosen('cancel'))
      .when({ type: 'NameFallbackApprover', person: 'fin' })
      .thenNothing();
  });
});

describe('in an organisation', () => {
  let world: ChainWorld;
  beforeEach(async () => {
    world = await openChain();
    for (const id of ['mel', 'max', 'fin', 'rob']) await world.hire(id);
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['max'], 'lea/2');
    await world.submit('r1', 'lea');
  });
  afterEach(() => world.close());

  const end = async (to: string) => {
    await world.endJob('lea/1', to);
    await world.settled();
  };
  const status = async (id = 'r1') => (await world.story(id)).status;
  const inbox = (who: string) => inboxOf(world.models, who, { limit: 10 }).map(({ request }) => request);
  const count = async (type: string) => (await world.log.readAll()).filter(({ event }) => event.type === type).length;

  test('by default the request goes on with the managers of the job', async () => {
    await end(TOMORROW);
    await world.tick(`${TOMORROW}T00:00:00.000Z`);
    expect([endedJobPolicy(world.models), await status(), inbox('mel')]).toEqual(['continue', 'open', ['r1']]);
    await world.request('r1', { type: 'Approve', by: 'mel', at });
    expect(await status()).toBe('granted');
  });

  test('cancel: the request is over as soon as the job is, and nobody is asked any more', async () => {
    await world.forEndedJobs('cancel');
    await end(TODAY);
    expect(await status()).toBe('cancelled');
    expect((await world.story('r1')).chain.at(-1)!.status).toBe('cancelled');
    expect(inbox('mel')).toEqual([]);
    await expect(world.request('r1', { type: 'Approve', by: 'mel', at })).rejects.toMatchObject({ code: 'already-cancelled' });
  });

  test('cancel: a job that ends on a later day is over in the first moment of that day, once', async () => {
    await world.forEndedJobs('cancel');
    await end(TOMORROW);
    await world.tick('2026-11-21T23:59:59.999Z');
    expect(await status()).toBe('open');
    await world.tick(`${TOMORROW}T00:00:00.000Z`);
    expect(await status()).toBe('cancelled');
    await world.tick('2026-11-23T00:00:00.000Z');
    expect(await count('RequestCancelled')).toBe(1);
  });

  test('cancel: a request whose nominee is asked is over too, and one in the name of another job is not', async () => {
    await world.forEndedJobs('cancel');
    await world.request('r1', { type: 'Approve', by: 'mel', at, nominee: 'fin', nomineeStanding: 'fit' });
    await world.submit('r2', 'lea', 'lea/2');
    await end(TODAY);
    expect([await status(), await status('r2'), inbox('fin'), inbox('max')]).toEqual(['cancelled', 'open', [], ['r2']]);
  });

  test('cancel: what was granted stays; when its decision falls after the job has ended, it does not wait again', async () => {
    await world.forEndedJobs('cancel');
    await world.request('r1', { type: 'Approve', by: 'mel', at });
    await end(TODAY);
    expect(await status()).toBe('granted');
    await world.request('r1', { type: 'VoidDecision', step: 1, by: 'rob', reason: 'not his team', at });
    await world.settled();
    expect(await status()).toBe('cancelled');
  });

  test('cancel: chosen late it holds for requests whose job had ended before, and an end that is taken back opens none again', async () => {
    await end(TODAY);
    expect(await status()).toBe('open');
    await world.forEndedJobs('cancel');
    await world.settled();
    await world.tick(at);
    expect(await status()).toBe('cancelled');
    const open = { type: 'ChangeAssignment', person: 'lea', assignment: 'lea/1', to: null } as const;
    await world.send(person, 'lea', open);
    await world.settled();
    expect(await status()).toBe('cancelled');
  });

  test('cancel: what is asked for by somebody who does not know yet that the job has ended is over at once', async () => {
    await world.forEndedJobs('cancel');
    await end(TODAY);
    await world.submit('late', 'lea');
    await world.settled();
    expect(await status('late')).toBe('cancelled');
    await world.deactivate('mel');
    await world.submit('later', 'lea');
    await world.settled();
    expect(await status('later')).toBe('cancelled');
  });
});

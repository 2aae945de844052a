import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { inboxOf } from './pending-approvals';
import { nomineeChoices, standingOf } from './resolver';
import { requestsWithNobody } from './requests';

const at = `${TODAY}T12:00:00.000Z`;
let world: ChainWorld;
beforeEach(async () => {
  world = await openChain();
  await world.hire('ceo');
  await world.hire('dir', ['ceo']);
  await world.hire('mel', ['dir', { manager: 'ann', kind: 'alternate' }]);
  await world.hire('ann', ['dir']);
  await world.hire('fin', ['ceo']);
});
afterEach(() => world.close());

const inbox = (person: string) => inboxOf(world.models, person, { limit: 10 }).map(({ request, why }) => ({ request, as: why.as }));
const grant = (by: string) => world.request('r1', { type: 'Approve', by, at });
const nominate = (by: string, nominee: string) => world.request('r1', { type: 'Approve', by, at, nominee, nomineeStanding: 'fit' });

describe('the chain', () => {
  beforeEach(() => world.hire('lea', ['mel', { manager: 'ann', kind: 'alternate' }]));

  test('asks the primary manager with the submission itself, in one append', async () => {
    const { events } = await world.submit('r1', 'lea');
    expect(events.map(({ type }) => type)).toEqual(['RequestSubmitted', 'ApproverAsked']);
    expect(inbox('mel')).toEqual([{ request: 'r1', as: 'direct' }]);
    expect(inbox('ann')).toEqual([]);
    await world.settled();
    expect(await world.log.read('request-r1')).toHaveLength(2);
  });

  test('passes the request on to whom the manager names, and to whom that one names (A1, A3)', async () => {
    await world.submit('r1', 'lea');
    await nominate('mel', 'fin');
    expect([inbox('mel'), inbox('fin')]).toEqual([[], [{ request: 'r1', as: 'nominee' }]]);
    await nominate('fin', 'ceo');
    expect(inbox('ceo')).toEqual([{ request: 'r1', as: 'nominee' }]);
    await grant('ceo');
    await world.settled();
    const { status, chain } = await world.story('r1');
    expect(status).toBe('granted');
    expect(chain.map((step) => [step.step, step.status, step.decision!.by, step.nominatedBy])).toEqual([
      [1, 'approved', 'mel', undefined],
      [2, 'approved', 'fin', 'mel'],
      [3, 'approved', 'ceo', 'fin'],
    ]);
  });

  test('ends with a denial', async () => {
    await world.submit('r1', 'lea');
    await world.request('r1', { type: 'Deny', by: 'mel', reason: 'no cover', at });
    expect((await world.story('r1')).status).toBe('denied');
    expect(inbox('mel')).toEqual([]);
    await expect(grant('mel')).rejects.toMatchObject({ code: 'already-decided' });
  });

  test('says why each is asked, and since when', async () => {
    await world.submit('r1', 'lea');
    const [pending] = inboxOf(world.models, 'mel', { limit: 10 });
    expect(pending).toMatchObject({ step: 1, revision: 1, since: `${TODAY}T10:00:00.000Z`, why: { as: 'direct', since: '2026-01-01' } });
  });

  test('the inbox names the revision that a decision needs, also when an earlier one was ratified meanwhile (N7)', async () => {
    await world.submit('r1', 'lea');
    await nominate('mel', 'fin');
    await world.request('r1', { type: 'RatifyDecision', step: 1, by: 'ada', reason: 'as it should be', at });
    const [pending] = inboxOf(world.models, 'fin', { limit: 10 });
    expect(pending).toMatchObject({ step: 2, revision: (await world.story('r1')).revision });
  });
});

describe('who is asked', () => {
  test('the temporary and the direct manager, any of whom may decide', async () => {
    await world.hire('lea', ['mel', { manager: 'ann', kind: 'temporary', to: '2026-12-24' }]);
    await world.submit('r1', 'lea');
    expect(await world.askedIn('r1')).toEqual(expect.arrayContaining(['mel', 'ann']));
    await grant('ann');
    await expect(grant('mel')).rejects.toMatchObject({ code: 'already-decided', facts: { by: 'ann' } });
  });
  test('each is shown why he himself is asked, and which revision it is, however often he looks and whoever joins', async () => {
    await world.hire('lea', ['mel', { manager: 'ann', kind: 'temporary', to: '2026-12-24' }]);
    await world.submit('r1', 'lea');
    const look = () => ['mel', 'ann', 'fin'].map((person) => inboxOf(world.models, person, { limit: 10 }));
    for (const shown of [look(), look()]) {
      expect(shown).toMatchObject([[{ revision: 1, why: { as: 'direct' } }], [{ revision: 1, why: { as: 'temporary' } }], []]);
    }
    await world.assign('lea/1', 'lea', { manager: 'fin', kind: 'temporary', to: '2026-12-24' });
    await world.settled();
    const why = (person: string, as: string) => [{ revision: 2, why: { person, as } }];
    for (const shown of [look(), look()]) {
      expect(shown).toMatchObject([why('mel', 'direct'), why('ann', 'temporary'), why('fin', 'temporary')]);
    }
  });
  test('the alternate where there is no direct manager (E2)', async () => {
    await world.hire('lea', [{ manager: 'ann', kind: 'alternate' }]);
    await world.submit('r1', 'lea');
    expect(await world.askedIn('r1')).toEqual(['ann']);
  });
  test('the next level where all managers are inactive (A18)', async () => {
    await world.hire('lea', ['mel']);
    await world.deactivate('mel');
    await world.submit('r1', 'lea');
    const [step] = (await world.story('r1')).chain;
    expect(step).toMatchObject({
      slate: [{ person: 'dir', as: 'next-level', via: 'mel' }],
      skipped: [{ person: 'mel', because: 'inactive' }],
    });
  });
  test('the next level of an alternate where there is no direct manager, and as such', async () => {
    await world.hire('lea', [{ manager: 'mel', kind: 'alternate' }]);
    await world.deactivate('mel');
    await world.submit('r1', 'lea');
    expect((await world.story('r1')).chain[0]!.slate).toMatchObject([{ person: 'dir', as: 'next-level', via: 'mel' }]);
  });
  test('the fallback approver for whoever is at the top, and has no manager (E15, O12)', async () => {
    await world.fallback('fin');
    await world.submit('r1', 'ceo');
    expect((await world.story('r1')).chain[0]!.slate).toEqual([{ person: 'fin', as: 'fallback' }]);
  });
  test('nobody who manages himself: such a link is refused (E15)', () =>
    expect(world.assign('ceo/1', 'ceo', { manager: 'ceo' })).rejects.toMatchObject({ code: 'self-manager' }));
  test('never who asks for somebody else: the next level takes the slot (E16)', async () => {
    await world.hire('lea', ['mel']);
    const asked = { kind: 'enrolment', course: 'first-aid', requester: 'mel', beneficiary: 'lea', assignment: 'lea/1', on: TODAY };
    await world.request('r1', { type: 'Submit', request: 'r1', ...asked });
    expect((await world.story('r1')).chain[0]).toMatchObject({
      slate: [{ person: 'dir', as: 'next-level', via: 'mel' }],
      skipped: [{ person: 'mel', because: 'self' }],
    });
    await expect(grant('mel')).rejects.toMatchObject({ code: 'self-approval' });
  });
  test('in a gap between two direct managers the alternate, else the next in order; two at once are refused (E35)', async () => {
    await world.fallback('fin');
    await world.hire('lea', [
      { manager: 'mel', to: '2026-06-01' },
      { manager: 'dir', from: '2026-12-01' },
    ]);
    await world.submit('r1', 'lea');
    expect((await world.story('r1')).chain[0]!.slate).toEqual([{ person: 'fin', as: 'fallback' }]);
    await world.assign('lea/1', 'lea', { manager: 'ann', kind: 'alternate' });
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['ann']);
    await world.tick('2026-12-01T00:00:00.000Z');
    expect(await world.askedIn('r1')).toEqual(['dir']);
    await expect(world.assign('lea/1', 'lea', { manager: 'ceo', from: '2026-05-31' })).rejects.toMatchObject({ code: 'direct-overlap' });
  });
  test('nobody in a job that he holds no more: the line goes on above that job', async () => {
    await world.hire('lea', [{ manager: 'mel', managerAssignment: 'mel/1' }]);
    await world.hire('mel', ['ceo'], 'mel/2');
    await world.submit('r1', 'lea');
    await world.endJob('mel/1', TODAY);
    await world.settled();
    const { chain } = await world.story('r1');
    expect(chain[0]!.slate).toMatchObject([{ person: 'dir', as: 'next-level', via: 'mel' }]);
  });
  test('never the learner, even if he is the fallback approver; it waits and is listed (E16, A18)', async () => {
    await world.fallback('ceo');
    await world.submit('r1', 'ceo');
    expect((await world.story('r1')).chain[0]).toMatchObject({ status: 'nobody', slate: [] });
    expect(requestsWithNobody(world.models)).toMatchObject([{ id: 'r1', because: 'no-approver' }]);
    await world.fallback('fin');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['fin']);
    expect(requestsWithNobody(world.models)).toEqual([]);
  });
  test('nobody below the learner (E17)', async () => {
    await world.hire(
      'dir',
      [
        { manager: 'mel', kind: 'alternate' },
        { manager: 'fin', kind: 'alternate' },
      ],
      'dir/bank',
    );
    await world.submit('r1', 'dir', 'dir/bank');
    const [step] = (await world.story('r1')).chain;
    expect(step!.slate.map(({ person }) => person)).toEqual(['fin']);
    expect(step!.skipped).toEqual([{ person: 'mel', because: 'subordinate' }]);
  });
  test('only managers with the responsibility for approval', async () => {
    await world.hire('lea', [
      { manager: 'mel', responsibilities: ['appraisal'] },
      { manager: 'ann', kind: 'alternate' },
    ]);
    await world.submit('r1', 'lea');
    expect(await world.askedIn('r1')).toEqual(['ann']);
  });
});

describe('nominees (E41)', () => {
  test('their standing is known at the decision', async () => {
    await world.hire('lea', ['mel']);
    const question = { beneficiary: 'dir', on: TODAY };
    await world.deactivate('ann');
    expect(['xyz', 'ann', 'mel', 'fin'].map((nominee) => standingOf(world.models, question, nominee))).toEqual([
      'unknown',
      'inactive',
      'subordinate',
      'fit',
    ]);
  });
  test('the choices are those above the asking assignment and the fallback approver', async () => {
    await world.hire('lea', ['mel']);
    await world.fallback('fin');
    const question = { requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY, decided: ['mel'] };
    expect(nomineeChoices(world.models, question)).toEqual(['ann', 'dir', 'ceo', 'fin']);
  });
});

describe('the organisation changes while a request is open', () => {
  beforeEach(async () => {
    await world.hire('lea', ['mel', { manager: 'ann', kind: 'alternate' }]);
    await world.submit('r1', 'lea');
  });
  test('the approver leaves: the alternate is asked, and it is recorded (E2, E3)', async () => {
    await world.deactivate('mel');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['ann']);
    expect([inbox('mel'), inbox('ann')]).toEqual([[], [{ request: 'r1', as: 'alternate' }]]);
    const [changed] = await world.log.read('request-r1', { direction: 'backwards', max: 1 });
    expect(changed!.event).toMatchObject({ type: 'SlateChanged', removed: ['mel'], added: ['ann'], because: 'approver-left' });
  });
  test('another manager is assigned today: the slot follows', async () => {
    await world.endLink('lea/1/direct/mel/2026-01-01', TODAY);
    await world.assign('lea/1', 'lea', { manager: 'dir', from: TODAY });
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['dir']);
  });
  test('a link that ends later moves the slot on its day, by a timer (E33)', async () => {
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-12-01');
    await world.settled();
    await world.tick('2026-11-30T23:59:59.000Z');
    expect(await world.askedIn('r1')).toEqual(['mel']);
    await world.tick('2026-12-01T00:00:00.000Z');
    expect(await world.askedIn('r1')).toEqual(['ann']);
    expect(await world.tick('2026-12-01T00:00:01.000Z')).toBe(0);
  });
  test('a timer of a date long past asks for today: who has left since is not asked again (E3)', async () => {
    await world.deactivate('mel');
    await world.settled();
    await world.tick(`${TODAY}T12:00:00.000Z`);
    expect(await world.askedIn('r1')).toEqual(['ann']);
  });
  test('a nominated approver leaves: the slot goes up the line, never to who decided before', async () => {
    await nominate('mel', 'fin');
    await world.deactivate('fin');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['ann']);
    await world.deactivate('ann');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['dir']);
  });
  test('a decision that was made stands', async () => {
    await grant('mel');
    await world.deactivate('mel');
    await world.settled();
    expect((await world.story('r1')).chain.at(-1)).toMatchObject({ status: 'approved', decision: { by: 'mel' } });
  });

  test('E2: who was asked one level up is asked no longer when he does not stand there any more', async () => {
    await world.deactivate('mel');
    await world.deactivate('ann');
    await world.settled();
    expect(inbox('dir')).toEqual([{ request: 'r1', as: 'next-level' }]);
    await world.fallback('fin');
    for (const one of ['mel', 'ann']) await world.endLink(`${one}/1/direct/dir/2026-01-01`, TODAY);
    await world.settled();
    expect(inbox('dir')).toEqual([]);
    expect(inbox('fin')).toEqual([{ request: 'r1', as: 'fallback' }]);
  });
});

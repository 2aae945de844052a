import { reporting } from '@app/organisation';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { affectedDecisions } from './affected-decisions';
import { approvalSettings, SITE } from './approval-settings';
import { approvalsAsKnownAt } from './as-known';
import { explain } from './explanation';
import { requestsWithNobody } from './requests';
import { resolve } from './resolver';

let world: ChainWorld;
beforeEach(async () => {
  world = await openChain();
  for (const id of ['ceo', 'fin', 'ann', 'tom']) await world.hire(id);
  await world.hire('mel', ['ceo']);
  await world.hire('lea', [
    'mel',
    { manager: 'ann', kind: 'alternate' },
    { manager: 'tom', kind: 'temporary', to: '2026-03-01' },
    { manager: 'fin', kind: 'alternate', responsibilities: ['goals'] },
  ]);
  await world.fallback('fin');
});
afterEach(() => world.close());

const question = { requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY };
const verdictOn = (about: string, on = TODAY) => explain(world.models, { ...question, on }, about).whyNot!.verdict;

describe('the derivation of a slate (N2)', () => {
  test('names the assignment with its interval and every link with its verdict', () => {
    const { levels, slate } = explain(world.models, question);
    expect(slate.map(({ person }) => person)).toEqual(['mel']);
    expect(levels).toMatchObject([
      {
        level: 1,
        assignments: [{ id: 'lea/1', person: 'lea', from: '2026-01-01' }],
        links: [
          { person: 'ann', kind: 'alternate', verdict: 'not-needed' },
          { person: 'mel', kind: 'direct', from: '2026-01-01', verdict: 'asked' },
        ],
      },
    ]);
  });
  test('goes up level by level to the fallback approver', async () => {
    for (const id of ['mel', 'ann', 'ceo']) await world.deactivate(id);
    const { levels, slate, fallback } = explain(world.models, question);
    expect(levels.map(({ links }) => links.map(({ person, verdict }) => `${person} ${verdict}`))).toEqual([
      ['ann inactive', 'mel inactive'],
      ['ceo inactive'],
      [],
    ]);
    expect([slate, fallback]).toMatchObject([[{ person: 'fin', as: 'fallback' }], { person: 'fin', verdict: 'asked' }]);
  });
  test('is what the chain asks', () => {
    const { slate, skipped } = explain(world.models, question);
    expect({ slate, skipped }).toEqual(resolve(world.models, question));
  });
  test('says that somebody is named in a job which he holds no more', async () => {
    await world.hire('sam', [{ manager: 'tom', managerAssignment: 'tom/1' }]);
    await world.endJob('tom/1', TODAY);
    const ofSam = { requester: 'sam', beneficiary: 'sam', assignment: 'sam/1', on: TODAY };
    expect(explain(world.models, ofSam, 'tom')).toMatchObject({
      skipped: [{ person: 'tom', because: 'not-in-job' }],
      whyNot: { verdict: 'not-in-job' },
    });
  });
  test.each([
    ['mel', 'asked'],
    ['ann', 'not-needed'],
    ['tom', 'not-in-effect'],
    ['ceo', 'higher-up'],
    ['fin', 'not-for-approval'],
    ['lea', 'self'],
    ['nobody', 'inactive'],
  ])('says why not %s: %s', (person, verdict) => expect(verdictOn(person)).toBe(verdict));
  test('says of somebody beside the line that no link names him, and of the fallback approver what he is for', async () => {
    await world.hire('zoe');
    expect(verdictOn('zoe')).toBe('no-link');
    await world.fallback('zoe');
    expect(verdictOn('zoe')).toBe('fallback-only');
    await world.hire('sub', ['lea']);
    expect(verdictOn('sub')).toBe('subordinate');
  });
  test('is of the day that is asked about', () => expect(verdictOn('tom', '2026-02-01')).toBe('asked'));
});

describe('as it was known (N1)', () => {
  const slateKnownAt = (at: string | undefined, on = TODAY) =>
    resolve(approvalsAsKnownAt(world.models, at), { ...question, on }).slate.map(({ person }) => person);

  test('a correction changes what is known of a day, and not what was known', async () => {
    const before = String(world.models.position);
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-06-01');
    await world.assign('lea/1', 'lea', { manager: 'zed', from: '2026-06-01' });
    await world.hire('zed');
    expect([slateKnownAt(before, '2026-07-01'), slateKnownAt(undefined, '2026-07-01')]).toEqual([['mel'], ['zed']]);
    expect(slateKnownAt(String(world.models.position), '2026-07-01')).toEqual(['zed']);
    expect(slateKnownAt(undefined, '2026-05-01')).toEqual(['mel']);
  });
  test('the fallback approver is the one who was named by then', async () => {
    const before = String(world.models.position);
    await world.fallback('ann');
    const top = { ...question, requester: 'ceo', beneficiary: 'ceo', assignment: 'ceo/1' };
    const at = (known: string | undefined) => resolve(approvalsAsKnownAt(world.models, known), top).slate.map(({ person }) => person);
    expect([at(before), at(undefined)]).toEqual([['fin'], ['ann']]);
  });
  test('nor does an instant know of a fallback approver who was named later', async () => {
    const later = `${TODAY}T11:00:00.000Z`;
    await world.run(
      approvalSettings,
      SITE,
      { type: 'NameFallbackApprover', person: 'ann' },
      { command: 'later', actor: 'suite', at: later },
    );
    const top = { ...question, requester: 'ceo', beneficiary: 'ceo', assignment: 'ceo/1' };
    const at = (known: string) => resolve(approvalsAsKnownAt(world.models, known), top).slate.map(({ person }) => person);
    await world.settled();
    expect([at(`${TODAY}T10:59:59Z`), at(later)]).toEqual([['fin'], ['ann']]);
  });
  test('an instant stands for all that was recorded until then', () => {
    expect(slateKnownAt(`${TODAY}T09:59:59.999Z`)).toEqual([]);
    expect(slateKnownAt(`${TODAY}T10:00:00Z`)).toEqual(['mel']);
    expect(slateKnownAt(`${TODAY}T10:00:00.000Z`)).toEqual(['mel']);
  });
});

describe('decisions that a back-dated change touches (N7)', () => {
  const at = `${TODAY}T12:00:00.000Z`;
  const affected = () => affectedDecisions(world.models, { limit: 10 });
  beforeEach(async () => {
    await world.submit('r1', 'lea');
    await world.request('r1', { type: 'Approve', by: 'mel', at, nominee: 'fin', nomineeStanding: 'fit' });
    await world.request('r1', { type: 'Approve', by: 'fin', at });
  });

  test('are none while nothing is corrected, and none for a change of a later day', async () => {
    expect(affected()).toEqual({ items: [] });
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-12-01');
    expect(affected()).toEqual({ items: [] });
  });
  test('are those of somebody who was not the manager that day, and stand (E32)', async () => {
    const before = await world.story('r1');
    await world.submit('r2', 'lea');
    expect(await world.askedIn('r2')).toEqual(['mel']);
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-06-01');
    await world.settled();
    // What is still open follows what is known now.
    expect(await world.askedIn('r2')).toEqual(['ann']);
    expect(affected().items).toMatchObject([
      { request: 'r1', step: 1, by: 'mel', beneficiary: 'lea', instead: ['ann'], whyNot: { verdict: 'not-in-effect' } },
    ]);
    expect(await world.story('r1')).toEqual(before);
  });
  test('are taken from the list by a correction of the correction (E34)', async () => {
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-06-01');
    await world.send(reporting, SITE, { type: 'CorrectManagerLink', link: 'lea/1/direct/mel/2026-01-01', to: null } as never);
    expect(affected()).toEqual({ items: [] });
  });
  test('are not those of a manager whose first day it was', async () => {
    await world.hire('sam', [{ manager: 'mel', from: TODAY }]);
    await world.submit('r3', 'sam');
    await world.request('r3', { type: 'Approve', by: 'mel', at });
    expect(affected()).toEqual({ items: [] });
  });
  test('are ratified, or voided: then those who are to be asked today are asked, and the list says so', async () => {
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-06-01');
    const reason = 'not her team then';
    const review = { step: 1, by: 'ada', reason, at: `${TODAY}T13:00:00.000Z` };
    expect(affectedDecisions(world.models, { limit: 10, review: 'open' }).items).toHaveLength(1);
    await world.request('r1', { type: 'VoidDecision', ...review });
    await world.settled();
    const { status, chain } = await world.story('r1');
    expect(status).toBe('open');
    expect(chain.map(({ step, status: how, slate }) => [step, how, slate.map(({ person }) => person)])).toEqual([
      [1, 'voided', ['mel']],
      [2, 'voided', ['fin']],
      [3, 'waiting', ['ann']],
    ]);
    expect(affectedDecisions(world.models, { limit: 10, review: 'open' }).items).toEqual([]);
    expect(affected().items).toMatchObject([
      { step: 1, by: 'mel', instead: ['ann'], review: { outcome: 'voided', by: 'ada', reason, at: review.at } },
    ]);
    await world.request('r1', { type: 'Approve', by: 'ann', at, nominee: 'fin', nomineeStanding: 'fit' });
    await world.request('r1', { type: 'Approve', by: 'fin', at });
    expect((await world.story('r1')).status).toBe('granted');
    expect(affected().items.map(({ step, by }) => [step, by])).toEqual([[1, 'mel']]);
  });
  test('that are voided leave nobody to ask where nobody is left: the request waits and is listed', async () => {
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-06-01');
    for (const id of ['ann', 'fin']) await world.deactivate(id);
    await world.request('r1', { type: 'VoidDecision', step: 1, by: 'ada', reason: 'wrong', at });
    await world.settled();
    expect(requestsWithNobody(world.models)).toMatchObject([{ id: 'r1', step: 3 }]);
    await world.hire('zoe');
    await world.fallback('zoe');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['zoe']);
  });
  test('are found over a level higher up', async () => {
    await world.deactivate('mel');
    await world.deactivate('ann');
    await world.hire('kim', ['mel']);
    await world.submit('r2', 'kim');
    await world.request('r2', { type: 'Approve', by: 'ceo', at });
    await world.endLink('mel/1/direct/ceo/2026-01-01', '2026-06-01');
    expect(affected().items).toMatchObject([{ request: 'r2', by: 'ceo', instead: ['fin'] }]);
  });
});

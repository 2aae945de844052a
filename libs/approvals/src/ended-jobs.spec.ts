import { person } from '@app/organisation';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { grantedInEndedJobs } from './ended-jobs';

const at = `${TODAY}T12:00:00.000Z`;
const DAY_AFTER = '2026-11-22';
const LATER = '2026-12-01';
let world: ChainWorld;
beforeEach(async () => {
  world = await openChain();
  await world.hire('mel');
  for (const [learner, costCentre] of [
    ['lea', 'CC-1'],
    ['ben', 'CC-2'],
  ]) {
    await world.hire(learner!, ['mel'], `${learner}/1`, { costCentre });
    await world.submit(`of-${learner}`, learner!);
    await world.request(`of-${learner}`, { type: 'Approve', by: 'mel', at });
  }
});
afterEach(() => world.close());

const end = (learner: string, to: string) =>
  world.send(person, learner, { type: 'EndAssignment', person: learner, assignment: `${learner}/1`, to } as never);
const listed = (on: string, more: { since?: string; costCentre?: string; after?: number } = {}) =>
  grantedInEndedJobs(world.models, { on, limit: 10, ...more }).map(({ request }) => request);

test('what was granted in the name of a job that has ended since stays granted and is listed, by cost centre and day (E12)', async () => {
  expect(listed(LATER)).toEqual([]);
  await end('lea', DAY_AFTER);
  await end('ben', LATER);
  expect([listed(TODAY), listed(DAY_AFTER), listed(LATER)]).toEqual([[], ['of-lea'], ['of-lea', 'of-ben']]);
  expect([listed(LATER, { since: LATER }), listed(LATER, { costCentre: 'CC-1' })]).toEqual([['of-ben'], ['of-lea']]);
  const [first] = grantedInEndedJobs(world.models, { on: LATER, limit: 1 });
  expect(first).toMatchObject({
    beneficiary: 'lea',
    assignment: 'lea/1',
    endedOn: DAY_AFTER,
    costCentre: 'CC-1',
    grantedAt: expect.any(String),
  });
  expect(listed(LATER, { after: first!.place })).toEqual(['of-ben']);
  expect((await world.story('of-lea')).status).toBe('granted');
});

test('what was not granted, and what was granted when the job was over already, is not listed', async () => {
  await world.request('denied', {
    type: 'Submit',
    request: 'denied',
    kind: 'enrolment',
    course: 'other',
    requester: 'lea',
    beneficiary: 'lea',
    assignment: 'lea/1',
    on: TODAY,
  });
  await world.request('denied', { type: 'Deny', by: 'mel', reason: 'no', at });
  await end('lea', '2026-11-20');
  expect(listed(LATER)).toEqual([]);
});

test.each([
  ['west of UTC, granted in the evening of its last day', '2026-11-22T02:00:00.000Z', TODAY, DAY_AFTER, ['of-ann']],
  ['east of UTC, granted in the morning after its last day', '2026-11-20T20:00:00.000Z', TODAY, TODAY, []],
  ['granted by an event of earlier releases, which names no day', at, undefined, DAY_AFTER, ['of-ann']],
])('whether a job had ended is a question of days of the organisation: %s (E31)', async (_where, moment, on, to, found) => {
  const there = await openChain(moment);
  await there.hire('mel');
  await there.hire('ann', ['mel']);
  await there.submit('of-ann', 'ann');
  await there.request('of-ann', { type: 'Approve', by: 'mel', at: moment, ...(on && { on }) });
  await there.endJob('ann/1', to);
  expect(grantedInEndedJobs(there.models, { on: LATER, limit: 10 }).map(({ request }) => request)).toEqual(found);
  await there.close();
});

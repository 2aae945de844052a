import type { Caller, Cursors, Runtime } from '@app/platform';
import { openChain, TODAY } from '../../../test/support/chain-world';
import { InboxController } from './inbox.controller';

test('what needs attention names the events that were parked wherever a follower runs', async () => {
  const world = await openChain();
  const parked = [{ follower: 'notify', stream: 'request-r1', position: 7, reason: 'TypeError' }];
  const runtime = { models: world.models, parked: async () => parked } as unknown as Runtime;
  expect(await new InboxController(runtime, {} as Cursors).attention()).toEqual({ requests: [], parked });
  await world.close();
});

test('all of one’s open requests are counted, however many there are', async () => {
  const world = await openChain();
  await world.hire('mel');
  await world.hire('lea', ['mel']);
  const asked = { type: 'Submit', kind: 'enrolment', requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY } as const;
  for (let at = 0; at < 202; at++) await world.request(`r${at}`, { ...asked, request: `r${at}`, course: `c${at}` });
  await world.request('r0', { type: 'Withdraw', by: 'lea', at: `${TODAY}T11:00:00.000Z` });
  const lea = { actor: 'lea', person: 'lea', username: 'lea', role: 'user', on: TODAY } as Caller;
  const counts = (who: Caller) => new InboxController({ models: world.models } as unknown as Runtime, {} as Cursors).me(who).counts;
  expect([counts(lea), counts({ ...lea, actor: 'mel', person: 'mel' })]).toEqual([
    { inbox: 0, openRequests: 201 },
    { inbox: 201, openRequests: 0 },
  ]);
  await world.close();
});

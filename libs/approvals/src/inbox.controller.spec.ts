import type { Cursors, Runtime } from '@app/platform';
import { openChain } from '../../../test/support/chain-world';
import { InboxController } from './inbox.controller';

test('what needs attention names the events that were parked wherever a follower runs', async () => {
  const world = await openChain();
  const parked = [{ follower: 'notify', stream: 'request-r1', position: 7, reason: 'TypeError' }];
  const runtime = { models: world.models, parked: async () => parked } as unknown as Runtime;
  expect(await new InboxController(runtime, {} as Cursors).attention()).toEqual({ requests: [], parked });
  await world.close();
});

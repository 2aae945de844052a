// Slots follow the organisation: what is to hold from a later day takes effect in the first moment of that day (E33).
import { eventId } from '@app/event-log';
import { NO_STREAM } from '@app/kernel';
import type { NamedManager } from '@app/organisation';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import type { RequestEvent } from './approval-request';
import { foundNow, resolveFor } from './resolver';

const DAY = '2026-12-01';
const [LATE, EARLY] = ['2026-11-30T22:59:59.999Z', '2026-11-30T23:00:00.000Z'];

let world: ChainWorld;
beforeEach(async () => {
  world = await openChain(`${TODAY}T10:00:00.000Z`, 'Europe/Berlin');
  for (const id of ['ceo', 'fin']) await world.hire(id);
  await world.hire('dir', ['ceo']);
  for (const id of ['mel', 'ann']) await world.hire(id, ['dir']);
  await world.hire('lea', ['mel']);
});
afterEach(() => world.close());

type Given = Partial<NamedManager>;
const asked = () => world.askedIn('r1');
const assign = (job: string, owner: string, named: Given) => world.assign(job, owner, { from: DAY, ...named });

test('who was asked by somebody who did not know yet that he has left is replaced', async () => {
  await world.deactivate('mel');
  await world.settled();
  // As another process records it whose read models are a moment behind.
  const asked = { kind: 'enrolment', course: 'first-aid', requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY };
  const events: readonly RequestEvent[] = [
    { type: 'RequestSubmitted', ...asked },
    { type: 'ApproverAsked', step: 1, slate: [{ person: 'mel', as: 'direct', link: 'lea/1/direct/mel/2026-01-01' }], skipped: [] },
  ];
  const meta = (place: number) => ({
    id: eventId('late', `${TODAY}T10:00:00.000Z`)(place),
    command: 'late',
    actor: 'lea',
    at: `${TODAY}T10:00:00.000Z`,
  });
  await world.log.append(
    'request-r1',
    NO_STREAM,
    events.map((event, place) => ({ event, meta: meta(place) })),
  );
  await world.settled();
  expect(await world.askedIn('r1')).toEqual(['dir']);
});

test('whom a request asks need not be looked for again while nothing changes', async () => {
  const question = { requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY };
  const { slate } = resolveFor('r1', world.models, question);
  const again = (request: string, given: { on?: string; slate?: typeof slate } = {}) =>
    foundNow(request, world.models, { on: TODAY, slate, ...given });
  expect(slate).toMatchObject([{ person: 'mel' }]);
  expect([again('r1'), again('r2'), again('r1', { on: DAY }), again('r1', { slate: [] })]).toEqual([true, false, false, false]);
  await world.deactivate('mel');
  await world.settled();
  expect(again('r1')).toBe(false);
});

describe('a future-dated fact moves an open slot on its day, once', () => {
  test.each<[string, () => Promise<unknown>, string[], string[]]>([
    [
      'a manager begins',
      () => world.endLink('lea/1/direct/mel/2026-01-01', DAY).then(() => assign('lea/1', 'lea', { manager: 'ann' })),
      ['mel'],
      ['ann'],
    ],
    ['a manager ends', () => world.endLink('lea/1/direct/mel/2026-01-01', DAY), ['mel'], []],
    [
      'a temporary manager begins',
      () => assign('lea/1', 'lea', { manager: 'ann', kind: 'temporary', to: '2026-12-24' }),
      ['mel'],
      ['ann', 'mel'],
    ],
    [
      'a temporary manager ends',
      () => world.assign('lea/1', 'lea', { manager: 'ann', kind: 'temporary', from: TODAY, to: DAY }),
      ['ann', 'mel'],
      ['mel'],
    ],
    ['an approver leaves', () => world.deactivate('mel', DAY), ['mel'], ['dir']],
    ['an approver is back', () => world.deactivate('mel').then(() => world.reactivate('mel', DAY)), ['dir'], ['mel']],
    [
      "the approver's job on the way up ends",
      async () => {
        await world.deactivate('mel');
        await world.endJob('mel/1', DAY);
      },
      ['dir'],
      [],
    ],
    [
      'a job on the way up begins',
      async () => {
        await world.deactivate('mel');
        await world.deactivate('dir');
        await world.endJob('mel/1', TODAY);
        await world.hire('mel', ['ann'], 'mel/2', { from: DAY });
      },
      [],
      ['ann'],
    ],
    [
      'a manager one level up begins',
      async () => {
        await world.deactivate('mel');
        await assign('mel/1', 'mel', { manager: 'fin', kind: 'temporary', to: '2026-12-24' });
      },
      ['dir'],
      ['dir', 'fin'],
    ],
    [
      'the approver comes to stand below the learner in another job (E17)',
      async () => {
        await world.endLink('lea/1/direct/mel/2026-01-01', TODAY);
        await world.assign('lea/1', 'lea', { manager: 'mel', managerAssignment: 'mel/1', from: TODAY });
        await world.hire('mel', [{ manager: 'lea', managerAssignment: 'lea/1', from: DAY }], 'mel/2', { from: DAY });
      },
      ['mel'],
      ['dir'],
    ],
  ])('%s', async (_what, change, before, after) => {
    await change();
    await world.submit('r1', 'lea');
    await world.settled();
    await world.tick(LATE);
    expect([...(await asked())].sort()).toEqual(before);
    const revision = (await world.story('r1')).revision;
    await world.tick(EARLY);
    expect([...(await asked())].sort()).toEqual(after);
    const moved = (await world.story('r1')).revision;
    expect(moved - revision).toBe(before.join() === after.join() ? 0 : 1);
    expect(await world.tick('2026-11-30T23:00:01.000Z')).toBe(0);
    expect((await world.story('r1')).revision).toBe(moved);
  });
});

// Two hierarchies side by side: whatever closes a loop over seats and links together is refused, whichever comes last (E13, O11).
import { Rejection } from '@app/kernel';
import { CLOSED, closeAll, founded, FROM, hal, link, nora, NURSE, seat, World } from './support/mixed-hierarchies';

afterEach(closeAll);

test.each(Object.entries(CLOSED))(
  '%s that would close a loop over both hierarchies is refused with its jobs and its first day',
  async (_name, { before, back, last, from = FROM }) => {
    const world = await founded();
    for (const step of [...before, ...(back ? [back] : [])]) {
      expect(await step(world)).not.toBeInstanceOf(Rejection);
      await world.show();
    }
    const answer = await last(world);
    expect(answer).toMatchObject({ code: 'manager-loop', facts: { from } });
    expect([...((answer as Rejection).facts['path'] as string[])].sort()).toEqual(['hal-1', 'nora-1']);
    await world.show();
    // Nothing of the question has stayed.
    expect(await last(world)).toMatchObject({ code: 'manager-loop' });
  },
);

test.each(Object.entries(CLOSED).filter(([, { back }]) => back))('%s passes where no link leads back', async (_name, { before, last }) => {
  const world = await founded();
  for (const step of before) await step(world).then(() => world.show());
  expect(await last(world)).not.toBeInstanceOf(Rejection);
});

test('of two that close a loop together, before the read models show either, one is refused', async () => {
  const world = await founded();
  for (const step of [nora, hal]) await step(world).then(() => world.show());
  const answers = await Promise.all([link(world), seat(world)]);
  expect(answers.filter((answer) => answer instanceof Rejection)).toMatchObject([{ code: 'manager-loop' }]);
  const loser = answers[0] instanceof Rejection ? link : seat;
  await world.show();
  expect(await loser(world)).toMatchObject({ code: 'manager-loop' });
});

test('whoever stands in a loop that is there already may be changed in all else, and be taken out of it', async () => {
  const world = await founded();
  for (const step of [nora, hal, seat]) await step(world).then(() => world.show());
  // Earlier releases let it pass where two processes recorded at once.
  const earlier = new World(world.log, 'unguarded');
  expect(await link(earlier)).not.toBeInstanceOf(Rejection);
  await world.show();
  const renamed = world.job('ChangeAssignment', 'hal', { position: 'head', unit: 'office', title: 'Head of all' });
  expect(await renamed).not.toBeInstanceOf(Rejection);
  expect(await world.positions([NURSE])).not.toBeInstanceOf(Rejection);
});

// Managers who leave while a request waits for them: the slot is filled again at once, and nothing is left hanging.
import { courseOf, type Branch } from './branch';
import type { Part } from './casting';
import { expectAnswer, type Scene, type Stage } from './stage';
import { Unexpected } from './checks';

export const leavers: readonly Branch[] = [
  {
    name: 'manager leaves, an alternate takes the slot',
    times: 4,
    ending: 'granted',
    inTurn: true,
    story: 'The manager leaves while the request waits',
    play: (stage, nth) => leaves(stage, { part: stage.casting.withAlternate(), nth, instead: 'alternate' }),
  },
  {
    name: 'manager leaves, the next level takes the slot',
    times: 4,
    ending: 'granted',
    inTurn: true,
    play: (stage, nth) => leaves(stage, { part: stage.casting.withoutAlternate(), nth, instead: 'next-level' }),
  },
];

async function leaves(stage: Stage, { part, nth, instead }: { part: Part; nth: number; instead: string }): Promise<Scene> {
  const scene = await stage.ask(part, courseOf(nth));
  const manager = scene.approver;
  await stage.as(manager);
  stage.casting.leaves(manager);
  await stage.change(`people/${encodeURIComponent(manager)}/deactivation`, {});
  await scene.moved();
  if (scene.slate[0]?.as !== instead)
    throw new Unexpected(`request ${scene.id} waits for ${JSON.stringify(scene.slate)}, not for the ${instead}`);
  const dead = await scene.decide(manager, { outcome: 'approve' });
  expectAnswer(dead, 401);
  scene.refused(
    dead,
    { status: 401, code: 'not-signed-in' },
    () => `${stage.world.person(manager).name}, who left, tries to approve with the old token.`,
  );
  await scene.decided(scene.approver, { outcome: 'approve' });
  return scene;
}

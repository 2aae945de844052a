// What the rules refuse, and how the request goes on all the same.
import { courseOf, standInFrom, type Branch } from './branch';
import { Unexpected } from './checks';
import type { Scene, Stage } from './stage';

export const refusals: readonly Branch[] = [
  {
    name: 'withdrawal after the decision refused',
    times: 8,
    ending: 'granted',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      await scene.decided(scene.approver, { outcome: 'approve' });
      const late = await scene.withdraw();
      scene.refused(late, { status: 409, code: 'already-decided' }, () => `${scene.learner.name} wants to withdraw.`);
      return scene;
    },
  },
  {
    name: 'self-approval refused, then granted',
    times: 6,
    ending: 'granted',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      const own = await scene.decide(scene.learner.id, { outcome: 'approve' });
      scene.refused(own, { status: 403, code: 'self-approval' }, () => `${scene.learner.name} tries to approve.`);
      await scene.decided(scene.approver, { outcome: 'approve' });
      return scene;
    },
  },
  {
    name: 'ineligible nominee refused, one of the choices grants',
    times: 6,
    ending: 'granted',
    story: 'The manager names somebody who may not decide',
    play: wrongNominee,
  },
  {
    name: 'second request for the same course refused',
    times: 6,
    ending: 'granted',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      const again = await stage.submit(scene.learner, courseOf(nth));
      const { request } = scene.refused(
        again,
        { status: 409, code: 'duplicate-request' },
        () => `${scene.learner.name} asks for the same again.`,
      );
      if (request !== scene.id) throw new Unexpected(`the refusal of a duplicate points to ${request}, not to ${scene.id}`);
      await scene.decided(scene.approver, { outcome: 'approve' });
      return scene;
    },
  },
  {
    name: 'stale page refused, decided after a look',
    times: 6,
    ending: 'granted',
    story: 'The request changes while it lies open on the manager’s screen',
    play: stalePage,
  },
];

async function wrongNominee(stage: Stage, nth: number): Promise<Scene> {
  const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
  const manager = scene.approver;
  const { name } = stage.world.person(manager);
  const answer = await scene.decide(manager, { outcome: 'approve', nominate: scene.learner.id });
  const { choices } = scene.refused(
    answer,
    { status: 422, code: 'ineligible-nominee' },
    (problem) => `${name} approves and names the learner as further approver. Offered instead: ${introduced(stage, problem.choices)}.`,
  );
  const nominee: string | undefined = choices?.[0];
  if (!nominee) throw new Unexpected(`no choices were offered for request ${scene.id}`);
  await scene.decided(manager, { outcome: 'approve', nominate: nominee, reason: 'Then I ask whoever was offered.' });
  await scene.decided(nominee, { outcome: 'approve' });
  return scene;
}

async function stalePage(stage: Stage, nth: number): Promise<Scene> {
  const part = stage.casting.withAlternate();
  const scene = await stage.ask(part, courseOf(nth));
  const manager = scene.approver;
  const { name } = stage.world.person(manager);
  const deputy = part.job.managers.find(({ kind }) => kind === 'alternate')!.person;
  await stage.change(`assignments/${encodeURIComponent(part.job.id)}/managers`, standInFrom(stage.today, deputy));
  scene.note(`${name} opens it. Meanwhile an administrator lets ${stage.world.person(deputy).name} stand in for a fortnight.`);
  const seen = await scene.moved();
  const late = await scene.decide(manager, { outcome: 'approve' }, seen);
  scene.refused(
    late,
    { status: 412, code: 'stale-revision' },
    ({ revision }) =>
      `${name} approves what was on the screen, revision ${seen}; the request is at revision ${revision} and is shown anew.`,
  );
  await scene.decided(manager, { outcome: 'approve', reason: 'Seen: somebody stands in for me. I still approve.' });
  return scene;
}

function introduced(stage: Stage, people: readonly string[] = []): string {
  return people.map((person) => stage.world.introduce(person)).join('; ');
}

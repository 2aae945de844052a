// Every way that a request can go: who decides it, whom they name, and how it ends.
import { courseOf, standInFrom, type Branch } from './branch';
import { Unexpected } from './checks';
import { leavers } from './leavers';
import { refusals } from './refusals';
import type { Scene, Stage } from './stage';

const COST_MINOR = 85_000;
const COST_STEP_MINOR = 2_500;

const decided: readonly Branch[] = [
  {
    name: 'granted by the primary manager',
    times: 40,
    ending: 'granted',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      await scene.decided(scene.approver, { outcome: 'approve' });
      return scene;
    },
  },
  {
    name: 'denied by the primary manager',
    times: 25,
    ending: 'denied',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      await scene.decided(scene.approver, {
        outcome: 'deny',
        reason: 'Nobody can cover the ward that week. Please ask again for the spring.',
      });
      return scene;
    },
  },
  {
    name: 'approved, finance named, finance grants',
    times: 25,
    ending: 'granted',
    async play(stage, nth) {
      const scene = await withFinance(stage, nth);
      await scene.decided(scene.approver, { outcome: 'approve', reason: 'Within the training budget.' });
      return scene;
    },
  },
  {
    name: 'approved, finance named, finance denies',
    times: 10,
    ending: 'denied',
    story: 'The manager agrees, finance does not',
    async play(stage, nth) {
      const scene = await withFinance(stage, nth);
      await scene.decided(scene.approver, { outcome: 'deny', reason: 'The training budget of this site is spent for this year.' });
      return scene;
    },
  },
  {
    name: 'approved, finance names a further approver who grants',
    times: 14,
    ending: 'granted',
    story: 'The manager asks finance, and finance asks the finance director',
    async play(stage, nth) {
      const scene = await withFinance(stage, nth);
      const director = stage.world.holder('POS-CFO').id;
      await scene.decided(scene.approver, { outcome: 'approve', nominate: director, reason: 'Above my limit; I support it.' });
      await scene.decided(director, { outcome: 'approve', reason: 'Agreed: we need this skill on the wards.' });
      return scene;
    },
  },
  {
    name: 'withdrawn by the learner before a decision',
    times: 12,
    ending: 'withdrawn',
    async play(stage, nth) {
      const scene = await stage.ask(stage.casting.ordinary(), courseOf(nth));
      scene.take(await scene.withdraw());
      return scene;
    },
  },
  {
    name: 'several jobs: the learner says in whose name',
    times: 14,
    ending: 'granted',
    story: 'A learner with several jobs says which of them it is for',
    play: inWhoseName,
  },
  {
    name: 'two managers decide at once, one wins',
    times: 12,
    ending: 'granted',
    story: 'Two managers press the button at the same moment',
    play: atOnce,
  },
  {
    name: 'still waiting for a manager',
    times: 8,
    ending: 'open',
    play: (stage, nth) => stage.ask(stage.casting.ordinary(), courseOf(nth)),
  },
];

/** People leave last, so that nobody else's request is moved by it. */
export const branches: readonly Branch[] = [...decided, ...refusals, ...leavers];

/** The primary manager approves and names the finance officer of the learner's site. */
async function withFinance(stage: Stage, nth: number): Promise<Scene> {
  const part = stage.casting.ordinary();
  const costMinor = COST_MINOR + nth * COST_STEP_MINOR;
  const scene = await stage.ask(part, { ...courseOf(nth), costMinor, currency: 'EUR' });
  const finance = stage.world.holder('POS-FIN', stage.world.siteOf(part.job)).id;
  await scene.decided(scene.approver, { outcome: 'approve', nominate: finance, reason: 'Good for the ward. Is there budget?' });
  return scene;
}

async function inWhoseName(stage: Stage, nth: number): Promise<Scene> {
  const learner = stage.casting.severalJobs();
  const unsaid = await stage.submit(learner, courseOf(nth));
  const choices: { assignment: string; approvers: string[] }[] = unsaid.body.choices ?? [];
  const assignment = choices[nth % Math.max(1, choices.length)]?.assignment;
  if (!assignment) throw new Unexpected(`${learner.id} was not asked in whose name, but told ${JSON.stringify(unsaid.body)}`);
  const scene = await stage.ask({ learner }, { ...courseOf(nth), assignment });
  const jobs = choices.map((choice) => {
    const approvers = choice.approvers.map((person) => stage.world.person(person).name).join(' or ');
    return `${choice.assignment} (${stage.world.describe(stage.world.job(choice.assignment))}; ${approvers} decides)`;
  });
  scene.refused(
    unsaid,
    { status: 422, code: 'assignment-required' },
    () => `Before this, ${learner.name} had asked without naming a job, and was given the choice: ${jobs.join(', or ')}.`,
  );
  await scene.decided(scene.approver, { outcome: 'approve' });
  return scene;
}

async function atOnce(stage: Stage, nth: number): Promise<Scene> {
  const part = stage.casting.twoManagers() ?? (await standIn(stage));
  const scene = await stage.ask(part, courseOf(nth));
  const both = scene.slate.map(({ person }) => person);
  if (both.length !== 2) throw new Unexpected(`two people had to be asked about request ${scene.id}, but they are ${both.join(', ')}`);
  await Promise.all(both.map((person) => stage.as(person)));
  const seen = scene.revision;
  const answers = await Promise.all(both.map((person) => scene.decide(person, { outcome: 'approve' }, seen)));
  const won = answers.findIndex(({ status }) => status === 200);
  if (won < 0) throw new Unexpected(`nobody won request ${scene.id}: ${JSON.stringify(answers)}`);
  scene.take(answers[won]!);
  const loser = stage.world.person(both[1 - won]!).name;
  scene.refused(answers[1 - won]!, { status: 409, code: 'already-decided' }, ({ by, outcome, at }) => {
    return `${loser} pressed at the same moment and is told: ${outcome} by ${stage.world.person(by).name} at ${at}.`;
  });
  return scene;
}

/** Where nobody stands in today, somebody is asked to: the first alternate, for a fortnight. */
async function standIn(stage: Stage) {
  const part = stage.casting.withAlternate();
  const { person } = part.job.managers.find(({ kind }) => kind === 'alternate')!;
  await stage.change(`assignments/${encodeURIComponent(part.job.id)}/managers`, standInFrom(stage.today, person));
  return part;
}

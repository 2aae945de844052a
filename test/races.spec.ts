// Races: nobody's decision is decided by chance twice, and who loses hears who won.
import { Rejection, type Outcome } from '@app/kernel';
import type { RequestCommand } from '@app/approvals';
import { derivedId, newId, now } from '@app/platform/ids';
import { verifyLog } from '@app/event-log';
import { rounds } from './faults/rounds';
import { DIRECT, raceWorld, STAND_IN, type RaceWorld } from './support/race-world';
import { randomFrom, seedOf } from './support/random';
import { temporaryFolder } from './support/folders';

const RACES = rounds(10_000, 100_000);
const CROWDS = RACES / 10;
const CROWD_MAX = 64;
const SIDE_BY_SIDE = 100;
const DECISIONS = ['StepApproved', 'RequestGranted', 'RequestDenied'];
const random = randomFrom(seedOf());
const folder = temporaryFolder();
let world: RaceWorld;
beforeAll(async () => {
  world = await raceWorld(folder);
});

let serial = 0;
const newRequest = async () => {
  const id = derivedId('race', String(++serial));
  await world.submit(id);
  return id;
};

test(`${RACES} races of two managers on one step: one decision each, and the loser is told who won and when (SEED=${random.seed})`, async () => {
  const wins = new Map<string, number>();
  for (let done = 0; done < RACES; done += SIDE_BY_SIDE) {
    const races = Array.from({ length: Math.min(SIDE_BY_SIDE, RACES - done) }, race);
    for (const winner of await Promise.all(races)) wins.set(winner, (wins.get(winner) ?? 0) + 1);
  }
  expect(wins.get(DIRECT)! + wins.get(STAND_IN)!).toBe(RACES);
  // A race that one side always wins would be none.
  for (const manager of [DIRECT, STAND_IN]) expect(wins.get(manager)!).toBeGreaterThan(RACES / 10);
});

/** Half of the races run through two doors, as in two processes that know nothing of each other. Answers who won. */
async function race(): Promise<string> {
  const id = await newRequest();
  const both = random.below(2) === 0 ? [DIRECT, STAND_IN] : [STAND_IN, DIRECT];
  const apart = random.below(2) === 0;
  const answers = await Promise.all(
    both.map((by, at) => world.send(id, decisionOf(by), { ifMatch: 1, door: world.doors[apart && at === 1 ? 1 : 0] })),
  );
  const history = await world.history(id);
  const decisions = history.filter(({ event }) => DECISIONS.includes(event.type));
  expect(decisions).toHaveLength(1);
  const won = decisions[0]!.event as unknown as { by: string; at: string; step: number; type: string };
  const outcome = won.type === 'RequestDenied' ? 'denied' : 'approved';
  const [mine, theirs] = won.by === both[0] ? answers : answers.toReversed();
  expect(mine).not.toBeInstanceOf(Rejection);
  expect(theirs).toMatchObject({ code: 'already-decided', facts: { by: won.by, at: won.at, step: 1, outcome } });
  return won.by;
}

function decisionOf(by: string): RequestCommand {
  const choice = random.below(3);
  if (choice === 0) return { type: 'Deny', by, reason: 'No cover', at: now() };
  if (choice === 1) return { type: 'Approve', by, at: now() };
  return { type: 'Approve', by, at: now(), nominee: 'fin', nomineeStanding: 'fit' };
}

test(`${CROWDS} crowds of up to ${CROWD_MAX} at two doors, many with the same button: one decision, and one receipt for each key`, async () => {
  let clients = 0;
  for (let done = 0; done < CROWDS; done += SIDE_BY_SIDE) {
    const crowds = Array.from({ length: Math.min(SIDE_BY_SIDE, CROWDS - done) }, crowd);
    for (const size of await Promise.all(crowds)) clients += size;
  }
  console.log(`${CROWDS} crowds of ${(clients / CROWDS).toFixed(1)} clients each (SEED=${random.seed})`);
});

/** Everybody presses at once, some of them what another presses too. Answers how many they were. */
async function crowd(): Promise<number> {
  const id = await newRequest();
  const presses: { readonly key: string; readonly command: RequestCommand }[] = [];
  for (let size = random.of([2, 3, 5, 8, CROWD_MAX]); size > 0; size--) {
    const same = presses.length > 0 && random.below(3) === 0;
    presses.push(same ? random.of(presses) : { key: newId(), command: decisionOf(random.of([DIRECT, STAND_IN])) });
  }
  const answers = await Promise.all(
    presses.map(({ key, command }) => world.send(id, command, { command: key, ifMatch: 1, door: world.doors[random.below(2)] })),
  );
  const decisions = (await world.history(id)).filter(({ event }) => DECISIONS.includes(event.type));
  expect(decisions).toHaveLength(1);
  const { meta, event } = decisions[0]! as { meta: { command: string }; event: { type: string; by?: string } };
  const ours = answers.filter((_, at) => presses[at]!.key === meta.command) as readonly Outcome[];
  expect(new Set(ours.map(({ stream, revision, position }) => `${stream} ${revision} ${position}`)).size).toBe(1);
  const faults = answers.filter((answer, at) => {
    const { key, command } = presses[at]!;
    if (key === meta.command) return false;
    const own = event.type === 'StepApproved' && 'by' in command && command.by === event.by;
    return (
      !(answer instanceof Rejection) || answer.code !== (own ? 'distinct-approver' : 'already-decided') || answer.facts['by'] !== event.by
    );
  });
  expect(faults).toEqual([]);
  return presses.length;
}

test('E22: the learner withdraws while a manager decides: the order decides, and the loser sees how it stands', async () => {
  const first = { withdrawn: 0, decided: 0 };
  for (let round = 0; round < 500; round++) {
    const id = await newRequest();
    const [here, there] = random.below(2) === 0 ? world.doors : world.doors.toReversed();
    const withdraw = () => world.send(id, { type: 'Withdraw', by: 'lea', at: now() }, { door: here });
    const approve = () => world.send(id, { type: 'Approve', by: DIRECT, at: now() }, { ifMatch: 1, door: there });
    const early = random.below(2) === 0;
    const answers = await Promise.all(early ? [withdraw(), approve()] : [approve(), withdraw()]);
    const [withdrawal, approval] = early ? answers : answers.toReversed();
    const end = (await world.history(id)).at(-1)!.event as unknown as { type: string; by: string; at: string };
    const withdrawn = end.type === 'RequestWithdrawn';
    const [won, lost] = withdrawn ? [withdrawal, approval] : [approval, withdrawal];
    expect(won).not.toBeInstanceOf(Rejection);
    const how = withdrawn ? { by: 'lea', at: end.at } : { by: DIRECT, at: end.at, outcome: 'approved' };
    expect(lost).toMatchObject({ code: withdrawn ? 'already-withdrawn' : 'already-decided', facts: how });
    first[withdrawn ? 'withdrawn' : 'decided'] += 1;
    expect(await world.history(id)).toHaveLength(3);
  }
  expect(Math.min(first.withdrawn, first.decided)).toBeGreaterThan(25);
});

test('E21: a decision that comes before the step is open is refused, and not kept for later', async () => {
  const id = await newRequest();
  expect(await world.send(id, { type: 'Approve', by: 'fin', at: now() })).toMatchObject({ code: 'not-current-approver' });
  await world.send(id, { type: 'Approve', by: DIRECT, at: now(), nominee: 'fin', nomineeStanding: 'fit' });
  expect((await world.history(id)).map(({ event }) => event.type)).toEqual([
    'RequestSubmitted',
    'ApproverAsked',
    'StepApproved',
    'ApproverAsked',
  ]);
});

test('E21: a decision on an earlier step never decides a later one', async () => {
  const id = await newRequest();
  await world.send(id, { type: 'Approve', by: DIRECT, at: now(), nominee: STAND_IN, nomineeStanding: 'fit' }, { ifMatch: 1 });
  // It is his turn by now, but he saw the step before.
  expect(await world.send(id, { type: 'Approve', by: STAND_IN, at: now() }, { ifMatch: 1 })).toMatchObject({
    code: 'stale-revision',
    facts: { revision: 3 },
  });
  expect(await world.send(id, { type: 'Approve', by: DIRECT, at: now() }, { ifMatch: 1 })).toMatchObject({ code: 'distinct-approver' });
  expect(await world.history(id)).toHaveLength(4);
});

test('E21: a decision after the end is told how it ended', async () => {
  const id = await newRequest();
  await world.send(id, { type: 'Deny', by: DIRECT, reason: 'No cover', at: now() });
  for (const by of [DIRECT, STAND_IN, 'fin']) {
    expect(await world.send(id, { type: 'Approve', by, at: now() })).toMatchObject({ code: 'already-decided', facts: { by: DIRECT } });
  }
});

test('after all races the log proves whole', async () => {
  await world.close();
  expect(verifyLog(folder).fault).toBeUndefined();
});

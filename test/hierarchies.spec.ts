// Any organisation, however odd: loops are refused, nobody decides for himself, and no request is without an owner or a reason.
import { approvalRequest, requestsWithNobody, type Candidate } from '@app/approvals';
import { Rejection, streamOf } from '@app/kernel';
import { SITE, reporting } from '@app/organisation';
import { rounds } from './faults/rounds';
import { randomFrom, seedOf } from './support/random';
import { jobOf, StillWorld } from './support/still-world';

const GRAPHS = rounds(100, 10_000);
/** The last one is as large as the largest organisation that we know of. */
const LARGEST = GRAPHS > 1_000 ? 50_000 : 2_000;

const random = randomFrom(seedOf());
const found = { graphs: 0, people: 0, loopsRefused: 0, requests: 0, owned: 0, unroutable: 0, ownerless: 0, selfApproved: 0 };
const KINDS = ['direct', 'temporary', 'alternate'] as const;

test(`${GRAPHS} organisations of up to ${LARGEST} people: each request has an owner or a reason (SEED=${random.seed})`, async () => {
  for (let graph = 1; graph < GRAPHS; graph++) await oneGraph(1 + random.below(random.of([3, 10, 40])));
  await oneGraph(LARGEST);
  console.log(`hierarchies: ${JSON.stringify({ ...found, seed: random.seed })}`);
  expect(found).toMatchObject({ graphs: GRAPHS, ownerless: 0, selfApproved: 0 });
  // Organisations in which all goes well would prove nothing.
  expect(Math.min(found.loopsRefused, found.owned, found.unroutable)).toBeGreaterThan(GRAPHS / 20);
});

async function oneGraph(size: number): Promise<void> {
  const world = new StillWorld();
  try {
    const people = Array.from({ length: size }, (_, at) => `p${at}`);
    for (const one of people) await world.hire(one);
    await nameManagers(world, people);
    if (random.below(3) === 0) await world.fallback(random.of(people));
    if (random.below(2) === 0) await leave(world, people, 3);
    const learners = new Set(Array.from({ length: Math.min(size, 6) }, () => random.of(people)));
    for (const learner of learners) await world.submit(learner, learner);
    await world.react();
    await check(world, learners);
    // Now more of them leave, at times everybody.
    await leave(world, people, random.of([1, 2]));
    await world.react();
    await check(world, learners);
    await approveOwn(world, learners);
    found.graphs += 1;
    found.people += size;
  } finally {
    await world.close();
  }
}

/** Anybody may manage anybody as far as the rules let him: some will try to close a loop. */
async function nameManagers(world: StillWorld, people: readonly string[]): Promise<void> {
  if (people.length > 1_000) return asFile(world, people);
  for (const one of people) {
    for (let links = random.below(4); links > 0; links--) {
      const kind = random.of(KINDS);
      const answer = await world.manage(one, { manager: random.of(people), kind, ...(kind === 'temporary' && { to: '2099-01-01' }) });
      if (answer instanceof Rejection && ['manager-loop', 'self-manager'].includes(answer.code)) found.loopsRefused += 1;
    }
  }
}

/** A large one comes at once, as from a file. */
async function asFile(world: StillWorld, people: readonly string[]): Promise<void> {
  const assignments = people.flatMap((one, at) => {
    if (at === 0 || random.below(20) === 0) return [];
    const links = [{ manager: people[random.below(at)]!, kind: 'direct', responsibilities: ['approval'], from: '2020-01-01' }];
    return [{ assignment: jobOf(one), person: one, links }];
  });
  const command = { type: 'SyncManagers', effective: world.day, assignments };
  const answer = await world.send(reporting, SITE, command);
  expect(answer).not.toBeInstanceOf(Rejection);
}

/** One in so many leaves. */
async function leave(world: StillWorld, people: readonly string[], oneIn: number): Promise<void> {
  const most = people.slice(0, 60);
  for (const one of most) if (random.below(oneIn) === 0) await world.active(one, false);
}

/** Who is asked is active and is not the learner; where nobody is asked, the request stands on the list, with its reason. */
async function check(world: StillWorld, learners: ReadonlySet<string>): Promise<void> {
  const waiting = new Map(requestsWithNobody(world.models).map((one) => [one.id, one.because]));
  for (const learner of learners) {
    found.requests += 1;
    const slate = await slateOf(world, learner);
    const people = world.models.all<{ id: string }>('select id from people where active = 0').map(({ id }) => id);
    if (slate.some(({ person }) => person === learner || people.includes(person))) found.ownerless += 1;
    else if (slate.length > 0) found.owned += 1;
    else if (waiting.get(learner)) found.unroutable += 1;
    else found.ownerless += 1;
  }
}

async function slateOf(world: StillWorld, request: string): Promise<readonly Candidate[]> {
  const history = await world.log.read(streamOf(approvalRequest, request));
  const last = history.findLast(({ event }) => ['ApproverAsked', 'SlateChanged', 'NobodyToAsk'].includes(event.type));
  return (last?.event as { slate?: readonly Candidate[] } | undefined)?.slate ?? [];
}

async function approveOwn(world: StillWorld, learners: ReadonlySet<string>): Promise<void> {
  for (const learner of learners) {
    const answer = await world.request(learner, { type: 'Approve', by: learner, at: world.at });
    if (!(answer instanceof Rejection)) found.selfApproved += 1;
  }
}

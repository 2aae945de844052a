// Whatever changes, now or on a later day: when all is settled, each open request waits for whom the resolver names that day.
import { askedNow, groundsOf, openRequests, requestRow, resolve } from '@app/approvals';
import { person, reporting, SITE, type ManagerLink } from '@app/organisation';
import { rounds } from './faults/rounds';
import { randomFrom, seedOf } from './support/random';
import { jobOf, StillWorld } from './support/still-world';

const HISTORIES = rounds(60, 2_000);
const STEPS = 25;
const DAY_MS = 86_400_000;
jest.setTimeout(HISTORIES * 2_000 + 60_000);

const random = randomFrom(seedOf());
const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f'];
const found = { histories: 0, looks: 0, waiting: 0, orphaned: 0, moved: 0, byTimer: 0 };

test(`${HISTORIES} histories: slots are as they would be filled that day (E2, E3, E33, A18; SEED=${random.seed})`, async () => {
  for (let history = 0; history < HISTORIES; history++) await oneHistory();
  console.log(`rerouting: ${JSON.stringify({ ...found, seed: random.seed })}`);
  expect(Math.min(found.waiting, found.orphaned, found.moved, found.byTimer)).toBeGreaterThan(HISTORIES / 10);
});

async function oneHistory(): Promise<void> {
  const world = new StillWorld();
  try {
    for (const one of PEOPLE) await world.hire(one);
    for (const one of PEOPLE) await assign(world, one);
    for (const one of PEOPLE) await world.submit(one, one);
    for (let step = 0; step < STEPS; step++) {
      await change(world);
      if (random.below(4) === 0) await nextDay(world);
      await world.react();
      check(world);
    }
    for (let days = 0; days < 6; days++) {
      await nextDay(world);
      check(world);
    }
    found.histories += 1;
  } finally {
    await world.close();
  }
}

async function nextDay(world: StillWorld): Promise<void> {
  await world.react();
  const before = await moves(world);
  world.at = new Date(Date.parse(world.at) + DAY_MS).toISOString();
  await world.tick();
  found.byTimer += (await moves(world)) - before;
}

async function change(world: StillWorld): Promise<void> {
  const one = random.of(PEOPLE);
  const links = world.models.all<{ id: string }>('select id from manager_links order by id');
  const changes: readonly (() => Promise<unknown>)[] = [
    () => assign(world, one),
    () => assign(world, one),
    () => world.endLink(random.of(links).id, day(world)),
    () => world.send(reporting, SITE, { type: 'CorrectManagerLink', link: random.of(links).id, from: day(world) } as never),
    () => world.send(person, one, { type: 'DeactivatePerson', person: one, on: day(world) } as never),
    () => world.send(person, one, { type: 'ReactivatePerson', person: one, on: day(world) } as never),
    () => world.send(person, one, { type: 'EndAssignment', person: one, assignment: jobOf(one), to: day(world) } as never),
    () =>
      world.send(person, one, {
        type: 'ChangeAssignment',
        person: one,
        assignment: jobOf(one),
        positionType: 't',
        from: day(world),
      } as never),
    () => world.fallback(one),
  ];
  if (links.length > 0) await random.of(changes)();
}

function assign(world: StillWorld, one: string): Promise<unknown> {
  const kind: ManagerLink['kind'] = random.of(['direct', 'temporary', 'alternate']);
  const [from, to] = [day(world), day(world)].sort();
  const manager = random.of(PEOPLE);
  const inJob = random.below(3) === 0 ? { managerAssignment: jobOf(manager) } : {};
  return world.manage(one, { manager, kind, from, ...inJob, ...((kind === 'temporary' || random.below(2) === 0) && { to }) });
}

/** Some days before today or after. */
function day(world: StillWorld): string {
  return new Date(Date.parse(world.at) + (random.below(10) - 4) * DAY_MS).toISOString().slice(0, 10);
}

function check({ models, day: on }: StillWorld): void {
  for (const id of openRequests(models)) {
    const { requester, beneficiary, assignment } = requestRow(models, id)!;
    const asked = groundsOf(askedNow(models, id).map(({ why }) => why));
    expect({ id, on, asked }).toEqual({ id, on, asked: groundsOf(resolve(models, { requester, beneficiary, assignment, on }).slate) });
    found.looks += 1;
    if (asked.length > 0) found.waiting += 1;
    else found.orphaned += 1;
  }
}

async function moves({ log }: StillWorld): Promise<number> {
  const events = await log.readAll();
  const count = events.filter(({ event }) => event.type === 'SlateChanged').length;
  found.moved = Math.max(found.moved, count);
  return count;
}

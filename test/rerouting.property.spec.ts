// Whatever changes, now or on a later day: when all is settled, each open request waits for whom the resolver names that day.
import { askedNow, groundsOf, openRequests, requestRow, resolve } from '@app/approvals';
import {
  MODE_CHOICES,
  person,
  positionTree,
  reporting,
  reportingModes,
  SITE,
  unitTree,
  usesPositionCodes,
  type ManagerLink,
} from '@app/organisation';
import { rounds } from './faults/rounds';
import { randomFrom, seedOf } from './support/random';
import { jobOf, StillWorld } from './support/still-world';

const HISTORIES = rounds(60, 2_000);
const STEPS = 25;
const DAY_MS = 86_400_000;

const random = randomFrom(seedOf());
const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f'];
const POSTS = ['P', 'Q', 'R', 'S'];
const UNITS = ['U', 'V'];
const found = { histories: 0, looks: 0, waiting: 0, orphaned: 0, moved: 0, byTimer: 0, bySeat: 0 };

test(`${HISTORIES} histories: slots are as they would be filled that day (E2, E3, E33, E38, A18; SEED=${random.seed})`, async () => {
  for (let history = 0; history < HISTORIES; history++) await oneHistory(history);
  console.log(`rerouting: ${JSON.stringify({ ...found, seed: random.seed })}`);
  expect(Math.min(found.waiting, found.orphaned, found.moved, found.byTimer, found.bySeat)).toBeGreaterThan(HISTORIES / 10);
});

async function oneHistory(history: number): Promise<void> {
  const world = new StillWorld();
  try {
    for (const one of PEOPLE) await world.hire(one);
    for (const one of PEOPLE) await assign(world, one);
    // Half of the histories have both hierarchies.
    const seats = history % 2 === 0;
    if (seats) for (const id of UNITS) await world.send(unitTree, SITE, { type: 'RecordUnits', units: [{ id, name: id }] } as never);
    if (seats) for (const id of POSTS) await post(world, { id });
    if (seats) for (const one of PEOPLE) await world.send(person, one, job(world, one));
    for (const one of PEOPLE) await world.submit(one, one);
    for (let step = 0; step < STEPS; step++) {
      await (seats && random.below(2) === 0 ? changeSeats(world) : change(world));
      if (random.below(4) === 0) await nextDay(world);
      await world.react();
      // What may concern any request is looked at when the clock is.
      await world.tick();
      check(world);
    }
    for (let days = 0; days < 6; days++) {
      await nextDay(world);
      check(world);
    }
    found.moved += await moves(world);
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

/** What only matters where position codes answer. */
async function changeSeats(world: StillWorld): Promise<void> {
  const one = random.of(PEOPLE);
  const choice = { ...maybe('unit', UNITS), mode: random.of(MODE_CHOICES), effective: day(world) };
  const changes: readonly (() => Promise<unknown>)[] = [
    () => world.send(reportingModes, SITE, { type: 'ChooseReportingMode', ...choice }),
    () => world.send(reportingModes, SITE, { type: 'ChooseReportingMode', mode: 'position-code', effective: day(world) } as never),
    () => post(world, { id: random.of(POSTS), ...maybe('superior', POSTS), ...maybe('unit', UNITS) }),
    () => post(world, { id: random.of(POSTS), ...maybe('superior', POSTS), effective: day(world) }),
    () => world.send(unitTree, SITE, { type: 'RecordUnits', units: [{ id: 'V', name: 'V', ...maybe('parent', ['U']) }] } as never),
    () => world.send(person, one, job(world, one)),
    () => world.send(person, one, job(world, one)),
    () => world.send(person, one, { ...job(world, one), type: 'StartAssignment', assignment: `${one}/2` } as never),
  ];
  await random.of(changes)();
}

function post(world: StillWorld, { effective, ...node }: { id: string; effective?: string }): Promise<unknown> {
  return world.send(positionTree, SITE, {
    type: 'RecordPositions',
    positions: [{ title: 'T', ...node }],
    ...(effective && { effective }),
  } as never);
}

function job(world: StillWorld, one: string) {
  const fields = { positionType: 't', position: random.of(POSTS), ...maybe('unit', UNITS), from: day(world) };
  return { type: 'ChangeAssignment', person: one, assignment: jobOf(one), ...fields };
}

function maybe(name: string, values: readonly string[]): object {
  return random.below(3) === 0 ? {} : { [name]: random.of(values) };
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
    if (usesPositionCodes(models) && askedNow(models, id).some(({ why }) => why.position)) found.bySeat += 1;
  }
}

async function moves({ log }: StillWorld): Promise<number> {
  return (await log.readAll()).filter(({ event }) => event.type === 'SlateChanged').length;
}

// Two hierarchies side by side: whatever closes a loop over seats and links together is refused, whichever comes last (E13, O11).
import { eventId, MemoryEventLog, ReadModels } from '@app/event-log';
import { createRunCommand, Rejection, type AnyDecider, type Outcome, type Typed } from '@app/kernel';
import {
  everybody,
  finished,
  loopsAbove,
  organisation,
  person,
  positionTree,
  positionTypes,
  reporting,
  reportingModes,
  SITE,
  unitTree,
} from '@app/organisation';
import { admission } from '@app/platform/admission';

const FROM = '2024-01-01';
const DAY = '2030-01-01';
/** Seats answer in the ward, links elsewhere: the nurse reports to the head by his seat. */
const NURSE = { id: 'nurse', title: 'Nurse' };
const HEAD = { id: 'head', title: 'Head' };
const UNDER_HEAD = { ...NURSE, superior: 'head' };
const RULES = { unitMandatory: false, managerMandatory: false, mayRequestLearning: true };

let commands = 0;

class World {
  readonly models = new ReadModels(':memory:', organisation.projections);
  /** What the process tells of rules that it and another broke at once. */
  readonly told: object[] = [];
  private readonly run;
  /** One process at the log. */
  constructor(readonly log = new MemoryEventLog()) {
    const admit = admission(this.models, [organisation], (_message, facts) => this.told.push(facts));
    this.run = createRunCommand({ log, eventId, admit });
  }

  /** Answers when it is recorded; shown to others only by `show`, as by a read model that lags. */
  async send(decider: AnyDecider, id: string, command: Typed): Promise<Outcome | Rejection> {
    return this.run(decider, id, command, { command: `c${++commands}`, actor: 'suite', at: '2026-01-01T00:00:00.000Z' }).catch(
      (error: unknown) => {
        if (error instanceof Rejection) return error;
        throw error;
      },
    );
  }

  async show(): Promise<void> {
    this.models.apply(await this.log.readAll({ after: this.models.position }));
    await Promise.resolve();
  }

  positions = (positions: readonly object[], effective?: string) =>
    this.send(positionTree, SITE, { type: 'RecordPositions', positions, ...(effective && { effective }) } as Typed);
  units = (...units: readonly object[]) => this.send(unitTree, SITE, { type: 'RecordUnits', units } as Typed);
  type = (id: string, aspirational: boolean) =>
    this.send(positionTypes, SITE, { type: 'RecordPositionTypes', types: [{ ...RULES, id, name: id, aspirational }] } as Typed);
  job = (type: string, owner: string, fields: object) =>
    this.send(person, owner, { type, person: owner, assignment: `${owner}-1`, positionType: 't', from: FROM, ...fields } as Typed);
  link = (owner: string, manager: string, days: object = {}) => {
    const named = { manager, kind: 'direct', responsibilities: ['approval'], ...days };
    return this.send(reporting, SITE, { type: 'AssignManager', assignment: `${owner}-1`, person: owner, ...named } as Typed);
  };
  active = (id: string, is: boolean, on: string) =>
    this.send(person, id, { type: is ? 'ReactivatePerson' : 'DeactivatePerson', person: id, on } as Typed);
  mode = (unit: string, mode: string) =>
    this.send(reportingModes, SITE, { type: 'ChooseReportingMode', unit, mode, effective: FROM } as Typed);
}

/** The units, and everybody without a job. */
async function founded(): Promise<World> {
  const world = new World();
  await world.units({ id: 'ward', name: 'Ward' }, { id: 'office', name: 'Office' }, { id: 'bay', name: 'Bay' });
  await world.type('aim', true);
  await world.positions([HEAD, { id: 'deputy', title: 'Deputy', superior: 'head' }, { ...NURSE }]);
  for (const id of ['nora', 'hal', 'dee']) {
    await world.send(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' } as Typed);
  }
  await world.mode('ward', 'position-code');
  await world.show();
  return world;
}

type Step = (world: World) => Promise<Outcome | Rejection>;
const nora: Step = (world) => world.job('StartAssignment', 'nora', { position: 'nurse', unit: 'ward' });
const hal: Step = (world) => world.job('StartAssignment', 'hal', { position: 'head', unit: 'office' });
const dee: Step = (world) => world.job('StartAssignment', 'dee', { position: 'deputy', unit: 'office' });
const seat: Step = (world) => world.positions([UNDER_HEAD]);
const underDeputy: Step = (world) => world.positions([{ ...NURSE, superior: 'deputy' }]);
const link: Step = (world) => world.link('hal', 'nora');

const CLOSED: Readonly<
  Record<string, { readonly before: readonly Step[]; readonly back?: Step; readonly last: Step; readonly from?: string }>
> = {
  'a link': { before: [nora, hal, seat], last: link },
  'a link of a later day': { before: [nora, hal, seat], last: (world) => world.link('hal', 'nora', { from: DAY }), from: DAY },
  'a position that goes under another': { before: [nora, hal], back: link, last: seat },
  'a position that does so later': { before: [nora, hal], back: link, last: (world) => world.positions([UNDER_HEAD], DAY), from: DAY },
  'a position that comes to lie in another unit': {
    before: [(world) => world.job('StartAssignment', 'nora', { position: 'nurse' }), hal, seat],
    back: link,
    last: (world) => world.positions([{ ...UNDER_HEAD, unit: 'ward' }]),
  },
  'a job that starts on a seat': { before: [hal, seat], back: link, last: nora },
  'a job that moves to a seat': {
    before: [nora, (world) => world.job('StartAssignment', 'hal', { unit: 'office' }), seat],
    back: link,
    last: (world) => world.job('ChangeAssignment', 'hal', { position: 'head', unit: 'office' }),
  },
  'a job whose end leaves a seat vacant': {
    before: [nora, hal, dee, underDeputy],
    back: link,
    last: (world) => world.job('EndAssignment', 'dee', { to: DAY }),
    from: DAY,
  },
  'a job that leaves a seat vacant': {
    before: [nora, hal, dee, underDeputy],
    back: link,
    last: (world) => world.job('ChangeAssignment', 'dee', { unit: 'office' }),
  },
  'a job that lasts longer': {
    before: [nora, hal, (world) => world.job('EndAssignment', 'hal', { to: '2025-01-01' }), seat],
    back: (world) => world.link('hal', 'nora', { from: DAY }),
    last: (world) => world.job('EndAssignment', 'hal', { to: '2031-01-01' }),
    from: DAY,
  },
  'somebody who leaves': { before: [nora, hal, dee, underDeputy], back: link, last: (world) => world.active('dee', false, DAY), from: DAY },
  'somebody who comes back': {
    before: [nora, hal, (world) => world.active('hal', false, '2025-01-01'), seat],
    back: (world) => world.link('hal', 'nora', { from: '2025-01-01' }),
    last: (world) => world.active('hal', true, DAY),
    from: DAY,
  },
  'a unit that goes under another': {
    before: [(world) => world.job('StartAssignment', 'nora', { position: 'nurse', unit: 'bay' }), hal, seat],
    back: link,
    last: (world) => world.units({ id: 'bay', name: 'Bay', parent: 'ward' }),
  },
  'a type that is aimed at no more': {
    before: [nora, (world) => world.job('StartAssignment', 'hal', { position: 'head', unit: 'office', positionType: 'aim' }), seat],
    back: link,
    last: (world) => world.type('aim', false),
  },
};

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
    world.models.close();
  },
);

test.each(Object.entries(CLOSED).filter(([, { back }]) => back))('%s passes where no link leads back', async (_name, { before, last }) => {
  const world = await founded();
  for (const step of before) await step(world).then(() => world.show());
  expect(await last(world)).not.toBeInstanceOf(Rejection);
  world.models.close();
});

test('of two that close a loop together, before the read models show either, one is refused', async () => {
  const world = await founded();
  for (const step of [nora, hal]) await step(world).then(() => world.show());
  const answers = await Promise.all([link(world), seat(world)]);
  expect(answers.filter((answer) => answer instanceof Rejection)).toMatchObject([{ code: 'manager-loop' }]);
  const loser = answers[0] instanceof Rejection ? link : seat;
  await world.show();
  expect(await loser(world)).toMatchObject({ code: 'manager-loop' });
  world.models.close();
});

test('two processes that close a loop together find it when they see each other, and at least whoever is later in the log tells', async () => {
  const world = await founded();
  for (const step of [nora, hal]) await step(world).then(() => world.show());
  const other = new World(world.log);
  await other.show();
  for (const answer of await Promise.all([link(world), seat(other)])) expect(answer).not.toBeInstanceOf(Rejection);
  for (const one of [world, other]) await one.show();
  const told = [...world.told, ...other.told];
  expect(told.length).toBeGreaterThan(0);
  for (const one of told) expect(one).toEqual({ code: 'manager-loop', path: expect.arrayContaining(['hal-1', 'nora-1']), from: FROM });
  expect(finished(loopsAbove(world.models, everybody(world.models)))).toMatchObject([{ from: FROM }]);
  for (const one of [world, other]) one.models.close();
});

test('whoever stands in a loop that is there already may be changed in all else, and be taken out of it', async () => {
  const world = await founded();
  for (const step of [nora, hal, seat]) await step(world).then(() => world.show());
  // Another process that has seen nothing of it lets it pass.
  await link(new World(world.log));
  await world.show();
  const renamed = world.job('ChangeAssignment', 'hal', { position: 'head', unit: 'office', title: 'Head of all' });
  expect(await renamed).not.toBeInstanceOf(Rejection);
  expect(await world.positions([NURSE])).not.toBeInstanceOf(Rejection);
  world.models.close();
});

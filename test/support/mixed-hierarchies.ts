// Two hierarchies side by side in which one step is missing to a loop over both, and processes at one log that take it.
import { Admissions, eventId, followWithReadModels, MemoryEventLog, ReadModels } from '@app/event-log';
import { createRunCommand, Rejection, type AnyDecider, type EventLog, type Outcome, type RunCommand, type Typed } from '@app/kernel';
import { organisation, person, positionTree, positionTypes, reporting, reportingModes, SITE, unitTree } from '@app/organisation';
import { admission } from '@app/platform/admission';

export const FROM = '2024-01-01';
export const DAY = '2030-01-01';
/** Seats answer in the ward, links elsewhere: the nurse reports to the head by his seat. */
export const NURSE = { id: 'nurse', title: 'Nurse' };
const HEAD = { id: 'head', title: 'Head' };
const UNDER_HEAD = { ...NURSE, superior: 'head' };
const RULES = { unitMandatory: false, managerMandatory: false, mayRequestLearning: true };

let commands = 0;

/** How a process records: held to no guard, as the only one at its log, or as one of several. */
export type Way = 'unguarded' | 'alone' | 'among others';

const open = new Set<World>();
/** To be called when a test ends, however it does: else a world follows its log for ever. */
export function closeAll(): void {
  for (const world of open) world.close();
}

/** One process at the log. */
export class World {
  readonly models = new ReadModels(':memory:', organisation.projections);
  readonly run: RunCommand;
  private key: string | undefined;
  private readonly stopping = new AbortController();

  constructor(
    readonly log: EventLog = new MemoryEventLog(),
    way: Way = 'alone',
  ) {
    const { models } = this;
    const shared = way === 'among others' ? new Admissions({ log, shown: (position) => models.reached(position) }) : undefined;
    this.run = createRunCommand({ log, eventId, ...(way !== 'unguarded' && { admit: admission(models, [organisation], shared) }) });
    void followWithReadModels(log, models, this.stopping.signal);
    open.add(this);
  }

  /** Answers when it is recorded; the read models show it a moment later. */
  async send(decider: AnyDecider, id: string, command: Typed, key = this.key ?? `c${++commands}`): Promise<Outcome | Rejection> {
    return this.run(decider, id, command, { command: key, actor: 'suite', at: '2026-01-01T00:00:00.000Z' }).catch((error: unknown) => {
      if (error instanceof Rejection) return error;
      throw error;
    });
  }

  /** The step as one command that may be repeated. */
  as(key: string, step: Step): Promise<Outcome | Rejection> {
    this.key = key;
    const answer = step(this);
    this.key = undefined;
    return answer;
  }

  async show(): Promise<void> {
    await this.models.reached((await this.log.head()).position);
  }

  close(): void {
    open.delete(this);
    this.stopping.abort();
    this.models.close();
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
export async function founded(): Promise<World> {
  const world = new World();
  await found(world);
  await world.show();
  return world;
}

export async function found(world: World): Promise<void> {
  await world.units({ id: 'ward', name: 'Ward' }, { id: 'office', name: 'Office' }, { id: 'bay', name: 'Bay' });
  await world.type('aim', true);
  await world.positions([HEAD, { id: 'deputy', title: 'Deputy', superior: 'head' }, { ...NURSE }]);
  for (const id of ['nora', 'hal', 'dee']) {
    await world.send(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' } as Typed);
  }
  await world.mode('ward', 'position-code');
}

export type Step = (world: World) => Promise<Outcome | Rejection>;
export const nora: Step = (world) => world.job('StartAssignment', 'nora', { position: 'nurse', unit: 'ward' });
export const hal: Step = (world) => world.job('StartAssignment', 'hal', { position: 'head', unit: 'office' });
export const dee: Step = (world) => world.job('StartAssignment', 'dee', { position: 'deputy', unit: 'office' });
export const seat: Step = (world) => world.positions([UNDER_HEAD]);
export const underDeputy: Step = (world) => world.positions([{ ...NURSE, superior: 'deputy' }]);
export const link: Step = (world) => world.link('hal', 'nora');

/** Steps before the last one, which closes the loop; without `back` it closes none. */
export interface Closed {
  readonly before: readonly Step[];
  readonly back?: Step;
  readonly last: Step;
  /** The first day of the loop. */
  readonly from?: string;
}
export const CLOSED: Readonly<Record<string, Closed>> = {
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
    last: (world) => world.job('ChangeAssignment', 'dee', { unit: 'office', position: null }),
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
  'a mode of a unit': {
    before: [(world) => world.mode('ward', 'inherit'), nora, hal, seat],
    back: link,
    last: (world) => world.mode('ward', 'position-code'),
  },
};

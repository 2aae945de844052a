// Random changes of a small organisation with both hierarchies, as commands.
import type { AnyDecider, Typed } from '@app/kernel';
import { MODE_CHOICES, person, positionTree, positionTypes, reporting, reportingModes, SITE, unitTree } from '@app/organisation';
import type { Random } from './random';

export const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f'];
export const JOBS = PEOPLE.flatMap((id) => [`${id}-1`, `${id}-2`]);
const POSTS = ['P', 'Q', 'R', 'S', 'T'];
export const UNITS = ['U', 'V', 'W', 'X'];
export const DAYS = ['2024-01-01', '2024-07-01', '2025-01-01', '2025-07-01', '2026-01-01'];

export type Sent = readonly [decider: AnyDecider, id: string, command: Typed & Record<string, unknown>];

export class RandomChanges {
  constructor(private readonly random: Random) {}

  /** Everybody has a job, most positions and units hang under another, and some links are there: a start worth changing. */
  *found(): Generator<Sent> {
    const { random } = this;
    const type = { unitMandatory: false, managerMandatory: false, mayRequestLearning: true };
    yield [positionTypes, SITE, { type: 'RecordPositionTypes', types: [{ ...type, id: 'aim', name: 'Aim', aspirational: true }] }];
    for (const id of UNITS) yield [unitTree, SITE, { type: 'RecordUnits', units: [{ id, name: id, ...(id !== 'U' && { parent: 'U' }) }] }];
    for (const [at, id] of POSTS.entries()) {
      const superior = at === 0 ? {} : { superior: POSTS[random.below(at)] };
      yield [positionTree, SITE, { type: 'RecordPositions', positions: [{ id, title: id, ...superior }] }];
    }
    for (const id of PEOPLE) {
      yield [person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' }];
      yield [person, id, { type: 'StartAssignment', ...this.jobOf(id, `${id}-1`), from: DAYS[0] }];
    }
    for (let links = 12; links > 0; links--) yield this.link();
  }

  next(): Sent {
    const { random } = this;
    const assignment = random.of(JOBS);
    const owner = assignment[0]!;
    const day = random.of(DAYS);
    const effective = this.maybe('effective', DAYS);
    const choose = (): Sent => [
      reportingModes,
      SITE,
      { type: 'ChooseReportingMode', ...this.maybe('unit', UNITS), mode: random.of(MODE_CHOICES), effective: day },
    ];
    const commands: readonly (() => Sent)[] = [
      choose,
      choose,
      choose,
      () => [person, owner, { type: 'StartAssignment', ...this.jobOf(owner, assignment), from: day, ...this.maybe('to', DAYS) }],
      () => [person, owner, { type: 'ChangeAssignment', ...this.jobOf(owner, assignment), from: day }],
      () => [person, owner, { type: 'EndAssignment', person: owner, assignment, to: day }],
      () => [person, owner, { type: 'DeactivatePerson', person: owner, on: day }],
      () => [person, owner, { type: 'ReactivatePerson', person: owner, on: day }],
      () => {
        const node = { id: random.of(POSTS), title: 'T', ...this.maybe('superior', POSTS), ...this.maybe('unit', UNITS) };
        return [positionTree, SITE, { type: 'RecordPositions', positions: [node], ...effective }];
      },
      () => {
        const node = { id: random.of(UNITS), name: 'N', ...this.maybe('parent', UNITS) };
        return [unitTree, SITE, { type: 'RecordUnits', units: [node], ...effective }];
      },
      () => this.link(),
    ];
    return random.of(commands)();
  }

  private link(): Sent {
    const { random } = this;
    const assignment = random.of(JOBS);
    const inJob = random.below(3) === 0 ? random.of(JOBS) : undefined;
    const named = { manager: inJob?.[0] ?? random.of(PEOPLE), ...(inJob && { managerAssignment: inJob }) };
    const link = {
      kind: random.of(['direct', 'direct', 'alternate']),
      responsibilities: random.of([['approval'], ['approval', 'reporting']]),
    };
    return [reporting, SITE, { type: 'AssignManager', assignment, person: assignment[0], ...named, ...link, ...this.maybe('from', DAYS) }];
  }

  private maybe(name: string, values: readonly string[]): object {
    return this.random.below(3) === 0 ? {} : { [name]: this.random.of(values) };
  }

  private jobOf(owner: string, assignment: string) {
    const { random } = this;
    const positionType = random.below(12) === 0 ? 'aim' : 't';
    const position = random.below(6) === 0 ? {} : { position: random.of(POSTS) };
    return { person: owner, assignment, positionType, ...position, ...this.maybe('unit', UNITS) };
  }
}

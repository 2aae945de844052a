// Random organisations with both hierarchies, as the deciders allow them, and the read model over them.
import { settingsModel } from '@app/approvals';
import { ReadModels } from '@app/event-log';
import { Rejection, type AnyDecider, type Recorded, type Typed } from '@app/kernel';
import {
  finished,
  hierarchy,
  loopsAfter,
  MODE_CHOICES,
  organisation,
  person,
  positionTree,
  positionTypes,
  reporting,
  reportingModes,
  SITE,
  unitTree,
  WHOLE_SITE,
} from '@app/organisation';
import { admission } from '@app/platform/admission';
import type { NaiveReporting } from './naive-reporting';
import type { randomFrom } from './random';

export const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f'];
export const JOBS = PEOPLE.flatMap((id) => [`${id}-1`, `${id}-2`]);
const POSTS = ['P', 'Q', 'R', 'S', 'T'];
export const UNITS = ['U', 'V', 'W', 'X'];
export const DAYS = ['2024-01-01', '2024-07-01', '2025-01-01', '2025-07-01', '2026-01-01'];
export const FALLBACK = 'f';
type Fact = ConstructorParameters<typeof NaiveReporting>[0][number];

/** The organisation, and all that was ever recorded of it. */
export class ReportingHistory {
  readonly models = new ReadModels(':memory:', [hierarchy, settingsModel]);
  readonly facts: Fact[] = [];
  /** How many changes were refused because they would have closed a loop. */
  refused = 0;
  private readonly states = new Map<string, unknown>();
  private readonly admit = admission(this.models, [organisation]);

  /** @param guarded without it, whatever single streams let pass is recorded, as it was by earlier releases */
  constructor(
    private readonly random: ReturnType<typeof randomFrom>,
    private readonly guarded = true,
  ) {
    this.found();
  }

  tell(decider: AnyDecider, id: string, command: Typed & Record<string, unknown>): void {
    const stream = `${decider.name}-${id}`;
    let state = this.states.get(stream) ?? decider.initial;
    try {
      const events = decider.decide(command, state);
      if (this.guarded)
        this.admit(
          stream,
          events.map((event) => ({ event, meta: this.meta() })),
        );
      for (const event of events) {
        state = decider.evolve(state, event);
        this.record(stream, event);
      }
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (error.code === 'manager-loop') this.refused += 1;
    }
    this.states.set(stream, state);
  }

  record(stream: string, event: Typed): void {
    const position = this.facts.length + 1;
    const recorded = { position, stream, revision: position, event, meta: this.meta() } as Recorded;
    this.facts.push(recorded as Fact);
    this.models.apply([recorded]);
  }

  private meta() {
    const position = this.facts.length + 1;
    return { id: `e${position}`, command: 'c', actor: 'suite', at: `2026-01-01T00:00:00.${String(position).padStart(3, '0')}Z` };
  }

  /** Everybody has a job, most positions and units hang under another, and some links are there: a start worth changing. */
  private found(): void {
    const { random } = this;
    this.record('approvalSettings-site', { type: 'FallbackApproverNamed', person: FALLBACK } as Typed);
    const type = { unitMandatory: false, managerMandatory: false, mayRequestLearning: true };
    this.tell(positionTypes, SITE, { type: 'RecordPositionTypes', types: [{ ...type, id: 'aim', name: 'Aim', aspirational: true }] });
    for (const id of UNITS)
      this.tell(unitTree, SITE, { type: 'RecordUnits', units: [{ id, name: id, ...(id !== 'U' && { parent: 'U' }) }] });
    for (const [at, id] of POSTS.entries()) {
      const superior = at === 0 ? {} : { superior: POSTS[random.below(at)] };
      this.tell(positionTree, SITE, { type: 'RecordPositions', positions: [{ id, title: id, ...superior }] });
    }
    for (const id of PEOPLE) {
      this.tell(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' });
      this.tell(person, id, { type: 'StartAssignment', ...this.jobOf(id, `${id}-1`), from: DAYS[0] });
    }
    for (let links = 12; links > 0; links--) this.assign();
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

  private assign(): void {
    const { random } = this;
    const assignment = random.of(JOBS);
    const inJob = random.below(3) === 0 ? random.of(JOBS) : undefined;
    const named = { manager: inJob?.[0] ?? random.of(PEOPLE), ...(inJob && { managerAssignment: inJob }) };
    const link = {
      kind: random.of(['direct', 'direct', 'alternate']),
      responsibilities: random.of([['approval'], ['approval', 'reporting']]),
    };
    this.tell(reporting, SITE, {
      type: 'AssignManager',
      assignment,
      person: assignment[0],
      ...named,
      ...link,
      ...this.maybe('from', DAYS),
    });
  }

  change(): void {
    const { random } = this;
    const assignment = random.of(JOBS);
    const owner = assignment[0]!;
    const day = random.of(DAYS);
    const effective = this.maybe('effective', DAYS);
    const choose = () => {
      const { unit } = this.maybe('unit', UNITS) as { unit?: string };
      const mode = random.of(MODE_CHOICES);
      const closes = () => finished(loopsAfter(this.models, { unit: unit ?? WHOLE_SITE, mode }, day)).length > 0;
      if (this.guarded && closes()) this.refused += 1;
      else this.tell(reportingModes, SITE, { type: 'ChooseReportingMode', ...(unit && { unit }), mode, effective: day });
    };
    const commands: readonly (() => void)[] = [
      choose,
      choose,
      choose,
      () => this.tell(person, owner, { type: 'StartAssignment', ...this.jobOf(owner, assignment), from: day, ...this.maybe('to', DAYS) }),
      () => this.tell(person, owner, { type: 'ChangeAssignment', ...this.jobOf(owner, assignment), from: day }),
      () => this.tell(person, owner, { type: 'EndAssignment', person: owner, assignment, to: day }),
      () => this.tell(person, owner, { type: 'DeactivatePerson', person: owner, on: day }),
      () => this.tell(person, owner, { type: 'ReactivatePerson', person: owner, on: day }),
      () => {
        const node = { id: random.of(POSTS), title: 'T', ...this.maybe('superior', POSTS), ...this.maybe('unit', UNITS) };
        this.tell(positionTree, SITE, { type: 'RecordPositions', positions: [node], ...effective });
      },
      () => {
        const node = { id: random.of(UNITS), name: 'N', ...this.maybe('parent', UNITS) };
        this.tell(unitTree, SITE, { type: 'RecordUnits', units: [node], ...effective });
      },
      () => this.assign(),
    ];
    random.of(commands)();
  }
}

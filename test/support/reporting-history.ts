// Random organisations with both hierarchies, as the deciders allow them, and the read model over them.
import { settingsModel } from '@app/approvals';
import { ReadModels } from '@app/event-log';
import { Rejection, type AnyDecider, type Over, type Recorded, type Typed } from '@app/kernel';
import { finished, hierarchy, loopsAfter, organisation, reportingModes, WHOLE_SITE, type ChooseReportingMode } from '@app/organisation';
import { admission } from '@app/platform/admission';
import type { NaiveReporting } from './naive-reporting';
import type { Random } from './random';
import { RandomChanges } from './random-changes';

export const FALLBACK = 'f';
type Fact = ConstructorParameters<typeof NaiveReporting>[0][number];

/** The organisation, and all that was ever recorded of it. */
export class ReportingHistory {
  readonly models = new ReadModels(':memory:', [hierarchy, settingsModel]);
  readonly facts: Fact[] = [];
  /** How many changes were refused because they would have closed a loop. */
  refused = 0;
  private readonly changes: RandomChanges;
  private readonly states = new Map<string, unknown>();
  private readonly admit = admission(this.models, [organisation]);

  /** @param guarded without it, whatever single streams let pass is recorded, as it was by earlier releases */
  constructor(
    random: Random,
    private readonly guarded = true,
  ) {
    this.changes = new RandomChanges(random);
    this.record('approvalSettings-site', { type: 'FallbackApproverNamed', person: FALLBACK } as Typed);
    for (const sent of this.changes.found()) this.tell(...sent);
  }

  tell(decider: AnyDecider, id: string, command: Typed & Record<string, unknown>): void {
    const stream = `${decider.name}-${id}`;
    let state = this.states.get(stream) ?? decider.initial;
    try {
      const events = decider.decide(command, state);
      const batch = events.map((event) => ({ event, meta: this.meta() }));
      // Nothing is beside, so the answer is there at once; a mode is looked at before it comes here.
      const over = this.guarded && decider !== reportingModes ? (this.admit(stream, 0, batch) as Over | undefined) : undefined;
      for (const event of events) {
        state = decider.evolve(state, event);
        this.record(stream, event);
      }
      over?.(this.facts.length);
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

  change(): void {
    const [decider, id, command] = this.changes.next();
    if (decider === reportingModes && this.guarded && this.closes(command as unknown as ChooseReportingMode)) this.refused += 1;
    else this.tell(decider, id, command);
  }

  private closes({ unit = WHOLE_SITE, mode, effective }: ChooseReportingMode): boolean {
    return finished(loopsAfter(this.models, { unit, mode }, effective)).length > 0;
  }
}

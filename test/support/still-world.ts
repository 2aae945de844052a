// An organisation with the real rules over it in which nothing moves by itself: sagas and timers take a step when told.
import { approvalRequest, approvals, approvalSettings, SITE as SETTINGS, type RequestCommand } from '@app/approvals';
import { eventId, fireDueTimers, MemoryEventLog, ReadModels, refusalOf, timersOf } from '@app/event-log';
import { createRunCommand, originOf, reactionsOf, Rejection, type AnyDecider, type Outcome, type Typed } from '@app/kernel';
import { organisation, person, reporting, SITE, type NamedManager } from '@app/organisation';

const FROM = '2020-01-01';
const SAGAS = approvals.sagas;

export class StillWorld {
  readonly log = new MemoryEventLog();
  readonly models = new ReadModels(':memory:', [...organisation.projections, ...approvals.projections, timersOf(SAGAS)]);
  /** The instant of the next command. */
  at = '2026-01-01T10:00:00.000Z';
  private readonly run = createRunCommand({ log: this.log, eventId, sagas: SAGAS, views: this.models });
  private commands = 0;
  private reacted = 0;

  get day(): string {
    return this.at.slice(0, 10);
  }

  async send(decider: AnyDecider, id: string, command: Typed, ifMatch?: number): Promise<Outcome | Rejection> {
    const origin = { command: `c${++this.commands}`, actor: 'suite', at: this.at };
    try {
      const outcome = await this.run(decider, id, command, origin, ifMatch);
      await this.show();
      return outcome;
    } catch (error) {
      if (error instanceof Rejection) return error;
      throw error;
    }
  }

  /** A person with one job `<id>/1`. */
  async hire(id: string): Promise<void> {
    const known = { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' };
    await this.send(person, id, known);
    const job = { type: 'StartAssignment', person: id, assignment: jobOf(id), positionType: 'substantive', from: FROM };
    await this.send(person, id, job);
  }

  /** Names a manager of the person's job for approval. */
  manage(of: string, named: Pick<NamedManager, 'manager' | 'kind'> & Partial<NamedManager>): Promise<Outcome | Rejection> {
    const link = { responsibilities: ['approval'], from: FROM, ...named };
    return this.send(reporting, SITE, { type: 'AssignManager', assignment: jobOf(of), person: of, ...link } as Typed);
  }

  endLink(link: string, to: string): Promise<Outcome | Rejection> {
    return this.send(reporting, SITE, { type: 'EndManagerLink', link, to } as Typed);
  }

  active(id: string, is: boolean): Promise<Outcome | Rejection> {
    const command = is ? { type: 'ReactivatePerson', person: id } : { type: 'DeactivatePerson', person: id, on: this.day };
    return this.send(person, id, command);
  }

  fallback(id: string): Promise<Outcome | Rejection> {
    return this.send(approvalSettings, SETTINGS, { type: 'NameFallbackApprover', person: id } as Typed);
  }

  request(id: string, command: RequestCommand, ifMatch?: number): Promise<Outcome | Rejection> {
    return this.send(approvalRequest, id, command, ifMatch);
  }

  submit(id: string, learner: string): Promise<Outcome | Rejection> {
    const asked = { kind: 'enrolment', course: id, requester: learner, beneficiary: learner, assignment: jobOf(learner), on: this.day };
    return this.request(id, { type: 'Submit', request: id, ...asked });
  }

  /** Lets the sagas react to the next events, to all without a number. */
  async react(most = Infinity): Promise<void> {
    for (let done = 0; done < most; done++) {
      const [recorded] = await this.log.readAll({ after: this.reacted, max: 1 });
      if (!recorded) return;
      for (const saga of SAGAS) {
        for (const [place, send] of reactionsOf(saga, { ...recorded, on: this.day }, this.models).entries()) {
          await refusalOf(this.run, send, originOf(saga, recorded.meta, place, recorded.meta.at));
          await this.show();
        }
      }
      this.reacted = recorded.position;
    }
  }

  /** Fires what is due now. */
  async tick(): Promise<void> {
    const warn = (message: string, facts: unknown) => {
      throw new Error(`${message} ${JSON.stringify(facts)}`);
    };
    await fireDueTimers({ models: this.models, sagas: SAGAS, run: this.run, clock: () => this.at, warn });
    await this.show();
  }

  async close(): Promise<void> {
    this.models.close();
    await this.log.close();
  }

  private async show(): Promise<void> {
    for (;;) {
      const batch = await this.log.readAll({ after: this.models.position });
      if (batch.length === 0) return;
      this.models.apply(batch);
    }
  }
}

export function jobOf(person: string): string {
  return `${person}/1`;
}

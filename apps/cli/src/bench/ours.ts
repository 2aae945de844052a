// Our side in process: the real runtime, deciders, sagas and read models, without HTTP.
import type { Decider, Library, Origin, Typed } from '@app/kernel';
import { access } from '@app/access';
import { approvalRequest, approvals, inboxOf, standingOf, type RequestCommand } from '@app/approvals';
import { notificationsWithoutMail, notify } from '@app/notifications';
import { organisation, person, positionTypes, reporting, type NamedManagers } from '@app/organisation';
import { newId, now, Runtime, type ClusterMember } from '@app/platform';
import { EMPLOYEES, SINCE } from './people';
import { INBOX_PAGE, type Ask, type Side } from './side';

const SITE = 'site';

/** The libraries that an approval touches, with or without telling people of it. */
export function librariesOf({ notices }: { notices: boolean }): readonly Library[] {
  return [organisation, access, approvals, ...(notices ? [notificationsWithoutMail] : [])];
}

export class Ours implements Side {
  private constructor(
    readonly runtime: Runtime,
    private readonly notices: boolean,
  ) {}

  /** Opens a runtime in the folder and records the organisation. */
  static async open(folder: string, { notices, cluster }: { notices: boolean; cluster?: ClusterMember }): Promise<Ours> {
    const warn = (message: string, facts: object) => {
      throw new Error(`${message} ${JSON.stringify(facts)}`);
    };
    const fatal = (error: unknown) => {
      throw error;
    };
    const ours = new Ours(new Runtime({ folder, libraries: librariesOf({ notices }), cluster, warn, fatal }), notices);
    await ours.runtime.start();
    await ours.recordOrganisation();
    return ours;
  }

  get flushes(): number {
    return this.runtime.file?.flushes ?? 0;
  }

  async submit({ request, course, learner, assignment }: Ask): Promise<number> {
    const origin = originOf(learner);
    const cost = { costMinor: 120_000, currency: 'EUR' };
    const asked = { requester: learner, beneficiary: learner, assignment, ...cost, on: this.runtime.dayOf(origin.at) };
    return this.run(approvalRequest, request, { type: 'Submit', request, kind: 'enrolment', course, ...asked }, { origin });
  }

  async nominate({ request, learner, manager, finance }: Ask): Promise<number> {
    const origin = originOf(manager);
    const standing = standingOf(this.runtime.models, { beneficiary: learner, on: this.runtime.dayOf(origin.at) }, finance);
    const command: RequestCommand = { type: 'Approve', by: manager, at: origin.at, nominee: finance, nomineeStanding: standing };
    return this.run(approvalRequest, request, command, { origin, seen: 1 });
  }

  async grant({ request, finance }: Ask): Promise<void> {
    const origin = originOf(finance);
    await this.run(approvalRequest, request, { type: 'Approve', by: finance, at: origin.at }, { origin, seen: 3 });
  }

  inbox(approver: string, from: number): readonly string[] {
    return inboxOf(this.runtime.models, approver, { after: from - 1, limit: INBOX_PAGE }).map(({ request }) => request);
  }

  async settle(): Promise<void> {
    if (!this.notices) return;
    // The saga's own events move the head on, so it has come to rest when the head has not moved since.
    for (;;) {
      const { position } = await this.runtime.log.head();
      while (this.runtime.models.checkpoint(notify.name) < position) await new Promise(setImmediate);
      if ((await this.runtime.log.head()).position === position) return;
    }
  }

  close(): Promise<void> {
    return this.runtime.stop();
  }

  private async recordOrganisation(): Promise<void> {
    const origin = originOf('operator');
    const type = { id: 'employee', name: 'Employee', unitMandatory: false, managerMandatory: false };
    const types = [{ ...type, mayRequestLearning: true, aspirational: false }];
    await this.run(positionTypes, SITE, { type: 'RecordPositionTypes', types }, { origin });
    await Promise.all(
      EMPLOYEES.map(({ id, assignment }) => {
        const details = { username: id, givenName: id, familyName: 'Bench', email: `${id}@example.org` };
        const assignments = [{ assignment, positionType: 'employee', from: SINCE }];
        return this.run(person, id, { type: 'SyncPerson', person: id, details, assignments }, { origin: originOf('operator') });
      }),
    );
    const managed = EMPLOYEES.flatMap(({ id, assignment, manager }): NamedManagers[] =>
      manager === undefined ? [] : [{ assignment, person: id, links: [{ manager, kind: 'direct', responsibilities: ['approval'] }] }],
    );
    const sync = { type: 'SyncManagers', effective: SINCE, assignments: managed } as const;
    await this.run(reporting, SITE, sync, { origin: originOf('operator') });
  }

  private async run<State, Command extends Typed, Event extends Typed>(
    decider: Decider<State, Command, Event>,
    id: string,
    command: Command,
    { origin, seen }: { origin: Origin; seen?: number },
  ): Promise<number> {
    const { position } = await this.runtime.run(decider, id, command, origin, seen);
    await this.runtime.models.reached(position);
    return position;
  }
}

function originOf(actor: string): Origin {
  return { command: newId(), actor, at: now() };
}

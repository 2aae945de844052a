// A small organisation whose requests are followed by notices: learner Lea, her managers, finance, and nobody's mail yet.
import { approvalRequest, type Candidate, type RequestCommand } from '@app/approvals';
import { eventId, followWithReadModels, followWithSaga, MemoryEventLog, ReadModels } from '@app/event-log';
import { createRunCommand, type AnyDecider, type Recorded, type RunCommand, type Typed } from '@app/kernel';
import { organisation, person, reporting, SITE, type LinkKind, type Responsibility } from '@app/organisation';
import { notifications } from '@app/notifications';
import { until } from './until';

const PEOPLE = {
  lea: 'Lea Learner',
  mel: 'Mel Manager',
  alt: 'Alan Alternate',
  nat: 'Nat Notified',
  rob: 'Rob Reporting',
  fin: 'Fin Finance',
  fay: 'Fay Finance',
  sec: 'Sec Secretary',
};
export type PersonId = keyof typeof PEOPLE;
const FROM = '2026-01-01';
const TODAY = '2026-11-21';
const AT = `${TODAY}T10:00:00.000Z`;

export interface World {
  readonly log: MemoryEventLog;
  readonly models: ReadModels;
  readonly run: RunCommand;
  submit(request: string, by?: { requester?: PersonId }): Promise<void>;
  ask(request: string, asked: { step: number; slate: readonly PersonId[]; nominatedBy?: PersonId }): Promise<void>;
  reroute(request: string, change: { step: number; slate: readonly PersonId[] }): Promise<void>;
  nobody(request: string, step: number): Promise<void>;
  approve(request: string, decision: { by: PersonId; nominee?: PersonId }): Promise<void>;
  deny(request: string, by: PersonId): Promise<void>;
  withdraw(request: string, by: PersonId): Promise<void>;
  cancel(request: string): Promise<void>;
  reportJobEnded(request: string): Promise<void>;
  move(request: string, by: PersonId): Promise<void>;
  review(request: string, review: { type: 'RatifyDecision' | 'VoidDecision'; by: PersonId; step: number }): Promise<void>;
  endLink(manager: PersonId): Promise<void>;
  deactivate(who: PersonId): Promise<void>;
  changeAddress(who: PersonId, email: string | undefined): Promise<void>;
  /** The whole log, once the read models have it and all notices of it are given. */
  settled(): Promise<readonly Recorded[]>;
  /** Follows the log with the saga once more, from its beginning. */
  notifyAgain(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const log = new MemoryEventLog();
  const models = new ReadModels(':memory:', [...organisation.projections, ...notifications.projections]);
  const run = createRunCommand({ log, eventId });
  const stop = new AbortController();
  const [saga] = notifications.sagas;
  const notified = (checkpoints: ReadModels) =>
    followWithSaga(saga!, {
      log,
      models: checkpoints,
      run,
      signal: stop.signal,
      warn: (message, facts) => void parked.push(`${message} ${JSON.stringify(facts)}`),
    });
  const parked: string[] = [];
  let commands = 0;
  const send = async <Command extends Typed>(decider: AnyDecider, id: string, command: Command) =>
    void (await run(decider, id, command, { command: `c${++commands}`, actor: 'suite', at: AT }));
  const request = (id: string, command: RequestCommand) => send(approvalRequest, id, command);

  for (const [id, name] of Object.entries(PEOPLE))
    await send(person, id, { type: 'RegisterPerson', person: id, ...detailsOf(id, name, addressOf(id)) });
  await send(person, 'lea', { type: 'StartAssignment', person: 'lea', assignment: 'lea/1', positionType: 'substantive', from: FROM });
  await link('mel', 'direct', 'approval');
  await link('alt', 'alternate', 'approval');
  await link('nat', 'alternate', 'notification');
  await link('rob', 'alternate', 'reporting');
  const following = Promise.all([followWithReadModels(log, models, stop.signal), notified(models)]);

  return {
    log,
    models,
    run,
    submit: (id, { requester = 'lea' } = {}) =>
      request(id, {
        type: 'Submit',
        request: id,
        kind: 'enrolment',
        course: 'C-101',
        requester,
        beneficiary: 'lea',
        assignment: 'lea/1',
        on: TODAY,
      }),
    ask: (id, { step, slate, nominatedBy }) =>
      request(id, { type: 'AskApprover', step, slate: candidates(slate), skipped: [], ...(nominatedBy && { nominatedBy }) }),
    reroute: (id, { step, slate }) => request(id, { type: 'Reroute', step, slate: candidates(slate), because: 'manager-changed' }),
    nobody: (id, step) => request(id, { type: 'ReportNobody', step, because: 'no-manager' }),
    approve: (id, { by, nominee }) => request(id, { type: 'Approve', by, at: AT, ...(nominee && { nominee, nomineeStanding: 'fit' }) }),
    deny: (id, by) => request(id, { type: 'Deny', by, reason: 'because I say so', at: AT }),
    withdraw: (id, by) => request(id, { type: 'Withdraw', by, at: AT }),
    cancel: (id) => request(id, { type: 'Cancel', because: 'assignment-ended', assignment: 'lea/1', endedOn: TODAY, on: TODAY }),
    review: (id, { type, by, step }) => request(id, { type, by, step, reason: 'not his team then', at: AT }),
    reportJobEnded: (id) => request(id, { type: 'ReportJobEnded', assignment: 'lea/1', endedOn: TODAY, on: TODAY }),
    move: (id, by) => request(id, { type: 'Move', assignment: 'lea/2', by, at: AT, on: TODAY, chance: 'given', standing: 'fit' }),
    async endLink(manager) {
      const found = await until(() => models.get<{ id: string }>('select id from manager_links where manager = ?', manager));
      await send(reporting, SITE, { type: 'EndManagerLink', link: found.id, to: '2026-11-01' });
    },
    deactivate: (who) => send(person, who, { type: 'DeactivatePerson', person: who, on: TODAY }),
    changeAddress: (who, email) => send(person, who, { type: 'ChangePersonDetails', person: who, email: email ?? null }),
    async settled() {
      for (;;) {
        const { position } = await log.head();
        await until(() => models.position >= position && models.checkpoint('notify') >= position);
        if ((await log.head()).position > position) continue;
        expect(parked).toEqual([]);
        expect(models.parked()).toEqual([]);
        return log.readAll();
      }
    },
    async notifyAgain() {
      const { position } = await log.head();
      const fresh = new ReadModels(':memory:', [...organisation.projections, ...notifications.projections]);
      fresh.apply(await log.readAll());
      void notified(fresh);
      await until(() => fresh.checkpoint('notify') >= position);
    },
    async close() {
      stop.abort();
      await following;
      models.close();
    },
  };

  function link(manager: PersonId, kind: LinkKind, responsibility: Responsibility): Promise<void> {
    const named = { manager, kind, responsibilities: [responsibility], from: FROM };
    return send(reporting, SITE, { type: 'AssignManager', assignment: 'lea/1', person: 'lea', ...named });
  }
}

export function addressOf(id: string): string {
  return `${id}@hospital.example`;
}

function detailsOf(id: string, name: string, email: string | undefined) {
  const [givenName, familyName] = name.split(' ');
  return { username: id, givenName, familyName, ...(email !== undefined && { email }) };
}

function candidates(slate: readonly string[]): readonly Candidate[] {
  return slate.map((who) => ({ person: who, as: 'direct' }));
}

// An organisation of a few people with the real chain running over it, in memory.
import {
  approvalRequest,
  approvals,
  approvalSettings,
  SITE as SETTINGS,
  storyOf,
  type EndedJobPolicy,
  type RequestCommand,
  type RequestStory,
} from '@app/approvals';
import { eventId, fireDueTimers, followWithReadModels, followWithSaga, MemoryEventLog, ReadModels, timersOf } from '@app/event-log';
import { createRunCommand, daysIn, streamOf, type AnyDecider, type Typed } from '@app/kernel';
import { organisation, person, reporting, SITE, type NamedManager } from '@app/organisation';
import { until } from './until';

const FROM = '2026-01-01';
export const TODAY = '2026-11-21';

export type ChainWorld = Awaited<ReturnType<typeof openChain>>;

/** Opens a world without people. Everybody is called by his id. */
export async function openChain(at = `${TODAY}T10:00:00.000Z`, zone = 'UTC') {
  const dayOf = daysIn(zone);
  const log = new MemoryEventLog();
  const libraries = [organisation, approvals];
  const sagas = libraries.flatMap((library) => library.sagas);
  const models = new ReadModels(':memory:', [...libraries.flatMap(({ projections }) => projections), timersOf(sagas, zone)]);
  const run = createRunCommand({ log, eventId, sagas, views: models, dayOf });
  const stop = new AbortController();
  const warnings: string[] = [];
  const parts = { log, models, run, signal: stop.signal, clock: () => at, dayOf, warn: (message: string) => void warnings.push(message) };
  const following = Promise.all([followWithReadModels(log, models, stop.signal), ...sagas.map((saga) => followWithSaga(saga, parts))]);
  let commands = 0;
  const send = async (decider: AnyDecider, id: string, command: Typed) => {
    const outcome = await run(decider, id, command, { command: `c${++commands}`, actor: 'suite', at });
    await models.reached(outcome.position);
    return outcome;
  };

  const world = {
    log,
    models,
    run,
    send,
    request: (id: string, command: RequestCommand) => send(approvalRequest, id, command),
    /** Registers a person with one job `<id>/1` and its managers. */
    async hire(id: string, managers: readonly (string | Partial<NamedManager>)[] = [], job = `${id}/1`, more: object = {}) {
      if (job === `${id}/1`)
        await send(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' } as never);
      const start = { type: 'StartAssignment', person: id, assignment: job, positionType: 'substantive', from: FROM, ...more };
      await send(person, id, start);
      for (const manager of managers) await world.assign(job, id, typeof manager === 'string' ? { manager } : manager);
    },
    async assign(job: string, owner: string, named: Partial<NamedManager>) {
      const link = { kind: 'direct', responsibilities: ['approval'], from: FROM, ...named };
      await send(reporting, SITE, { type: 'AssignManager', assignment: job, person: owner, ...link } as never);
    },
    endLink: (link: string, to: string) => send(reporting, SITE, { type: 'EndManagerLink', link, to } as never),
    deactivate: (id: string, on = TODAY) => send(person, id, { type: 'DeactivatePerson', person: id, on } as never),
    reactivate: (id: string, on = TODAY) => send(person, id, { type: 'ReactivatePerson', person: id, on } as never),
    endJob: (job: string, to: string) =>
      send(person, job.split('/')[0]!, { type: 'EndAssignment', person: job.split('/')[0], assignment: job, to } as never),
    fallback: (id: string) => send(approvalSettings, SETTINGS, { type: 'NameFallbackApprover', person: id } as never),
    forEndedJobs: (policy: EndedJobPolicy) => send(approvalSettings, SETTINGS, { type: 'ChooseEndedJobPolicy', policy } as never),
    submit: (id: string, learner: string, job = `${learner}/1`) =>
      world.request(id, {
        type: 'Submit',
        request: id,
        kind: 'enrolment',
        course: 'first-aid',
        requester: learner,
        beneficiary: learner,
        assignment: job,
        on: TODAY,
      }),
    async story(id: string): Promise<RequestStory> {
      return storyOf(id, await log.read(streamOf(approvalRequest, id)))!;
    },
    async askedIn(id: string): Promise<readonly string[]> {
      return (await world.story(id)).chain.at(-1)!.slate.map((one) => one.person);
    },
    /** Fires the timers that are due at an instant. */
    tick: (now: string) => fireDueTimers({ models, sagas, run, clock: () => now, dayOf, warn: parts.warn }),
    /** Waits until every saga has seen the whole log. */
    async settled() {
      const { position } = await log.head();
      await until(() => sagas.every(({ name }) => models.checkpoint(name) >= position));
      if ((await log.head()).position > position) await world.settled();
      expect(warnings.filter((message) => message === 'event parked')).toEqual([]);
    },
    async close() {
      stop.abort();
      await following;
      models.close();
    },
  };
  return world;
}

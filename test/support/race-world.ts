// The real core without HTTP: SQLite log, read models, sagas; one learner whose step two managers can decide at once.
import { access } from '@app/access';
import { approvalRequest, approvals, type RequestCommand } from '@app/approvals';
import { eventId } from '@app/event-log';
import {
  createRunCommand,
  Rejection,
  streamOf,
  type AnyDecider,
  type Outcome,
  type Recorded,
  type RunCommand,
  type Typed,
} from '@app/kernel';
import { organisation, person, reporting, SITE } from '@app/organisation';
import { newId, now } from '@app/platform/ids';
import { Runtime } from '@app/platform/runtime';
import { FROM } from './organisation';

export const DIRECT = 'mel';
export const STAND_IN = 'tom';
const PEOPLE = ['lea', DIRECT, STAND_IN, 'fin'];
const JOB = 'lea-1';

export interface Given {
  /** Id of the command; a new one where it is absent. */
  readonly command?: string;
  readonly ifMatch?: number;
  /** Another process's door to the same log: it knows nothing of what this one has folded. */
  readonly door?: RunCommand;
}

export interface RaceWorld {
  readonly runtime: Runtime;
  /** The doors of two processes that write to one log. */
  readonly doors: readonly [RunCommand, RunCommand];
  submit(id: string): Promise<Outcome>;
  send(id: string, command: RequestCommand, given?: Given): Promise<Outcome | Rejection>;
  history(id: string): Promise<readonly Recorded[]>;
  close(): Promise<void>;
}

export async function raceWorld(folder: string): Promise<RaceWorld> {
  const parked: string[] = [];
  const libraries = [organisation, access, approvals];
  const warn = (message: string) => void (message === 'event parked' && parked.push(message));
  const fatal = (error: unknown) => void parked.push(String(error));
  const runtime = new Runtime({ folder, libraries, warn, fatal });
  await runtime.start();
  const { log, models } = runtime;
  const other = createRunCommand({ log, eventId, sagas: approvals.sagas, views: models });
  await organise(runtime);
  const send = async (id: string, command: RequestCommand, { command: key = newId(), ifMatch, door = runtime.run }: Given = {}) => {
    const actor = 'by' in command ? command.by : 'lea';
    return door(approvalRequest, id, command, { command: key, actor, at: now() }, ifMatch).catch((error: unknown) => {
      if (error instanceof Rejection) return error;
      throw error;
    });
  };
  return {
    runtime,
    doors: [runtime.run, other],
    send,
    async submit(id) {
      const asked = { request: id, kind: 'enrolment', course: id, requester: 'lea', beneficiary: 'lea', assignment: JOB, on: '2026-11-21' };
      const answer = await send(id, { type: 'Submit', ...asked });
      if (answer instanceof Rejection) throw answer;
      return answer;
    },
    history: (id) => log.read(streamOf(approvalRequest, id)),
    async close() {
      await models.reached((await log.head()).position);
      expect([...parked, ...models.parked()]).toEqual([]);
      await runtime.stop();
    },
  };
}

async function organise({ run, models }: Runtime): Promise<void> {
  let position = 0;
  const tell = async (decider: AnyDecider, id: string, command: Typed) => {
    ({ position } = await run(decider, id, command, { command: newId(), actor: 'suite', at: now() }));
  };
  for (const id of PEOPLE) {
    await tell(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: 'Hospital' } as Typed);
  }
  await tell(person, 'lea', { type: 'StartAssignment', person: 'lea', assignment: JOB, positionType: 'substantive', from: FROM } as Typed);
  const managers = [
    { manager: DIRECT, kind: 'direct' },
    { manager: STAND_IN, kind: 'temporary', to: '2099-01-01' },
  ];
  for (const manager of managers) {
    const link = { assignment: JOB, person: 'lea', responsibilities: ['approval'], from: FROM, ...manager };
    await tell(reporting, SITE, { type: 'AssignManager', ...link });
  }
  await models.reached(position);
}

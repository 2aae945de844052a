// Keeps every open slot as it would be filled today while the organisation changes under it (E2, E3, E33, A18).
import type { Saga, Send, Timer, Views } from '@app/kernel';
import { isActive, type PersonEvent, type PositionTreeEvent, type ReportingEvent, type UnitTreeEvent } from '@app/organisation';
import { approvalRequest, groundsOf, type RequestCommand } from './approval-request';
import type { SettingsEvent } from './approval-settings';
import { concernedByAssignment, concernedByLinks, concernedByPerson } from './concerned';
import { askedNow, climbedRequests, decidersOf } from './pending-approvals';
import { openRequests, requestRow, stepWithNobody } from './requests';
import { resolve } from './resolver';

type Change = PersonEvent | ReportingEvent | UnitTreeEvent | PositionTreeEvent | SettingsEvent;

/**
 * What holds from now on is looked at when it is recorded, in the requests that it may concern. What is to hold from a later
 * day on is looked at in the morning of that day, in all of them.
 */
export const rerouting: Saga<Change> = {
  name: 'rerouting',
  on: {
    PersonDeactivated: ({ person }, { on }, views) => rerouted(views, concernedByPerson(views, person), on),
    PersonReactivated: ({ person }, { on }, views) => rerouted(views, concernedByPerson(views, person), on),
    AssignmentStarted: (event, { on }, views) => rerouted(views, concernedByAssignment(views, event, on), on),
    AssignmentChanged: (event, { on }, views) => rerouted(views, concernedByAssignment(views, event, on), on),
    AssignmentEnded: (event, { on }, views) => rerouted(views, concernedByAssignment(views, event, on), on),
    ManagersAssigned: ({ links }, { on }, views) => rerouted(views, concernedByLinks(views, links, on), on),
    ManagersEnded: ({ links }, { on }, views) => rerouted(views, concernedByLinks(views, links, on), on),
    FallbackApproverNamed: (_event, { on }, views) => rerouted(views, climbedRequests(views), on),
  },
  timers: {
    together: true,
    on: {
      PersonDeactivated: ({ on }) => mornings(on),
      PersonReactivated: ({ on }) => mornings(on),
      AssignmentStarted: ({ from, to }) => mornings(from, to),
      AssignmentChanged: ({ from, to }) => mornings(from, to),
      AssignmentEnded: ({ to }) => mornings(to),
      ManagersAssigned: ({ links }) => mornings(...links.flatMap(({ from, to }) => [from, to])),
      ManagersEnded: ({ links }) => mornings(...links.map(({ to }) => to)),
      UnitsRecorded: ({ effective }) => mornings(effective),
      PositionsRecorded: ({ effective }) => mornings(effective),
    },
    *due(_timer, views, { on }) {
      for (const id of openRequests(views)) yield rerouted(views, [id], on);
    },
  },
};

/** One timer for each day on which anything begins or ends. */
function mornings(...days: readonly (string | undefined)[]): readonly Timer[] {
  return [...new Set(days)].filter((day) => day !== undefined).map((day) => ({ key: day, dueAt: day }));
}

/** For each request of which others would be asked today than are asked now. */
function rerouted(views: Views, requests: readonly string[], on: string): readonly Send[] {
  return requests.flatMap((id) => {
    const command = reroute(views, id, on);
    return command ? [{ decider: approvalRequest, id, command }] : [];
  });
}

function reroute(views: Views, id: string, on: string): RequestCommand | undefined {
  const request = requestRow(views, id);
  if (request?.status !== 'open') return undefined;
  const { requester, beneficiary, assignment } = request;
  const now = askedNow(views, id);
  // A nominated approver who can still decide stays; otherwise the slot goes up the line of the asking assignment.
  const nominees = now.map(({ why }) => why).filter((why) => why.as === 'nominee' && isActive(views, why.person, on));
  const question = { requester, beneficiary, assignment, on, decided: decidersOf(views, id) };
  const slate = nominees.length > 0 ? nominees : resolve(views, question).slate;
  const before = now.map(({ person }) => person);
  const removed = before.filter((person) => !slate.some((one) => one.person === person));
  if (groundsOf(slate).join('\n') === groundsOf(now.map(({ why }) => why)).join('\n')) return undefined;
  const step = now[0]?.step ?? stepWithNobody(views, id) ?? 1;
  return { type: 'Reroute', step, slate, because: reasonFor(views, { before, removed, on }) };
}

function reasonFor(views: Views, { before, removed, on }: { before: readonly string[]; removed: readonly string[]; on: string }): string {
  if (before.length === 0) return 'approver-found';
  return removed.some((person) => !isActive(views, person, on)) ? 'approver-left' : 'managers-changed';
}

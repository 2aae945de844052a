// Keeps every open slot as it would be filled today while the organisation changes under it (E2, E3, E33, A18).
import { partsOf, type Saga, type Send, type Timer, type Views } from '@app/kernel';
import {
  assignmentOf,
  ReportingLines,
  type PersonEvent,
  type PositionTreeEvent,
  type PositionTypesEvent,
  type ReportingEvent,
  type ReportingModesEvent,
  type UnitTreeEvent,
} from '@app/organisation';
import { approvalRequest, type RequestCommand, type RequestEvent } from './approval-request';
import { endedJobPolicy, type SettingsEvent } from './approval-settings';
import { firstChangeAfter } from './as-known';
import { concernedByAssignment, concernedByLinks, concernedByPerson } from './concerned';
import { allStand, reroute } from './open-slot';
import { climbedRequests } from './pending-approvals';
import { openRequests, openRequestsOf, requestRow } from './requests';
import { foundNow } from './resolver';

/** Longer than read models ever lag behind while they are used. */
const LATELY = { minutes: 5 };

type Change =
  | Extract<RequestEvent, { type: 'ApproverAsked' | 'NobodyToAsk' | 'RequestMoved' }>
  | PersonEvent
  | ReportingEvent
  | ReportingModesEvent
  | UnitTreeEvent
  | PositionTreeEvent
  | PositionTypesEvent
  | SettingsEvent;

/**
 * What holds from now on is looked at when it is recorded, in the requests that it may concern. What is to hold from a later
 * day on is looked at in the morning of that day, in all of them. What may concern any request, as another hierarchy does
 * (E38), is looked at in all of them too, soon and once for many such changes; so is another policy for jobs that end.
 */
export const rerouting: Saga<Change> = {
  name: 'rerouting',
  on: {
    PersonDeactivated: ({ person }, { on }, views) => rerouted(views, concernedByPerson(views, person, on), on),
    PersonReactivated: ({ person }, { on }, views) => rerouted(views, concernedByPerson(views, person, on), on),
    AssignmentStarted: ofJob,
    AssignmentChanged: ofJob,
    AssignmentEnded: ofJob,
    ManagersAssigned: ({ links }, { on }, views) => rerouted(views, concernedByLinks(views, links, on), on),
    ManagersEnded: ({ links }, { on }, views) => rerouted(views, concernedByLinks(views, links, on), on),
    FallbackApproverNamed: (_event, { on }, views) => rerouted(views, climbedRequests(views), on),
    // Whoever asked for these may have known the organisation as it was a moment before.
    NobodyToAsk: (_event, { stream, on }, views) => endedJobs(views, () => [partsOf(stream).id], on),
    RequestMoved: (_event, { stream, on }, views) => looked(views, [partsOf(stream).id], on),
    ApproverAsked: ({ slate }, { stream, meta, on }, views) => {
      const { id } = partsOf(stream);
      const holds = foundNow(id, views, { on, slate }) || allStand(views, slate, on) || !changedLately(views, meta.at);
      return [...endedJobs(views, () => [id], on), ...(holds ? [] : rerouted(views, [id], on))];
    },
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
      ReportingModeChosen: ({ effective }) => [SOON, ...mornings(effective)],
      UnitsRecorded: ({ effective }) => [SOON, ...mornings(effective)],
      PositionsRecorded: ({ effective }) => [SOON, ...mornings(effective)],
      PositionTypesRecorded: () => [SOON],
      EndedJobPolicyChosen: () => [SOON],
    },
    *due(_timer, views, { on }) {
      for (const id of openRequests(views)) yield looked(views, [id], on);
    },
  },
};

/** An instant that has passed: due at the next look at the clock. */
const SOON: Timer = { key: 'soon', dueAt: '1970-01-01T00:00:00.000Z' };

/** Most requests are made while nothing changes: then nobody need be looked at twice. */
function changedLately(views: Views, at: string): boolean {
  const since = Temporal.Instant.from(at).subtract(LATELY).toString({ smallestUnit: 'millisecond' });
  return firstChangeAfter(views, since) !== undefined;
}

/** One timer for each day on which anything begins or ends. */
function mornings(...days: readonly (string | undefined)[]): readonly Timer[] {
  return [...new Set(days)].filter((day) => day !== undefined).map((day) => ({ key: day, dueAt: day }));
}

/** A job may lead others to their approvers, and requests may be made in its own name. */
function ofJob(event: { assignment: string; person: string }, { on }: { on: string }, views: Views): readonly Send[] {
  return [
    ...endedJobs(views, () => openRequestsOf(views, event.assignment), on),
    ...rerouted(views, concernedByAssignment(views, event, on), on),
  ];
}

function looked(views: Views, requests: readonly string[], on: string): readonly Send[] {
  return [...endedJobs(views, () => requests, on), ...rerouted(views, requests, on)];
}

/** For each request whose own job has ended, what the site wants to become of it (E11). Where they go on, none is looked for. */
function endedJobs(views: Views, requests: () => readonly string[], on: string): readonly Send[] {
  const policy = endedJobPolicy(views);
  if (policy === 'continue') return [];
  return requests().flatMap((id) => {
    const command = endedJob(views, id, { policy, on });
    return command ? [{ decider: approvalRequest, id, command }] : [];
  });
}

function endedJob(views: Views, id: string, { policy, on }: { policy: 'cancel' | 'move'; on: string }): RequestCommand | undefined {
  const request = requestRow(views, id);
  const endedOn = request && assignmentOf(views, request.assignment)?.to;
  if (request?.status !== 'open' || endedOn === undefined || endedOn > on) return undefined;
  const ended = { assignment: request.assignment, endedOn, on };
  return policy === 'cancel' ? { type: 'Cancel', because: 'assignment-ended', ...ended } : { type: 'ReportJobEnded', ...ended };
}

/** For each request of which others would be asked today than are asked now. */
function rerouted(views: Views, requests: readonly string[], on: string): readonly Send[] {
  const lines = ReportingLines.on(views, on);
  return requests.flatMap((id) => {
    const request = requestRow(views, id);
    const command = request?.status === 'open' ? reroute(lines, request) : undefined;
    return command ? [{ decider: approvalRequest, id, command }] : [];
  });
}

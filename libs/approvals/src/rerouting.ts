// Keeps every open slot filled when the organisation changes under it (E2, E3, A18).
import type { Saga, Send, Views } from '@app/kernel';
import { isActive, linkOfId, type PersonEvent, type ReportingEvent } from '@app/organisation';
import { approvalRequest, type RequestCommand } from './approval-request';
import { askedNow, decidersOf, waitingFor } from './pending-approvals';
import { openRequestsOf, requestRow, requestsWithNobody } from './requests';
import { resolve } from './resolver';
import type { SettingsEvent } from './approval-settings';

/** Asks the resolver again for each request that the change may concern; the decider drops what changes nothing. */
export const rerouting: Saga<PersonEvent | ReportingEvent | SettingsEvent> = {
  name: 'rerouting',
  on: {
    PersonDeactivated: ({ person }, { meta }, views) =>
      waitingFor(views, person).map((id) => reroute(views, id, day(meta.at), 'approver-left')),
    PersonReactivated: (_event, { meta }, views) => orphans(views, day(meta.at)),
    FallbackApproverNamed: (_event, { meta }, views) => orphans(views, day(meta.at)),
    ManagersAssigned: ({ links }, { meta }, views) => ofLinks(views, links, day(meta.at)),
    ManagersEnded: ({ links }, { meta }, views) => ofLinks(views, links, day(meta.at)),
  },
  timers: {
    on: {
      ManagersAssigned: ({ links }) =>
        links.flatMap(({ id, from, to }) => [from, to].filter((date) => date !== undefined).map((date) => boundary(id, date))),
      ManagersEnded: ({ links }) => links.map(({ id, to }) => boundary(id, to)),
    },
    due: ({ key }, views, now) => ofLinks(views, [{ id: key.slice(0, key.lastIndexOf('@')) }], day(now)),
  },
};

/** A link begins or ends on a date: at its first moment the slots of its assignment are looked at again. */
function boundary(link: string, date: string) {
  return { key: `${link}@${date}`, dueAt: `${date}T00:00:00.000Z` };
}

/** Requests in the name of the links' own assignments, and those that climbed to one of the links' managers. */
function ofLinks(views: Views, links: readonly { readonly id: string }[], on: string): readonly Send[] {
  const known = links.map(({ id }) => linkOfId(views, id)).filter((link) => link !== undefined);
  const assignments = [...new Set(known.map(({ assignment }) => assignment))];
  const managers = [...new Set(known.map(({ manager }) => manager))];
  const open = new Set([
    ...assignments.flatMap((assignment) => openRequestsOf(views, assignment)),
    ...managers.flatMap((manager) => waitingFor(views, manager)),
  ]);
  return [...[...open].map((id) => reroute(views, id, on, 'managers-changed')), ...orphans(views, on)];
}

function orphans(views: Views, on: string): readonly Send[] {
  return requestsWithNobody(views).map(({ id }) => reroute(views, id, on, 'approver-found'));
}

/** A nominated approver who can still decide stays; otherwise the slot goes up the line of the asking assignment. */
function reroute(views: Views, id: string, on: string, because: string): Send {
  const { requester, beneficiary, assignment } = requestRow(views, id)!;
  const now = askedNow(views, id);
  const nominees = now.filter(({ why, person }) => why.as === 'nominee' && isActive(views, person, on));
  const question = { requester, beneficiary, assignment, on, decided: decidersOf(views, id) };
  const slate = nominees.length > 0 ? nominees.map(({ why }) => why) : resolve(views, question).slate;
  const step = now[0]?.step ?? requestsWithNobody(views).find((one) => one.id === id)?.step ?? 1;
  const command: RequestCommand = { type: 'Reroute', step, slate, because };
  return { decider: approvalRequest, id, command };
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

// Every request in one list: whose, for what, and how it stands. The whole of one request is read from its stream.
import { partsOf, type OpenItem, type Projection, type Tables, type Recorded, type Views } from '@app/kernel';
import type { RequestEvent } from './approval-request';
import { endedJobPolicy } from './approval-settings';

export type RequestStatus = 'open' | 'granted' | 'denied' | 'withdrawn' | 'cancelled';
export interface RequestRow {
  readonly id: string;
  readonly kind: string;
  readonly course: string | null;
  readonly requester: string;
  readonly beneficiary: string;
  readonly assignment: string;
  readonly costMinor: number | null;
  readonly currency: string | null;
  readonly status: RequestStatus;
  readonly submittedAt: string;
  readonly closedAt: string | null;
  /** Place in lists: position of its submission in the log. */
  readonly place: number;
}

export const requests: Projection<RequestEvent> = {
  name: 'requests',
  schema: `
    create table requests (
      place integer primary key, id text not null unique, kind text not null, course text, requester text not null,
      beneficiary text not null, assignment text not null, cost_minor integer, currency text, status text not null,
      submitted_at text not null, closed_at text, command text not null) strict;
    create index requests_by_beneficiary on requests (beneficiary, course);
    create index requests_open_by_assignment on requests (assignment) where status = 'open';
    create table requests_unassigned (id text primary key, step integer not null, because text not null, since text not null) strict;
    create table requests_moved (id text not null, place integer not null, assignment text not null, primary key (id, place)) strict;`,
  tables: ['requests', 'requests_unassigned', 'requests_moved'],
  on: {
    RequestSubmitted: (tables, event, { stream, position, meta }) =>
      tables.run(
        "insert into requests values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, null, ?) on conflict do nothing",
        position,
        partsOf(stream).id,
        event.kind,
        event.course ?? null,
        event.requester,
        event.beneficiary,
        event.assignment,
        event.costMinor ?? null,
        event.currency ?? null,
        meta.at,
        meta.command,
      ),
    NobodyToAsk: (tables, { step, because }, { stream, meta }) =>
      tables.run('insert or replace into requests_unassigned values (?, ?, ?, ?)', partsOf(stream).id, step, because, meta.at),
    SlateChanged: (tables, { step, slate, because }, { stream, meta }) => {
      tables.run('delete from requests_unassigned where id = ?', partsOf(stream).id);
      if (slate.length > 0) return;
      tables.run('insert into requests_unassigned values (?, ?, ?, ?)', partsOf(stream).id, step, because, meta.at);
    },
    RequestGranted: (tables, _event, recorded) => close(tables, 'granted', recorded),
    RequestDenied: (tables, _event, recorded) => close(tables, 'denied', recorded),
    RequestWithdrawn: (tables, _event, recorded) => close(tables, 'withdrawn', recorded),
    RequestCancelled: (tables, _event, recorded) => close(tables, 'cancelled', recorded),
    RequestMoved: (tables, { assignment }, { stream, position }) => {
      const { id } = partsOf(stream);
      tables.run('insert into requests_moved select id, ?, assignment from requests where id = ? on conflict do nothing', position, id);
      tables.run('update requests set assignment = ? where id = ?', assignment, id);
    },
    DecisionVoided: (tables, { next }, { stream }) => {
      if (next === undefined) return;
      tables.run("update requests set status = 'open', closed_at = null where id = ?", partsOf(stream).id);
      tables.run('delete from requests_unassigned where id = ?', partsOf(stream).id);
    },
  },
};

/** A request that waits for nobody, since when, and why. */
export interface UnassignedRequest {
  readonly id: string;
  readonly step: number;
  readonly because: string;
  readonly since: string;
}

const COLUMNS = `id, kind, course, requester, beneficiary, assignment, cost_minor as costMinor, currency, status,
  submitted_at as submittedAt, closed_at as closedAt, place`;

/** How often a person asked for the same thing before, and whether one of those is still open. */
export function attemptsOf(views: Views, asked: { beneficiary: string; kind: string; course: string | undefined }): readonly RequestRow[] {
  return views.all<RequestRow>(
    `select ${COLUMNS} from requests where beneficiary = ? and course is ? and kind = ? order by place`,
    asked.beneficiary,
    asked.course ?? null,
    asked.kind,
  );
}

/** The request that a command made, for the second try of the same command. */
export function requestMadeBy(views: Views, beneficiary: string, command: string): string | undefined {
  return views.get<{ id: string }>('select id from requests where beneficiary = ? and command = ?', beneficiary, command)?.id;
}

/** The open requests in the name of an assignment. */
export function openRequestsOf(views: Views, assignment: string): readonly string[] {
  return views
    .all<{ id: string }>("select id from requests where assignment = ? and status = 'open' order by place", assignment)
    .map(({ id }) => id);
}

/** What would be cancelled with a job: the open requests in its name, where the site wants that (E11). */
export function cancelledWith(views: Views, assignment: string): readonly OpenItem[] {
  if (endedJobPolicy(views) !== 'cancel') return [];
  return views.all<OpenItem>(
    `select id as request, beneficiary as learner,
       coalesce((select max(step) from pending_approvals p where p.request = r.id), (select step from requests_unassigned u where u.id = r.id), 1) as step
     from requests r where assignment = ? and status = 'open' order by place`,
    assignment,
  );
}

/** How many open requests there are for a learner. */
export function openCount(views: Views, beneficiary: string): number {
  const sql = "select count(*) as count from requests where beneficiary = ? and status = 'open'";
  return views.get<{ count: number }>(sql, beneficiary)!.count;
}

/** The open requests for a learner. */
export function openRequestsFor(views: Views, beneficiary: string): readonly string[] {
  return views
    .all<{ id: string }>("select id from requests where beneficiary = ? and status = 'open' order by place", beneficiary)
    .map(({ id }) => id);
}

/** Every open request. */
export function openRequests(views: Views): readonly string[] {
  return views.all<{ id: string }>("select id from requests where status = 'open' order by assignment, place").map(({ id }) => id);
}

export function hasOpenRequests(views: Views): boolean {
  return views.get("select 1 as yes from requests where status = 'open' limit 1") !== undefined;
}

/** The assignment in whose name the learner asked last. */
export function lastAskedIn(views: Views, beneficiary: string): string | undefined {
  const sql = 'select assignment from requests where beneficiary = ? order by place desc limit 1';
  return views.get<{ assignment: string }>(sql, beneficiary)?.assignment;
}

export function requestRow(views: Views, id: string): RequestRow | undefined {
  return views.get<RequestRow>(`select ${COLUMNS} from requests where id = ?`, id);
}

/** Who is to learn by it. */
export function beneficiaryOf(views: Views, id: string): string | undefined {
  return views.get<{ beneficiary: string }>('select beneficiary from requests where id = ?', id)?.beneficiary;
}

const ASSIGNMENT_AT = `
  select coalesce((select m.assignment from requests_moved m where m.id = r.id and m.place > ?2 order by m.place limit 1), r.assignment)
    as assignment from requests r where r.id = ?1`;

/** The assignment in whose name a request stood at a position of the log. */
export function assignmentAt(views: Views, id: string, position: number): string | undefined {
  return views.get<{ assignment: string }>(ASSIGNMENT_AT, id, position)?.assignment;
}

/** A page of requests, newest first; `before` is the `place` of the last one seen. */
export function listRequests(
  views: Views,
  filter: { beneficiary?: string; status?: RequestStatus; before?: number; limit: number },
): readonly RequestRow[] {
  const { beneficiary = null, status = null, before = Number.MAX_SAFE_INTEGER, limit } = filter;
  const sql = `select ${COLUMNS} from requests
    where ${beneficiary === null ? '? is null' : 'beneficiary = ?'} and (?2 is null or status = ?2) and place < ? order by place desc limit +?`;
  return views.all<RequestRow>(sql, beneficiary, status, before, limit);
}

/** Open requests for which nobody can be asked (A18): an administrator has to act. */
export function requestsWithNobody(views: Views): readonly UnassignedRequest[] {
  return views.all("select u.* from requests_unassigned u join requests r on r.id = u.id and r.status = 'open' order by since, u.id");
}

/** The step at which a request waits for nobody; nothing where it does not. */
export function stepWithNobody(views: Views, id: string): number | undefined {
  return views.get<{ step: number }>('select step from requests_unassigned where id = ?', id)?.step;
}

function close(tables: Tables, status: RequestStatus, { stream, meta }: Recorded): void {
  tables.run('update requests set status = ?, closed_at = ? where id = ?', status, meta.at, partsOf(stream).id);
}

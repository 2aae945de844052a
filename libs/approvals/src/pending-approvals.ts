// The inbox: what waits for whom, why him, since when; and what each approver decided.
import { keptAnswers, partsOf, type OpenItem, type Projection, type Tables, type Recorded, type Views } from '@app/kernel';
import { hierarchy, nameOf } from '@app/organisation';
import type { Candidate, RequestEvent } from './approval-request';
import type { RequestStatus } from './requests';

/** One request that waits for one person. */
export interface PendingApproval {
  readonly request: string;
  readonly person: string;
  readonly step: number;
  /** Revision that a decision must name in `If-Match`. */
  readonly revision: number;
  readonly why: Candidate;
  readonly since: string;
  /** Place in the inbox: older requests first. */
  readonly place: number;
  readonly kind: string;
  readonly course: string | null;
  readonly beneficiary: string;
  readonly beneficiaryName: string;
  readonly assignment: string;
  readonly costMinor: number | null;
  readonly currency: string | null;
}

/** One decision of one approver. */
export interface Decided {
  readonly request: string;
  readonly step: number;
  readonly by: string;
  readonly outcome: 'approved' | 'denied';
  readonly at: string;
  /** The day of it, where the organisation is. */
  readonly on: string;
  readonly place: number;
  readonly review?: ReviewOf;
}
/** What became of a decision that a back-dated change had put in question. */
export interface ReviewOf {
  readonly outcome: 'ratified' | 'voided';
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

const DECISIONS = 'select request, step, by, outcome, at, day as "on", place, review from decisions';
const OUTCOME = `json_extract(review, '$.outcome')`;
/** Events of earlier releases name no day; then days were those of UTC. */
const DAY_LENGTH = '2026-11-21'.length;

/** Somebody stands in for the asking assignment's own managers. */
const CLIMBED = `json_extract(why, '$.as') in ('next-level', 'fallback')`;

export const pendingApprovals: Projection<RequestEvent> = {
  name: 'pending-approvals',
  schema: `
    create table pending_approvals (
      request text not null, person text not null, step integer not null,
      revision integer not null, -- of the newest event of the request, whatever it was
      why text not null, since text not null, place integer not null,
      primary key (request, person)) strict, without rowid;
    create index pending_by_person on pending_approvals (person, place, revision);
    create index pending_climbed on pending_approvals (request) where ${CLIMBED};
    create table decisions (
      request text not null, step integer not null, by text not null, outcome text not null, at text not null, day text not null,
      place integer not null, review text, primary key (request, step)) strict, without rowid;
    create index decisions_by_person on decisions (by, place);
    create index decisions_by_place on decisions (place);`,
  tables: ['pending_approvals', 'decisions'],
  on: {
    ApproverAsked: (tables, event, recorded) => ask(tables, event, recorded),
    SlateChanged: (tables, event, recorded) => {
      const request = partsOf(recorded.stream).id;
      const kept = new Map(
        tables
          .all<{ person: string; since: string; place: number }>(
            'select person, since, place from pending_approvals where request = ?',
            request,
          )
          .map((row) => [row.person, row]),
      );
      remove(tables, event, recorded);
      ask(tables, event, recorded, kept);
    },
    StepApproved: (tables, event, recorded) => decide(tables, event, 'approved', recorded),
    RequestGranted: (tables, event, recorded) => decide(tables, event, 'approved', recorded),
    RequestDenied: (tables, event, recorded) => decide(tables, event, 'denied', recorded),
    RequestWithdrawn: remove,
    RequestCancelled: remove,
    AskingJobEnded: seenAnew,
    RequestMoved: seenAnew,
    DecisionRatified: (tables, event, recorded) => {
      seenAnew(tables, event, recorded);
      const review = reviewText('ratified', event);
      tables.run('update decisions set review = ? where request = ? and step = ?', review, partsOf(recorded.stream).id, event.step);
    },
    // Later decisions rested on it and fall with it; one that had fallen before stays as it is.
    DecisionVoided: (tables, event, recorded) => {
      remove(tables, event, recorded);
      tables.run(
        `update decisions set review = ?1 where request = ?2 and step >= ?3 and (review is null or ${OUTCOME} = 'ratified')`,
        reviewText('voided', event),
        partsOf(recorded.stream).id,
        event.step,
      );
    },
  },
};

/** A page of a person's inbox, oldest first; `after` is the `place` of the last one seen. */
export function inboxOf(views: Views, person: string, { after = 0, limit }: { after?: number; limit: number }): readonly PendingApproval[] {
  const rows = views.all<Waiting>(INBOX, person, after, limit);
  const his = (all: readonly PendingApproval[]) => all.find((one) => one.person === person);
  const shown = rows.flatMap((row) => his(keep(views, keyOf(row), () => shownOf(views, row))) ?? his(shownOf(views, row)) ?? []);
  // The submission of one may be parked: the others are shown all the same, and this one when that is taken.
  const missing = rows.length - shown.length;
  if (missing === 0 || rows.length < limit) return shown;
  return [...shown, ...inboxOf(views, person, { after: rows.at(-1)!.place, limit: missing })];
}

const INBOX = 'select request, place, revision from pending_approvals where person = ? and place > ? order by place limit +?';
type Waiting = Pick<PendingApproval, 'request' | 'place' | 'revision'>;
/** What an inbox shows of a request changes by an event of the request, which makes another revision of it, or by a change of names. */
const keep = keptAnswers<readonly PendingApproval[]>(hierarchy.name);

/**
 * A place is that of an event, so it belongs to one request. A number wherever one can tell them apart, because to look for a
 * new text takes ten times as long.
 */
function keyOf({ place, revision }: Waiting): number | string {
  const key = place * REVISIONS_MAX + revision;
  return revision < REVISIONS_MAX && Number.isSafeInteger(key) ? key : `${place} ${revision}`;
}
const REVISIONS_MAX = 1_024;

/** What everybody is shown who was asked at the same time. */
function shownOf(views: Views, { request, place }: Waiting): readonly PendingApproval[] {
  return views
    .all<Omit<PendingApproval, 'why' | 'beneficiaryName'> & { why: string }>(
      `select p.request, p.person, p.step, p.revision, p.why, p.since, p.place, r.kind, r.course, r.beneficiary, r.assignment,
         r.cost_minor as costMinor, r.currency
       from pending_approvals p join requests r on r.id = p.request where p.request = ? and p.place = ?`,
      request,
      place,
    )
    .map((row) => ({ ...row, why: JSON.parse(row.why), beneficiaryName: nameOf(views, row.beneficiary) ?? row.beneficiary }));
}

/** How many requests wait for the person. */
export function inboxCount(views: Views, person: string): number {
  return views.get<{ count: number }>('select count(*) as count from pending_approvals where person = ?', person)!.count;
}

/** What a person decided, newest first, of requests that stand so; `before` is the `place` of the last one seen. */
export function decidedBy(
  views: Views,
  person: string,
  { status = null, before = Number.MAX_SAFE_INTEGER, limit }: { status?: RequestStatus | null; before?: number; limit: number },
): readonly Decided[] {
  const standing = '?2 is null or exists (select 1 from requests r where r.id = request and r.status = ?2)';
  const sql = `${DECISIONS} where by = ?1 and (${standing}) and place < ?3 order by place desc limit +?4`;
  return views.all<DecisionRow>(sql, person, status, before, limit).map(decidedFrom);
}

/** What was decided, by whomever, oldest first; `after` is the `place` of the last one seen. */
export function decisionsAfter(views: Views, { after, limit }: { after: number; limit: number }): readonly Decided[] {
  return views.all<DecisionRow>(`${DECISIONS} where place > ? order by place limit +?`, after, limit).map(decidedFrom);
}

/** What was decided of a request at a step. */
export function decisionAt(views: Views, request: string, step: number): Decided | undefined {
  const row = views.get<DecisionRow>(`${DECISIONS} where request = ? and step = ?`, request, step);
  return row && decidedFrom(row);
}

/** Who decided a request so far, at the steps before one if it is named, and who annulled a decision: nobody of them is asked. */
export function decidersOf(views: Views, request: string, before = Number.MAX_SAFE_INTEGER): readonly string[] {
  const standing = `review is null or ${OUTCOME} = 'ratified'`;
  return views
    .all<{ person: string }>(
      `select by as person from decisions where request = ?1 and step < ?2 and (${standing})
       union select json_extract(review, '$.by') from decisions where request = ?1 and not (${standing})`,
      request,
      before,
    )
    .map(({ person }) => person);
}

/** Who is asked now, and at which step. */
export function askedNow(
  views: Views,
  request: string,
): readonly { readonly person: string; readonly step: number; readonly why: Candidate }[] {
  return views
    .all<{ person: string; step: number; why: string }>(
      'select person, step, why from pending_approvals where request = ? order by person',
      request,
    )
    .map((row) => ({ ...row, why: JSON.parse(row.why) }));
}

/** Ids of the requests that wait for the person. */
export function waitingFor(views: Views, person: string): readonly string[] {
  return views
    .all<{ request: string }>('select request from pending_approvals where person = ? order by place', person)
    .map(({ request }) => request);
}

/** Requests that went further up than to the managers of their assignment, or wait for nobody. */
export function climbedRequests(views: Views): readonly string[] {
  return views
    .all<{ id: string }>(
      `select request as id from pending_approvals where ${CLIMBED}
       union select u.id from requests_unassigned u join requests r on r.id = u.id and r.status = 'open' order by id`,
    )
    .map(({ id }) => id);
}

/** The same with whose request it is and at which step. */
export function openItemsOf(views: Views, person: string): readonly OpenItem[] {
  return views.all<OpenItem>(
    `select p.request, p.step, r.beneficiary as learner from pending_approvals p join requests r on r.id = p.request
     where p.person = ? order by p.place`,
    person,
  );
}

/** How many of the requests wait for the person. */
export function waitingAmong(views: Views, requests: readonly string[], person: string): number {
  const sql = 'select 1 from pending_approvals where request = ? and person = ?';
  return requests.filter((request) => views.get(sql, request, person) !== undefined).length;
}

interface DecisionRow extends Omit<Decided, 'review'> {
  readonly review: string | null;
}

function decidedFrom({ review, ...row }: DecisionRow): Decided {
  return { ...row, ...(review !== null && { review: JSON.parse(review) }) };
}

function reviewText(outcome: ReviewOf['outcome'], { by, at, reason }: Omit<ReviewOf, 'outcome'>): string {
  return JSON.stringify({ outcome, by, at, reason } satisfies ReviewOf);
}

type Kept = ReadonlyMap<string, { readonly since: string; readonly place: number }>;

function ask(
  tables: Tables,
  { step, slate }: { step: number; slate: readonly Candidate[] },
  { stream, revision, position, meta }: Recorded,
  kept?: Kept,
): void {
  for (const why of slate) {
    const before = kept?.get(why.person);
    tables.run(
      'insert or replace into pending_approvals values (?, ?, ?, ?, ?, ?, ?)',
      partsOf(stream).id,
      why.person,
      step,
      // The slate's own event is the newest that an approver has to have seen.
      revision,
      JSON.stringify(why),
      before?.since ?? meta.at,
      before?.place ?? position,
    );
  }
}

function decide(
  tables: Tables,
  { step, by, at, on = at.slice(0, DAY_LENGTH) }: { step: number; by: string; at: string; on?: string },
  outcome: Decided['outcome'],
  recorded: Recorded,
): void {
  remove(tables, undefined, recorded);
  tables.run(
    'insert into decisions values (?, ?, ?, ?, ?, ?, ?, null) on conflict do nothing',
    partsOf(recorded.stream).id,
    step,
    by,
    outcome,
    at,
    on,
    recorded.position,
  );
}

/** Who is asked stays, and has to have seen what is new. */
function seenAnew(tables: Tables, _event: unknown, { stream, revision }: Recorded): void {
  tables.run('update pending_approvals set revision = max(revision, ?) where request = ?', revision, partsOf(stream).id);
}

function remove(tables: Tables, _event: unknown, { stream }: Recorded): void {
  tables.run('delete from pending_approvals where request = ?', partsOf(stream).id);
}

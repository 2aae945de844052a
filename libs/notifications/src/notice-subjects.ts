// What a notice is about: whose request it is, who was asked at which step, and who decided what.
import { partsOf, type Projection, type Recorded, type Tables, type Views } from '@app/kernel';
import type { RequestEvent } from '@app/approvals';

/** A request as far as notices need it. */
export interface Subject {
  readonly request: string;
  readonly kind: string;
  readonly course: string | null;
  readonly beneficiary: string;
  readonly requester: string;
  readonly assignment: string;
  /** The newest step; 0 until somebody is asked. */
  readonly step: number;
  /** Whether that step still waits for a decision. */
  readonly waits: 0 | 1;
}

type Decided = Extract<RequestEvent, { type: 'StepApproved' | 'RequestGranted' | 'RequestDenied' }>;

export const noticeSubjects: Projection<RequestEvent> = {
  name: 'notice-subjects',
  schema: `
    create table notice_subjects (request text primary key, kind text not null, course text, beneficiary text not null,
      requester text not null, assignment text not null, step integer not null, waits integer not null) strict;
    create table notice_asked (request text not null, step integer not null, person text not null, primary key (request, step, person)) strict;
    create table notice_decisions (source text primary key, request text not null, person text not null, reason text) strict;
    create index notice_decisions_of_request on notice_decisions (request);
    create table notice_reviews (source text primary key, reason text not null) strict;`,
  tables: ['notice_subjects', 'notice_asked', 'notice_decisions', 'notice_reviews'],
  on: {
    RequestSubmitted: (tables, { kind, course, beneficiary, requester, assignment }, { stream }) =>
      tables.run(
        'insert into notice_subjects values (?, ?, ?, ?, ?, ?, 0, 0) on conflict do nothing',
        partsOf(stream).id,
        kind,
        course ?? null,
        beneficiary,
        requester,
        assignment,
      ),
    ApproverAsked: (tables, { step, slate }, { stream }) => {
      const request = partsOf(stream).id;
      tables.run('update notice_subjects set step = ?, waits = 1 where request = ?', step, request);
      for (const { person } of slate) addAsked(tables, { request, step, person });
    },
    NobodyToAsk: (tables, { step }, { stream }) =>
      tables.run('update notice_subjects set step = ?, waits = 1 where request = ?', step, partsOf(stream).id),
    SlateChanged: (tables, { step, removed, added }, { stream }) => {
      const request = partsOf(stream).id;
      for (const person of removed) {
        tables.run('delete from notice_asked where request = ? and step = ? and person = ?', request, step, person);
      }
      for (const person of added) addAsked(tables, { request, step, person });
    },
    StepApproved: decided,
    RequestGranted: decided,
    RequestDenied: decided,
    RequestWithdrawn: (tables, _event, { stream }) => over(tables, partsOf(stream).id),
    RequestCancelled: (tables, _event, { stream }) => over(tables, partsOf(stream).id),
    RequestMoved: (tables, { assignment }, { stream }) =>
      tables.run('update notice_subjects set assignment = ? where request = ?', assignment, partsOf(stream).id),
    DecisionRatified: reviewed,
    DecisionVoided: (tables, event, recorded) => {
      reviewed(tables, event, recorded);
      over(tables, partsOf(recorded.stream).id);
    },
  },
};

/** The request, or nothing when it is not known. */
export function subjectOf(views: Views, request: string): Subject | undefined {
  return views.get<Subject>('select * from notice_subjects where request = ?', request);
}

/** Who can decide the step, or could when it was decided. */
export function askedAt(views: Views, { request, step }: { request: string; step: number }): readonly string[] {
  return views
    .all<{ person: string }>('select person from notice_asked where request = ? and step = ? order by person', request, step)
    .map(({ person }) => person);
}

/** Everybody who was asked at any step and not taken off it again, or who decided one. */
export function involvedIn(views: Views, request: string): readonly string[] {
  return views
    .all<{ person: string }>(
      'select person from notice_asked where request = ? union select person from notice_decisions where request = ?',
      request,
      request,
    )
    .map(({ person }) => person);
}

/** Who decided a step of the request so far. */
export function decidersOf(views: Views, request: string): readonly string[] {
  return views
    .all<{ person: string }>('select distinct person from notice_decisions where request = ? order by person', request)
    .map(({ person }) => person);
}

/** The reason that was given with the decision or its review, if the event is one and has one. */
export function reasonOf(views: Views, source: string): string | undefined {
  const either = 'select reason from notice_decisions where source = ?1 union all select reason from notice_reviews where source = ?1';
  return views.get<{ reason: string | null }>(either, source)?.reason ?? undefined;
}

function addAsked(tables: Tables, { request, step, person }: { request: string; step: number; person: string }): void {
  tables.run('insert into notice_asked values (?, ?, ?) on conflict do nothing', request, step, person);
}

function decided(tables: Tables, { by, reason }: Decided, { stream, meta }: Recorded): void {
  const request = partsOf(stream).id;
  tables.run('insert into notice_decisions values (?, ?, ?, ?) on conflict do nothing', meta.id, request, by, reason ?? null);
  over(tables, request);
}

function reviewed(tables: Tables, { reason }: { readonly reason: string }, { meta }: Recorded): void {
  tables.run('insert into notice_reviews values (?, ?) on conflict do nothing', meta.id, reason);
}

function over(tables: Tables, request: string): void {
  tables.run('update notice_subjects set waits = 0 where request = ?', request);
}

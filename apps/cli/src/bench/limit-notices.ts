// The limit's notices: the same rows as the notifications library makes of an approval, in the transaction of their cause.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { urgencyOf, type NoticeEvent, type NoticeFacts, type Recipient, type Rule, type Template } from '@app/notifications';
import type { Ask } from './side';

const STATEMENTS = {
  subject: 'insert into notice_subjects values (?, ?, ?, ?, ?, ?, 0, 0)',
  waits: 'update notice_subjects set step = ?, waits = 1 where request = ?',
  over: 'update notice_subjects set waits = 0 where request = ?',
  asked: 'insert into notice_asked values (?, ?, ?)',
  decided: 'insert into notice_decisions values (?, ?, ?, null)',
  notice: 'insert into notices values (?, ?, ?, ?, ?, ?, ?, ?)',
  delivery: 'insert into deliveries values (?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?)',
};

/** The event of which people are told. */
interface Cause {
  readonly id: string;
  readonly at: string;
  readonly position: number;
}
interface Telling {
  readonly request: string;
  readonly template: Template;
  readonly facts: NoticeFacts;
  readonly told: readonly { readonly person: string; readonly rule: Rule }[];
}

export class LimitNotices {
  private readonly sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;

  /** @param record adds events to the stream of a notice and answers the position of the first */
  constructor(
    db: DatabaseSync,
    private readonly record: (notice: { id: string; at: string; events: readonly NoticeEvent[] }) => number,
  ) {
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, db.prepare(sql)]);
    this.sql = Object.fromEntries(prepared) as typeof this.sql;
  }

  submitted({ request, course, learner, assignment }: Ask): void {
    this.sql.subject.run(request, 'enrolment', course, learner, learner, assignment);
  }

  asked({ request }: Ask, { step, person, notice, ...cause }: Cause & { step: number; person: string; notice: Rule }): void {
    this.sql.waits.run(step, request);
    this.sql.asked.run(request, step, person);
    this.tell(cause, { request, template: 'asked', facts: { step }, told: [{ person, rule: notice }] });
  }

  approved({ request, learner, manager, finance }: Ask, cause: Cause): void {
    this.decided(request, manager, cause);
    const facts = { step: 1, by: manager, nominee: finance };
    this.tell(cause, { request, template: 'step-approved', facts, told: [{ person: learner, rule: 'step-approved' }] });
  }

  granted({ request, learner, manager, finance }: Ask, cause: Cause): void {
    this.decided(request, finance, cause);
    const told = [learner, manager].map((person) => ({ person, rule: 'outcome' as const }));
    this.tell(cause, { request, template: 'granted', facts: { step: 2, by: finance }, told });
  }

  private decided(request: string, person: string, { id }: Cause): void {
    this.sql.decided.run(id, request, person);
    this.sql.over.run(request);
  }

  private tell({ id, at }: Cause, { request, template, facts, told }: Telling): void {
    const recipients = told.map(({ person, rule }): Recipient => ({ person, rule, channels: ['in-app'] }));
    const sent = told.map(({ person }): NoticeEvent => ({ type: 'DeliverySent', recipient: person, channel: 'in-app', attempt: 1 }));
    const due: NoticeEvent = { type: 'NoticeDue', source: id, request, template, recipients, facts };
    const position = this.record({ id, at, events: [due, ...sent] });
    for (const { person, rule } of told) {
      this.sql.notice.run(id, person, request, template, rule, JSON.stringify(facts), at, position);
      this.sql.delivery.run(id, person, 'in-app', request, rule, 'sent', 1, at, at, position, urgencyOf(rule));
    }
  }
}

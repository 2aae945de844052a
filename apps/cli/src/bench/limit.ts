// The limit: the same rows in one bare node:sqlite file, one flush for all who wait. No framework, no hash chain, no replay.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pendingApprovals, requests, type Candidate, type RequestEvent } from '@app/approvals';
import { deliveryLedger, noticeSubjects, type NoticeEvent } from '@app/notifications';
import { newId, now } from '@app/platform';
import { LimitNotices } from './limit-notices';
import { INBOX_PAGE, type Ask, type Side } from './side';

const EVENTS = `
  create table streams (number integer primary key, name text not null unique) strict;
  create table events (position integer primary key, stream integer not null, revision integer not null, data text not null,
    meta text not null, unique (stream, revision)) strict;`;

const STATEMENTS = {
  begin: 'begin immediate',
  commit: 'commit',
  stream: 'insert into streams (name) values (?)',
  event: 'insert into events values (?, ?, ?, ?, ?)',
  request: "insert into requests values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, null, ?)",
  close: 'update requests set status = ?, closed_at = ? where id = ?',
  ask: 'insert into pending_approvals values (?, ?, ?, ?, ?, ?, ?)',
  turn: 'select step from pending_approvals where request = ? and person = ?',
  asked: 'delete from pending_approvals where request = ?',
  decided: 'insert into decisions values (?, ?, ?, ?, ?, ?, ?, null)',
  inbox: 'select request, step, revision, why, since, place from pending_approvals where person = ? and place >= ? order by place limit +?',
};

interface Waiting {
  readonly write: () => number;
  readonly resolve: (place: number) => void;
  readonly reject: (error: unknown) => void;
}
/** Where an open request stands. */
interface Open {
  readonly number: number;
  revision: number;
}
interface Meta {
  readonly command: string;
  readonly actor: string;
  readonly at: string;
  readonly correlation?: string;
  readonly causation?: string;
}

export class Limit implements Side {
  flushes = 0;
  private readonly db: DatabaseSync;
  private readonly sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  private readonly told?: LimitNotices;
  private readonly open = new Map<string, Open>();
  private position = 0;
  private waiting: Waiting[] = [];

  constructor(folder: string, { notices }: { notices: boolean }) {
    mkdirSync(folder, { recursive: true });
    this.db = new DatabaseSync(join(folder, 'limit.db'));
    this.db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    this.db.exec('pragma wal_autocheckpoint = 8000; pragma cache_size = -65536');
    const models = [requests, pendingApprovals, ...(notices ? [noticeSubjects, deliveryLedger] : [])];
    this.db.exec([EVENTS, ...models.map(({ schema }) => schema)].join(';'));
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, this.db.prepare(sql)]);
    this.sql = Object.fromEntries(prepared) as typeof this.sql;
    if (notices) this.told = new LimitNotices(this.db, (event) => this.addNotice(event));
  }

  submit(ask: Ask): Promise<number> {
    const { request, course, learner, assignment, manager } = ask;
    return this.durably(() => {
      const at = now();
      const meta: Meta = { command: newId(), actor: learner, at };
      const stream = this.newStream(`request-${request}`);
      this.open.set(request, stream);
      const asked = { requester: learner, beneficiary: learner, assignment, costMinor: 120_000, currency: 'EUR', on: at.slice(0, 10) };
      const submitted = this.add(stream, { type: 'RequestSubmitted', kind: 'enrolment', course, ...asked }, meta);
      const place = this.position;
      this.sql.request.run(place, request, 'enrolment', course, learner, learner, assignment, 120_000, 'EUR', at, meta.command);
      this.told?.submitted(ask);
      const why: Candidate = { person: manager, as: 'direct', link: `${assignment}/direct/${manager}/-` };
      return this.ask(ask, { stream, step: 1, why, meta: caused(submitted, meta), notice: 'asked' });
    });
  }

  nominate(ask: Ask): Promise<number> {
    const { request, manager, finance } = ask;
    return this.durably(() => {
      const stream = this.requireTurn(request, manager);
      const meta: Meta = { command: newId(), actor: manager, at: now() };
      const at = meta.at;
      const approved = this.add(stream, { type: 'StepApproved', step: 1, by: manager, at, nominee: finance }, meta);
      this.decide(request, { step: 1, by: manager, at });
      this.told?.approved(ask, { id: approved, at, position: this.position });
      const why: Candidate = { person: finance, as: 'nominee', via: manager };
      return this.ask(ask, { stream, step: 2, why, meta: caused(approved, meta), notice: 'nominated' });
    });
  }

  async grant(ask: Ask): Promise<void> {
    const { request, finance } = ask;
    await this.durably(() => {
      const stream = this.requireTurn(request, finance);
      const meta: Meta = { command: newId(), actor: finance, at: now() };
      const granted = this.add(stream, { type: 'RequestGranted', step: 2, by: finance, at: meta.at }, meta);
      this.decide(request, { step: 2, by: finance, at: meta.at });
      this.sql.close.run('granted', meta.at, request);
      this.told?.granted(ask, { id: granted, at: meta.at, position: this.position });
      this.open.delete(request);
      return this.position;
    });
  }

  inbox(person: string, from: number): readonly string[] {
    return this.inboxRows(person, from).map(({ request }) => request);
  }

  inboxRows(person: string, from: number) {
    return this.sql.inbox.all(person, from, INBOX_PAGE) as unknown as readonly { readonly request: string; readonly revision: number }[];
  }

  async settle(): Promise<void> {}

  async close(): Promise<void> {
    this.db.close();
  }

  private durably(write: () => number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.flush());
      this.waiting.push({ write, resolve, reject });
    });
  }

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    this.sql.begin.run();
    const answers = waiting.map(({ write, resolve, reject }) => {
      try {
        const place = write();
        return () => resolve(place);
      } catch (error) {
        return () => reject(error);
      }
    });
    this.sql.commit.run();
    this.flushes++;
    for (const answer of answers) answer();
  }

  /** A decision on a decided step is refused before anything is written. */
  private requireTurn(request: string, person: string): Open {
    const stream = this.open.get(request);
    if (!stream || !this.sql.turn.get(request, person)) throw new Error('it is not your turn');
    return stream;
  }

  private ask(ask: Ask, asked: { stream: Open; step: number; why: Candidate; meta: Meta; notice: 'asked' | 'nominated' }): number {
    const { stream, step, why, meta, notice } = asked;
    const id = this.add(stream, { type: 'ApproverAsked', step, slate: [why], skipped: [] }, meta);
    const { position } = this;
    this.sql.ask.run(ask.request, why.person, step, stream.revision, JSON.stringify(why), meta.at, position);
    this.told?.asked(ask, { step, person: why.person, notice, id, at: meta.at, position });
    return position;
  }

  private decide(request: string, { step, by, at }: { step: number; by: string; at: string }): void {
    this.sql.asked.run(request);
    this.sql.decided.run(request, step, by, 'approved', at, at.slice(0, 10), this.position);
  }

  private addNotice({ id, at, events }: { id: string; at: string; events: readonly NoticeEvent[] }): number {
    const stream = this.newStream(`notice-${id}`);
    const meta: Meta = { command: `${id}/notify/0`, actor: 'notify', at, correlation: newId(), causation: id };
    for (const event of events) this.add(stream, event, meta);
    return this.position - events.length + 1;
  }

  private newStream(name: string): Open {
    return { number: Number(this.sql.stream.run(name).lastInsertRowid), revision: -1 };
  }

  /** Adds one event and answers its id. */
  private add(stream: Open, event: RequestEvent | NoticeEvent, meta: Meta): string {
    const id = newId();
    this.sql.event.run(++this.position, stream.number, ++stream.revision, JSON.stringify(event), JSON.stringify({ id, ...meta }));
    return id;
  }
}

function caused(id: string, { command, at }: Meta): Meta {
  return { command: `${id}/approval-chain/0`, actor: 'approval-chain', at, correlation: command, causation: id };
}

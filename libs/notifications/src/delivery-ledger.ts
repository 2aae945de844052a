// Every notice and every delivery: due, sent, failed or suppressed, by which rule and why (T7).
import { partsOf, type Projection, type Recorded, type Tables, type Views } from '@app/kernel';
import type { Channel, NoticeEvent, NoticeFacts, Rule, Template } from './notice';

/** A notice as the list in the product shows it. */
export interface NoticeRow {
  readonly source: string;
  readonly request: string;
  readonly template: Template;
  readonly rule: Rule;
  readonly facts: NoticeFacts;
  readonly at: string;
  readonly position: number;
}

export interface Delivery {
  readonly source: string;
  readonly recipient: string;
  readonly channel: Channel;
  readonly request: string;
  readonly rule: Rule;
  readonly status: 'due' | 'sent' | 'failed' | 'suppressed';
  /** How often it was tried until it ended; 0 before, and when it was not tried. */
  readonly attempts: number;
  readonly reason: string | null;
  readonly due_at: string;
  readonly settled_at: string | null;
  /** Position of the notice in the log. */
  readonly position: number;
  /** 0 when somebody else waits until it is read; 1 for news. */
  readonly urgency: number;
}

export const deliveryLedger: Projection<NoticeEvent> = {
  name: 'delivery-ledger',
  schema: `
    create table notices (source text not null, recipient text not null, request text not null, template text not null,
      rule text not null, facts text not null, at text not null, position integer not null, primary key (source, recipient)) strict;
    create index notices_of_recipient on notices (recipient, position);
    create table deliveries (source text not null, recipient text not null, channel text not null, request text not null,
      rule text not null, status text not null, attempts integer not null, reason text, due_at text not null, settled_at text,
      position integer not null, urgency integer not null, primary key (source, recipient, channel)) strict;
    create index deliveries_due on deliveries (urgency, position, recipient) where status = 'due';
    create index deliveries_failed on deliveries (position, recipient) where status = 'failed';
    create index deliveries_suppressed on deliveries (position, recipient) where status = 'suppressed';
    create index deliveries_of_request on deliveries (request, position);`,
  tables: ['notices', 'deliveries'],
  on: {
    NoticeDue: (tables, { source, request, template, recipients, facts }, { meta, position }) => {
      for (const { person, rule, channels } of recipients) {
        if (channels.includes('in-app')) {
          tables.run(
            'insert into notices values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
            source,
            person,
            request,
            template,
            rule,
            JSON.stringify(facts),
            meta.at,
            position,
          );
        }
        for (const channel of channels) {
          // What is shown in the product ends with its beginning, so its row says so at once.
          const ended = channel === 'in-app';
          tables.run(
            'insert into deliveries values (?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, ?) on conflict do nothing',
            source,
            person,
            channel,
            request,
            rule,
            ended ? 'sent' : 'due',
            ended ? 1 : 0,
            meta.at,
            ended ? meta.at : null,
            position,
            urgencyOf(rule),
          );
        }
      }
    },
    DeliverySent: (tables, { recipient, channel, attempt }, recorded) => {
      if (channel !== 'in-app') settle(tables, recorded, { recipient, channel, status: 'sent', attempts: attempt });
    },
    DeliveryFailed: (tables, { recipient, channel, attempts, reason }, recorded) =>
      settle(tables, recorded, { recipient, channel, status: 'failed', attempts, reason }),
    DeliverySuppressed: (tables, { recipient, channel, reason }, recorded) =>
      settle(tables, recorded, { recipient, channel, status: 'suppressed', attempts: 0, reason }),
    DeliveryRetried: (tables, { recipient, channel }, { stream }) =>
      tables.run(
        `update deliveries set status = 'due', attempts = 0, reason = null, settled_at = null
         where source = ? and recipient = ? and channel = ?`,
        partsOf(stream).id,
        recipient,
        channel,
      ),
  },
};

/** What others wait for comes before the news: an approver who is asked holds up a request. */
export function urgencyOf(rule: Rule): number {
  return rule === 'asked' || rule === 'nominated' ? 0 : 1;
}

/** What a person was told in the product, the newest first, from before a position. */
export function noticesFor(views: Views, person: string, { after, limit }: { after?: number; limit: number }): readonly NoticeRow[] {
  return views
    .all<Omit<NoticeRow, 'facts'> & { facts: string }>(
      `select source, request, template, rule, facts, at, position from notices
       where recipient = ? and position < ? order by position desc limit +?`,
      person,
      after ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .map((row) => ({ ...row, facts: JSON.parse(row.facts) as NoticeFacts }));
}

/** E-mails that have no end yet, the urgent first, then the oldest; a page begins after a delivery. */
export function deliveriesDue(views: Views, { after, limit }: { after?: Delivery; limit: number }): readonly Delivery[] {
  return views.all<Delivery>(
    `select * from deliveries where status = 'due' and (urgency, position, recipient) > (?, ?, ?)
     order by urgency, position, recipient limit +?`,
    after?.urgency ?? -1,
    after?.position ?? 0,
    after?.recipient ?? '',
    limit,
  );
}

/** How many e-mails have no end yet, by urgency; beyond the most they are not counted on. */
export function countDue(views: Views, most: number): { readonly urgent: number; readonly usual: number } {
  const count = (urgency: number) =>
    views.get<{ found: number }>(
      "select count(*) as found from (select 1 from deliveries where status = 'due' and urgency = ? limit +?)",
      urgency,
      most,
    )!.found;
  return { urgent: count(0), usual: count(1) };
}

/** How many deliveries were given up, and not retried. */
export function countFailed(views: Views, most: number): number {
  return views.get<{ found: number }>("select count(*) as found from (select 1 from deliveries where status = 'failed' limit +?)", most)!
    .found;
}

/** One delivery, or nothing. */
export function deliveryOf(views: Views, { source, recipient, channel }: Pick<Delivery, 'source' | 'recipient' | 'channel'>) {
  return views.get<Delivery>('select * from deliveries where source = ? and recipient = ? and channel = ?', source, recipient, channel);
}

/** Deliveries that ended undelivered, the newest first; a page begins before a delivery. */
export function undelivered(
  views: Views,
  { status, before, limit }: { status: 'failed' | 'suppressed'; before?: Pick<Delivery, 'position' | 'recipient'>; limit: number },
): readonly Delivery[] {
  return views.all<Delivery>(
    `select * from deliveries where status = '${status}' and (position, recipient) < (?, ?) order by position desc, recipient desc limit +?`,
    before?.position ?? Number.MAX_SAFE_INTEGER,
    before?.recipient ?? '',
    limit,
  );
}

/** Who was told of a request, how, by which rule, and who was not and why. */
export function ledgerOf(views: Views, request: string): readonly Delivery[] {
  return views.all<Delivery>('select * from deliveries where request = ? order by position, recipient, channel', request);
}

type End = Pick<Delivery, 'recipient' | 'channel' | 'status' | 'attempts'> & { readonly reason?: string };

function settle(tables: Tables, { stream, meta }: Recorded, { recipient, channel, status, attempts, reason }: End): void {
  tables.run(
    'update deliveries set status = ?, attempts = ?, reason = ?, settled_at = ? where source = ? and recipient = ? and channel = ?',
    status,
    attempts,
    reason ?? null,
    meta.at,
    partsOf(stream).id,
    recipient,
    channel,
  );
}

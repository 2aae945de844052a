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
}

export const deliveryLedger: Projection<NoticeEvent> = {
  name: 'delivery-ledger',
  schema: `
    create table notices (source text not null, recipient text not null, request text not null, template text not null,
      rule text not null, facts text not null, at text not null, position integer not null, primary key (source, recipient)) strict;
    create index notices_of_recipient on notices (recipient, position);
    create table deliveries (source text not null, recipient text not null, channel text not null, request text not null,
      rule text not null, status text not null, attempts integer not null, reason text, due_at text not null, settled_at text,
      position integer not null, primary key (source, recipient, channel)) strict;
    create index deliveries_due on deliveries (position, recipient) where status = 'due';
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
            'insert into deliveries values (?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?) on conflict do nothing',
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
  },
};

/** What a person was told in the product, the newest first, from before a position. */
export function noticesFor(views: Views, person: string, { after, limit }: { after?: number; limit: number }): readonly NoticeRow[] {
  return views
    .all<Omit<NoticeRow, 'facts'> & { facts: string }>(
      `select source, request, template, rule, facts, at, position from notices
       where recipient = ? and position < ? order by position desc limit ?`,
      person,
      after ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .map((row) => ({ ...row, facts: JSON.parse(row.facts) as NoticeFacts }));
}

/** E-mails that have no end yet, the oldest first; a page begins after a delivery. What is shown in the product ends with its beginning. */
export function deliveriesDue(
  views: Views,
  { after = { position: 0, recipient: '' }, limit }: { after?: Pick<Delivery, 'position' | 'recipient'>; limit: number },
): readonly Delivery[] {
  return views.all<Delivery>(
    "select * from deliveries where status = 'due' and channel = 'email' and (position, recipient) > (?, ?) order by position, recipient limit ?",
    after.position,
    after.recipient,
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

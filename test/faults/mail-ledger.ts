// What the log says of mails against what a mail server has of them.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../support/http';
import type { ReceivedMail } from '../support/smtp';

export interface MailCount {
  readonly ordered: number;
  readonly sent: number;
  readonly suppressed: number;
  readonly failed: number;
  /** Ordered, and without an end. */
  readonly open: number;
  /** Recorded as sent, and not with the mail server. */
  readonly lost: number;
  /** Message ids that the mail server has more than once. */
  readonly twice: number;
  /** Requests in the log. */
  readonly requests: number;
}

/** Counts in the log of a process that has ended. */
export function countMails(folder: string, received: readonly ReceivedMail[]): MailCount {
  const log = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  const rows = log.prepare('select name as stream, data from events join streams on number = stream order by position');
  const ends = new Map<string, Json>();
  let requests = 0;
  for (const { stream, data } of rows.iterate() as Iterable<Json>) {
    const event = JSON.parse(data);
    if (event.type === 'RequestSubmitted') requests++;
    if (event.type === 'NoticeDue') {
      for (const { person, channels } of event.recipients) if (channels.includes('email')) ends.set(`${stream} ${person}`, undefined);
    } else if (stream.startsWith('notice-') && event.channel === 'email') ends.set(`${stream} ${event.recipient}`, event);
  }
  log.close();
  const of = (type: string) => [...ends.values()].filter((end) => end?.type === type);
  const byId = Map.groupBy(received, ({ messageId }) => messageId);
  return {
    ordered: ends.size,
    sent: of('DeliverySent').length,
    suppressed: of('DeliverySuppressed').length,
    failed: of('DeliveryFailed').length,
    open: [...ends.values()].filter((end) => !end || end.type === 'DeliveryRetried').length,
    lost: of('DeliverySent').filter(({ providerId }) => !byId.has(providerId)).length,
    twice: [...byId.values()].filter((mails) => mails.length > 1).length,
    requests,
  };
}

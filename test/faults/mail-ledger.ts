// What the log says of mails against what a mail server has of them.
import type { Json } from '../support/http';
import type { ReceivedMail } from '../support/smtp';
import { linesOf, type LogLine } from './witness';

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

/** Counts in a log: all of its lines, or the folder of a process that has ended. */
export function countMails(log: string | Iterable<Pick<LogLine, 'stream' | 'event'>>, received: readonly ReceivedMail[]): MailCount {
  const ends = new Map<string, Json>();
  let requests = 0;
  for (const { stream, event } of typeof log === 'string' ? linesOf(log) : log) {
    if (event.type === 'RequestSubmitted') requests++;
    if (event.type === 'NoticeDue') {
      for (const { person, channels } of event.recipients) if (channels.includes('email')) ends.set(`${stream} ${person}`, undefined);
    } else if (stream.startsWith('notice-') && event.channel === 'email') ends.set(`${stream} ${event.recipient}`, event);
  }
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

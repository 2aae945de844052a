// Mail through an SMTP server.
import { hash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { MailNotSent, type MailChannel } from './mail-channel';

const CONNECTIONS_MAX = 5;
const TIMEOUT_MS = 15_000;
const SERVICE_CLOSING = 421;

export interface SmtpParts {
  /** `smtp://…` or `smtps://…`, with the account in it when one is needed. */
  readonly url: string;
  /** Sender, as `Name <address>`. */
  readonly from: string;
  readonly timeoutMs?: number;
}

/** A channel that keeps a few connections open. */
export function createSmtpChannel({ url, from, timeoutMs = TIMEOUT_MS }: SmtpParts): MailChannel {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'countersign.invalid';

  return {
    async send({ id, to, subject, text, html }) {
      try {
        const { messageId } = await transport.sendMail({
          // One recipient, never a list: a comma in the address would otherwise begin another one.
          to: { name: '', address: to },
          from,
          subject,
          text,
          html,
          messageId: `<${hash('sha256', id).slice(0, 40)}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        });
        return messageId;
      } catch (error) {
        throw notSent(error);
      }
    },
    close: () => transport.close(),
  };
}

/** A 5xx about this mail or recipient stays so; about the connection or the account it may pass. */
function notSent(error: unknown): MailNotSent {
  const { code = 'ESEND', responseCode } = error as { code?: string; responseCode?: number };
  return new MailNotSent(responseCode === undefined ? code : `smtp-${responseCode}`, becauseOf(code, responseCode), { cause: error });
}

function becauseOf(code: string, responseCode: number | undefined): MailNotSent['because'] {
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (responseCode === undefined || responseCode === SERVICE_CLOSING || !aboutMail) return 'server-down';
  return responseCode >= 500 ? 'refused' : 'busy';
}

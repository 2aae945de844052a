// A real SMTP server in this process: keeps what it takes, and fails for chosen recipients as it is told.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export interface ReceivedMail extends Email {
  /** Whom the envelope named, whatever the headers say. */
  readonly envelopeTo: readonly string[];
}

/** What goes wrong for one recipient, for so many mails or for all. */
export interface MailFault {
  /** SMTP answer instead of 250, to the recipient or to the whole message. */
  readonly code?: number;
  readonly at?: 'recipient' | 'message';
  /** Wait before answering; longer than the client's patience is a timeout. */
  readonly delayMs?: number;
  readonly times?: number;
}

export interface SmtpServer {
  readonly url: string;
  readonly mails: ReceivedMail[];
  /** How often each recipient was tried, refused or not. */
  readonly tries: Map<string, number>;
  fail(recipient: string, fault: MailFault): void;
  heal(): void;
  stop(): Promise<void>;
}

export async function startSmtp(): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const tries = new Map<string, number>();
  const faults = new Map<string, MailFault>();

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }, _session, answer) {
      tries.set(address, (tries.get(address) ?? 0) + 1);
      answerWith(faultFor(address, 'recipient'), answer);
    },
    async onData(stream, session, answer) {
      const raw = await text(stream);
      const envelopeTo = recipientsOf(session);
      const fault = envelopeTo.map((address) => faultFor(address, 'message')).find(Boolean);
      if (!fault?.code) mails.push({ ...(await PostalMime.parse(raw)), envelopeTo });
      answerWith(fault, answer);
    },
  });
  // A client that hangs up while it is kept waiting is what the suite asked for.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    tries,
    fail: (recipient, fault) => void faults.set(recipient, fault),
    heal: () => faults.clear(),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };

  function faultFor(address: string, at: 'recipient' | 'message'): MailFault | undefined {
    const fault = faults.get(address);
    if (!fault || (fault.at ?? 'recipient') !== at) return undefined;
    if (fault.times !== undefined) {
      if (fault.times <= 1) faults.delete(address);
      else faults.set(address, { ...fault, times: fault.times - 1 });
    }
    return fault;
  }
}

function answerWith(fault: MailFault | undefined, answer: (error?: Error | null) => void): void {
  const error = fault?.code === undefined ? null : Object.assign(new Error('as the suite asked'), { responseCode: fault.code });
  if (fault?.delayMs === undefined) answer(error);
  else setTimeout(() => answer(error), fault.delayMs).unref();
}

function recipientsOf({ envelope }: SMTPServerSession): readonly string[] {
  return envelope.rcptTo.map(({ address }) => address);
}

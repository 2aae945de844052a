// A real SMTP server in this process: keeps what it takes, and fails for chosen recipients as it is told.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
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
  /** Ends the connection in place of an answer. */
  readonly hangUp?: boolean;
  readonly times?: number;
}

export interface SmtpServer {
  readonly url: string;
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** How often each recipient was tried, refused or not. */
  readonly tries: Map<string, number>;
  fail(recipient: string, fault: MailFault): void;
  /** What goes wrong for a mail to anybody else, asked for its recipient and for the whole of it. */
  nemesis: (at: 'recipient' | 'message') => MailFault | undefined;
  heal(): void;
  stop(): Promise<void>;
}

/** @param secure speaks TLS from the first byte, with a certificate that nobody knows */
export async function startSmtp({ secure = false, port = 0 }: { secure?: boolean; port?: number } = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const tries = new Map<string, number>();
  const faults = new Map<string, MailFault>();
  /** Sockets by the port from which they come, which is all that a session says of them. */
  const sockets = new Map<number, Socket>();

  const server = new SMTPServer({
    authOptional: true,
    secure,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }, session, answer) {
      tries.set(address, (tries.get(address) ?? 0) + 1);
      answerWith(faultFor(address, 'recipient'), session, answer);
    },
    async onData(stream, session, answer) {
      const raw = await text(stream).catch(() => undefined);
      if (raw === undefined) return; // The client hung up in the middle.
      const envelopeTo = recipientsOf(session);
      const fault = envelopeTo.map((address) => faultFor(address, 'message')).find(Boolean);
      if (!fault?.code) mails.push({ ...(await PostalMime.parse(raw)), envelopeTo });
      answerWith(fault, session, answer);
    },
  });
  // A client that hangs up while it is kept waiting is what the suite asked for.
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    const from = socket.remotePort!;
    sockets.set(from, socket);
    socket.once('close', () => sockets.delete(from));
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address() as AddressInfo;

  const smtp: SmtpServer = {
    url: `${secure ? 'smtps' : 'smtp'}://127.0.0.1:${address.port}`,
    port: address.port,
    mails,
    tries,
    nemesis: () => undefined,
    fail: (recipient, fault) => void faults.set(recipient, fault),
    heal() {
      faults.clear();
      smtp.nemesis = () => undefined;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return smtp;

  function faultFor(address: string, at: 'recipient' | 'message'): MailFault | undefined {
    const fault = faults.get(address);
    if (!fault) return smtp.nemesis(at);
    if ((fault.at ?? 'recipient') !== at) return undefined;
    if (fault.times !== undefined) {
      if (fault.times <= 1) faults.delete(address);
      else faults.set(address, { ...fault, times: fault.times - 1 });
    }
    return fault;
  }

  function answerWith(fault: MailFault | undefined, { remotePort }: SMTPServerSession, answer: (error?: Error | null) => void): void {
    if (fault?.hangUp) return void sockets.get(remotePort)?.destroy();
    const error = fault?.code === undefined ? null : Object.assign(new Error('as the suite asked'), { responseCode: fault.code });
    if (fault?.delayMs === undefined) answer(error);
    else setTimeout(() => answer(error), fault.delayMs).unref();
  }
}

function recipientsOf({ envelope }: SMTPServerSession): readonly string[] {
  return envelope.rcptTo.map(({ address }) => address);
}

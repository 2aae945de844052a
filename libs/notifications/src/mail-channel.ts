// The port through which mail leaves.

export interface Mail {
  /** The same for every attempt of one delivery, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailChannel {
  /** Hands the mail over; answers with the id under which the other side knows it. @throws MailNotSent */
  send(mail: Mail): Promise<string>;
  close(): void;
}

/** The mail was not taken. The code is safe to record: it says nothing about a person. */
export class MailNotSent extends Error {
  constructor(
    readonly code: string,
    /** This mail is refused for good, may be taken later, or no mail at all gets through. */
    readonly because: 'refused' | 'busy' | 'server-down',
    options?: ErrorOptions,
  ) {
    super(`the mail was not sent: ${code}`, options);
    this.name = 'MailNotSent';
  }
}

const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u;
const ADDRESS_LENGTH_MAX = 254;

/** Whether the text is one plain address: no list, no name, no comment, so that mail goes to nobody else. */
export function isAddress(text: string): boolean {
  return text.length <= ADDRESS_LENGTH_MAX && ADDRESS.test(text);
}

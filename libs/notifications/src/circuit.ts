// Spares a mail server that is down: after some failures in a row nothing is tried but one mail now and then.
import { NotNow } from './job-queue';
import { MailNotSent, type MailChannel } from './mail-channel';

const FAILURES_MAX = 5;
const REST_MS = 1_000;
const REST_MS_MAX = 15_000;

/** A channel with a memory: while its server is down, `send` throws `NotNow` at once. */
export interface GuardedChannel extends MailChannel {
  /** Whether the server is held to be down. */
  readonly down: boolean;
}

/** @param now milliseconds of a clock that never goes back */
export function guarded(channel: MailChannel, now: () => number): GuardedChannel {
  const circuit = new Circuit(now);
  return {
    get down() {
      return circuit.open;
    },
    async send(mail) {
      const restMs = circuit.restMs();
      if (restMs > 0) throw new NotNow(restMs);
      try {
        const id = await channel.send(mail);
        circuit.answered();
        return id;
      } catch (error) {
        // A server that refuses one mail is there; only what concerns every mail counts.
        if (error instanceof MailNotSent && error.because === 'server-down') circuit.failed();
        else circuit.answered();
        throw error;
      }
    },
    close: () => channel.close(),
  };
}

class Circuit {
  private failures = 0;
  private triesAt = 0;
  private trying = false;

  constructor(private readonly now: () => number) {}

  get open(): boolean {
    return this.failures >= FAILURES_MAX;
  }

  /** How long to leave the server alone. Once that is over one may try, and the others wait for how it ends. */
  restMs(): number {
    if (!this.open) return 0;
    const left = this.triesAt - this.now();
    if (left > 0) return Math.ceil(left);
    if (this.trying) return REST_MS;
    this.trying = true;
    return 0;
  }

  answered(): void {
    this.failures = 0;
    this.trying = false;
  }

  failed(): void {
    // Those that were on their way when it opened say nothing new.
    if (this.open && !this.trying) return;
    this.trying = false;
    this.failures++;
    if (this.open) this.triesAt = this.now() + Math.min(REST_MS * 2 ** (this.failures - FAILURES_MAX), REST_MS_MAX);
  }
}

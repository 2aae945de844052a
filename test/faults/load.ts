// Submissions and decisions over HTTP, many at once, from a seed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, Json } from '../support/http';
import type { Random } from '../support/random';
import { accepted, send, type Sent } from './witness';

export const LEARNERS = Array.from({ length: 12 }, (_, at) => `lea${at}`);
export const MANAGERS = ['mel', 'max'];
export const FINANCE = 'fin';

interface Open {
  readonly id: string;
  readonly revision: number;
  readonly approvers: readonly string[];
}

export class Load {
  /** Commands of this round. */
  sent: Sent[] = [];
  private open: Open[] = [];
  private serial = 0;
  private stopped = true;

  constructor(
    private readonly random: Random,
    private readonly api: (actor: string) => Api,
  ) {}

  /** Sends until stopped, `width` at a time; settles when every answer or its absence is known. */
  async run(width: number): Promise<void> {
    this.sent = [];
    this.stopped = false;
    await Promise.all(Array.from({ length: width }, () => this.client()));
  }

  stop(): void {
    this.stopped = true;
  }

  /** What a request looks like now goes to those who may decide it next. */
  note(request: Json): void {
    const step = request.chain.at(-1);
    if (request.status !== 'open' || step?.status !== 'waiting') return;
    this.open.push({ id: request.id, revision: request.revision, approvers: step.slate.map(({ person }: Json) => person) });
  }

  /** One submission, or one decision, or one by each who may decide. Settles when each is answered, or its connection broke. */
  async once(): Promise<readonly Sent[]> {
    const sent = this.random.below(3) > 0 && this.open.length > 0 ? this.decisions() : [this.submission()];
    this.sent.push(...sent);
    await Promise.all(
      sent.map(async (one) => {
        one.answer = await send(one);
        if (accepted(one)) this.note(one.answer!.body);
      }),
    );
    return sent;
  }

  /**
   * As a client would: what had no answer, or one of 5xx, goes again under its key until it has another.
   * @throws Error when there is none in time
   */
  async settle(one: Sent, withinMs: number): Promise<void> {
    const start = performance.now();
    while (one.answer === undefined || one.answer.status >= 500) {
      if (performance.now() - start > withinMs) throw new Error(`${one.key} got no answer: ${JSON.stringify(one.answer?.body)}`);
      await sleep(100);
      one.answer = await send(one);
      if (accepted(one)) this.note(one.answer!.body);
    }
  }

  private async client(): Promise<void> {
    while (!this.stopped) {
      const sent = await this.once();
      if (sent.every(({ answer }) => answer === undefined)) return;
    }
  }

  private submission(): Sent {
    const key = this.key();
    return { actor: this.random.of(LEARNERS), api: this.api, path: '/requests', body: { kind: 'enrolment', course: `C-${key}` }, key };
  }

  /** One decision, or all who are asked at once: only one of them can win. */
  private decisions(): Sent[] {
    const [{ id, revision, approvers }] = this.open.splice(this.random.below(this.open.length), 1) as [Open];
    const actors = this.random.below(4) === 0 ? approvers : [this.random.of(approvers)];
    return actors.map((actor) => ({
      actor,
      api: this.api,
      path: `/requests/${id}/decisions`,
      body: this.decision(actor),
      key: this.key(),
      ifMatch: `"${revision}"`,
    }));
  }

  private decision(actor: string): Json {
    const choice = this.random.below(4);
    if (choice === 0) return { outcome: 'deny', reason: 'No cover on that day' };
    return choice === 1 && actor !== FINANCE ? { outcome: 'approve', nominate: FINANCE } : { outcome: 'approve' };
  }

  private key(): string {
    return `${this.random.seed}-${++this.serial}`;
  }
}

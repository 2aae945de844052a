// People who submit and decide, a few each second, and wait for every answer: what they feel of a fault is its latency.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../support/http';
import { quantile } from '../support/quantile';
import type { Random } from '../support/random';
import { LEARNERS, MANAGERS } from './load';

const EVERY_MS = 25;

/** How long commands took, in milliseconds. */
export interface Felt {
  readonly milliseconds: readonly number[];
  readonly p50: number;
  readonly p99: number;
}

/** What was felt in several times, as one. */
export function together(felt: readonly Felt[]): Felt {
  return feltOf(felt.flatMap(({ milliseconds }) => milliseconds));
}

export function told({ p50, p99, milliseconds }: Felt): string {
  return `p50 ${p50} ms, p99 ${p99} ms of ${milliseconds.length}`;
}

function feltOf(milliseconds: readonly number[]): Felt {
  const at = (part: number) => Math.round(quantile(milliseconds, part) * 10) / 10;
  return { milliseconds, p50: at(0.5), p99: at(0.99) };
}

export class Trickle {
  /** Requests that were acknowledged. */
  readonly submitted: string[] = [];
  /** Answers that were no success. */
  readonly refused: string[] = [];
  private milliseconds: number[] = [];
  private serial = 0;

  constructor(
    private readonly random: Random,
    private readonly as: (person: string) => Api,
  ) {}

  /** Goes on for as long as the work takes, and says how long the answers took meanwhile. */
  async during(work: Promise<unknown>): Promise<Felt> {
    this.milliseconds = [];
    const running: Promise<void>[] = [];
    let over = false;
    void work.finally(() => (over = true)).catch(() => {});
    while (!over) {
      running.push(this.one());
      await sleep(EVERY_MS);
    }
    await Promise.all(running);
    await work;
    return feltOf(this.milliseconds);
  }

  /** Submits so many at once, and nothing else. */
  async submit(times: number): Promise<void> {
    const learners = Array.from({ length: times }, () => this.random.of(LEARNERS));
    for (let from = 0; from < times; from += 20)
      await Promise.all(learners.slice(from, from + 20).map((learner) => this.submission(learner)));
  }

  /** One in four is decided by somebody who was asked. */
  private async one(): Promise<void> {
    const decided = this.random.below(4) === 0;
    const request = await this.submission(this.random.of(LEARNERS));
    if (!decided || !request) return;
    const { status } = await this.timed(() =>
      this.as(MANAGERS[0]!).post(`/requests/${request.id}/decisions`, { outcome: 'approve' }, { 'if-match': `"${request.revision}"` }),
    );
    if (status !== 200) this.refused.push(`decision ${status}`);
  }

  private async submission(learner: string) {
    const body = { kind: 'enrolment', course: `C-${this.random.seed}-${++this.serial}` };
    const { status, body: request } = await this.timed(() => this.as(learner).post('/requests', body));
    if (status !== 201) return void this.refused.push(`submission ${status}`);
    this.submitted.push(request.id);
    return request as { readonly id: string; readonly revision: number };
  }

  private async timed(send: () => ReturnType<Api['post']>) {
    const start = performance.now();
    const answer = await send();
    this.milliseconds.push(performance.now() - start);
    return answer;
  }
}

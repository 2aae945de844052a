// Many writers who send commands through several doors to one log, and repeat each until it is answered.
import { eventId } from '@app/event-log';
import {
  createRunCommand,
  LogFailed,
  Rejection,
  type Decider,
  type Direction,
  type EventLog,
  type NewEvent,
  type Outcome,
  type RunCommand,
} from '@app/kernel';
import type { Stored } from '../support/eventstoredb/store';
import type { Random } from '../support/random';
import { stopwatch } from '../support/stolen-time';

interface Counted {
  readonly type: 'Counted';
  readonly by: string;
}
const tally: Decider<number, { type: 'Count'; by: string; times: number }, Counted> = {
  name: 'tally',
  initial: 0,
  events: { Counted: { by: 'text' } },
  decide: ({ by, times }) => Array.from({ length: times }, () => ({ type: 'Counted', by })),
  evolve: (count) => count + 1,
};

const STREAMS = 60;

/** A log that remembers how long its slowest call took, less what the host stole. */
export class Timed implements EventLog {
  slowestMs = 0;

  constructor(private readonly log: EventLog) {}

  append(stream: string, expected: number, events: readonly NewEvent[]) {
    return this.timed(this.log.append(stream, expected, events));
  }
  read(stream: string, page?: { from?: number; direction?: Direction; max?: number }) {
    return this.timed(this.log.read(stream, page));
  }
  readAll(page?: { after?: number; direction?: Direction; max?: number }) {
    return this.timed(this.log.readAll(page));
  }
  subscribe(after: number, options: { signal: AbortSignal; max?: number }) {
    return this.log.subscribe(after, options);
  }
  head() {
    return this.timed(this.log.head());
  }
  close() {
    return this.log.close();
  }

  private async timed<Answer>(call: Promise<Answer>): Promise<Answer> {
    const ms = stopwatch();
    try {
      return await call;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, ms());
    }
  }
}

export class Writers {
  /** By command: what it was answered, and how many events it meant. */
  readonly acknowledged = new Map<string, Outcome & { readonly times: number }>();
  /** Commands that were sent again after an answer of failure. */
  repeated = 0;
  failed = 0;
  private readonly runs: readonly RunCommand[];
  private stopped = false;

  constructor(
    private readonly random: Random,
    doors: readonly EventLog[],
  ) {
    this.runs = doors.map((log) => createRunCommand({ log, eventId }));
  }

  async run(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, writer) => this.write(`writer-${writer}`)));
  }

  stop(): void {
    this.stopped = true;
  }

  /** Each difference between what was acknowledged and what the log holds. */
  faultsIn(log: readonly Stored[]): string[] {
    const faults: string[] = [];
    const ends = new Map<string, number>();
    const found = new Map<string, Stored[]>();
    for (const event of log) {
      const { stream, revision, metadata } = event;
      if (revision !== (ends.get(stream) ?? -1) + 1) faults.push(`${stream} jumps to ${revision}`);
      ends.set(stream, revision);
      const { command } = JSON.parse(Buffer.from(metadata).toString()) as { command: string };
      found.set(command, [...(found.get(command) ?? []), event]);
    }
    for (const [command, { times, stream, revision, position }] of this.acknowledged) {
      const events = found.get(command) ?? [];
      const last = events.at(-1);
      if (events.length !== times) faults.push(`${command} of ${times} events has ${events.length}`);
      else if (last!.stream !== stream || last!.revision !== revision || last!.position !== position)
        faults.push(`${command} was told ${stream} ${revision} ${position}, and is at ${last!.stream} ${last!.revision} ${last!.position}`);
    }
    for (const command of found.keys()) if (!this.acknowledged.has(command)) faults.push(`${command} was never acknowledged`);
    return faults;
  }

  private async write(by: string): Promise<void> {
    for (let n = 0; !this.stopped; n++) {
      const command = `${by}/${n}`;
      const times = 1 + this.random.below(3);
      const stream = String(this.random.below(STREAMS));
      const at = new Date().toISOString();
      for (let outcome: Outcome | undefined; !outcome;) {
        // Repeated through any door: the process that took it first may be gone.
        const run = this.random.of(this.runs);
        outcome = await run(tally, stream, { type: 'Count', by, times }, { command, actor: by, at }).catch((error: unknown) => {
          const busy = error instanceof Rejection && error.code === 'busy';
          if (!busy && !(error instanceof LogFailed)) throw error;
          this.repeated += 1;
          if (!busy) this.failed += 1;
          return undefined;
        });
        if (outcome) this.acknowledged.set(command, { ...outcome, times });
      }
    }
  }
}

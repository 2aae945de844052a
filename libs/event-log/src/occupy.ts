// What a worker does in a partition: the sagas follow the log for its streams, and one partition has the timers.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRunCommand, LogFailed, type Admit, type AnySaga, type DayOf, type EventLog, type RunCommand } from '@app/kernel';
import type { PartitionNote } from './cluster-redis';
import { eventId } from './event-id';
import { followWithSaga, patient, type SagaParts } from './follow';
import { LeaseLost, type Lease } from './lease';
import { PartitionBook } from './partition-book';
import { partitionOf, type Occupation } from './partitions';
import type { ReadModels } from './read-models';
import { retryParked } from './retry-parked';
import { runTimers } from './run-timers';

export interface OccupyParts {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly sagas: readonly AnySaga[];
  /** Now, as an instant in UTC. */
  readonly clock: () => string;
  /** Where days begin; in UTC without it. */
  readonly dayOf?: DayOf | undefined;
  /** The name of that zone. */
  readonly zone?: string | undefined;
  /** Holds what is decided to rules that span streams. */
  readonly admit?: Admit | undefined;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Told when the log or the disk fails in a way that does not pass. */
  readonly fatal: (error: unknown) => void;
}

/** The partition whose holder fires the timers: there is one clock for all of them. */
const TIMERS = 0;
const STREAMS_KEPT_MAX = 2_000;
const HEAD_AGAIN_MS = 500;

/** Works in a partition until the lease is lost. */
export function occupy(lease: Lease, note: PartitionNote | undefined, parts: OccupyParts): Occupation {
  const occupant = new Occupant(lease, note, parts);
  const done = occupant.work().catch((error: unknown) => {
    if (!lease.lost.aborted && !(error instanceof LeaseLost)) parts.fatal(error);
  });
  return {
    done,
    get note() {
      return occupant.note;
    },
    retry: (times) => occupant.retry(times),
  };
}

class Occupant {
  private readonly run: RunCommand;
  private book: PartitionBook | undefined;
  private retrying: Promise<void> | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly given: PartitionNote | undefined,
    private readonly parts: OccupyParts,
  ) {
    const { log, sagas, models, dayOf, admit } = parts;
    const own = { log: lease.over(log), streamsKeptMax: STREAMS_KEPT_MAX };
    const run = createRunCommand({ ...own, eventId, sagas, views: models, dayOf, ...(admit && { admit }) });
    this.run = patient(run, lease.lost, LogFailed);
  }

  get note(): PartitionNote {
    return this.book?.note ?? this.given ?? { checkpoints: {}, parked: [], retried: 0 };
  }

  async work(): Promise<void> {
    const { sagas, models, warn, clock, dayOf, zone = 'UTC' } = this.parts;
    const { lost: signal, partition } = this.lease;
    const head = await this.head();
    this.book = new PartitionBook(this.given, head);
    const { sagaParts, run } = this;
    const following = sagas.map((saga) => followWithSaga(saga, sagaParts));
    if (partition === TIMERS) {
      const timers = { models, sagas, run, warn, clock, dayOf };
      following.push(runTimers(timers, { zone, shown: models.reached(head, signal), signal }));
    }
    try {
      await Promise.all(following);
    } finally {
      await Promise.allSettled([...following, this.retrying]);
    }
  }

  retry(times: number): void {
    const { book } = this;
    if (!book || this.retrying || book.retried === times) return;
    const retrying = retryParked(this.parts.sagas, this.sagaParts).then(
      () => void (book.retried = times),
      (error: unknown) => {
        if (!(error instanceof LogFailed)) this.parts.fatal(error);
      },
    );
    this.retrying = retrying.finally(() => (this.retrying = undefined));
  }

  private get sagaParts(): SagaParts {
    const { log, models, warn, clock, dayOf } = this.parts;
    const { lost: signal, partition } = this.lease;
    return {
      log,
      models,
      run: this.run,
      warn,
      clock,
      dayOf,
      signal,
      book: this.book!,
      owns: (stream) => partitionOf(stream) === partition,
    };
  }

  /** Where the log ends; a server that is away is waited for. */
  private async head(): Promise<number> {
    for (;;) {
      try {
        return (await this.parts.log.head()).position;
      } catch (error) {
        if (!(error instanceof LogFailed) || !this.lease.isHeld()) throw error;
        await sleep(HEAD_AGAIN_MS);
      }
    }
  }
}

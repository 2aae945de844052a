// Everything that runs: the log, the read models, the sagas and their timers. Free of Nest, so that the bench uses it bare.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { createRunCommand, type Library, type RunCommand } from '@app/kernel';
import {
  eventId,
  followWithReadModels,
  followWithSaga,
  patient,
  ReadModels,
  retryParked,
  runTimers,
  SqliteEventLog,
  timersOf,
  type Upcasters,
} from '@app/event-log';
import { requireSound } from './boot-checks';
import { READ_MODELS, type FollowerState } from './followers';
import { now } from './ids';

export interface RuntimeParts {
  readonly folder: string;
  readonly libraries: readonly Library[];
  readonly upcasters?: Upcasters;
  /** Told of what needs attention but stops nothing. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Told when the log or the disk fails: this process must end and start again from a verified log. */
  readonly fatal: (error: unknown) => void;
}

/** The running core of one process in the embedded tier. */
export class Runtime {
  readonly log: SqliteEventLog;
  readonly models: ReadModels;
  readonly run: RunCommand;
  /** The same for what nobody would send again: it waits while the disk is full. */
  readonly patient: RunCommand;
  /** Everything that follows the log in this process, by name. */
  readonly followers = new Map<string, FollowerState>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  /** Opens the log and the read models in the folder. Nothing follows the log before `start`. */
  constructor(private readonly parts: RuntimeParts) {
    const { folder, libraries } = parts;
    requireSound(libraries);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.log = new SqliteEventLog(folder, parts.upcasters);
    this.models = new ReadModels(join(folder, 'views.db'), projectionsOf(libraries));
    this.run = createRunCommand({ log: this.log, eventId, sagas: sagasOf(libraries), views: this.models });
    this.patient = patient(this.run, this.signal);
  }

  get folder(): string {
    return this.parts.folder;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  get libraries(): readonly Library[] {
    return this.parts.libraries;
  }

  /** Brings the read models up to the end of the log, then runs the sagas along it. */
  async start(): Promise<void> {
    const { log, models, patient: run, signal } = this;
    const { warn, libraries } = this.parts;
    const sagas = sagasOf(libraries);
    const all = [
      this.follows(READ_MODELS, followWithReadModels(log, models, signal)),
      ...sagas.map((saga) => this.follows(saga.name, followWithSaga(saga, { log, models, run, signal, warn }))),
      runTimers({ models, sagas, run, warn, clock: now }, signal),
    ];
    void log.broken.then((error) => this.fail(error));
    this.running = Promise.all(all).catch((error: unknown) => this.fail(error));
    await models.reached((await log.head()).position);
  }

  /** Takes the events that followers parked once more. */
  retryParked(): Promise<{ readonly taken: number; readonly parked: number }> {
    const { log, models, run, signal } = this;
    return retryParked(sagasOf(this.libraries), { log, models, run, signal, warn: this.parts.warn });
  }

  private follows(name: string, following: Promise<void>): Promise<void> {
    this.followers.set(name, 'follows');
    return following.finally(() => this.followers.set(name, 'stopped'));
  }

  /** The log or the disk failed: this process must not go on. */
  fail(error: unknown): void {
    if (!this.signal.aborted) this.parts.fatal(error);
  }

  /** Ends the followers between two batches, then closes the files. */
  async stop(): Promise<void> {
    if (this.signal.aborted) return;
    this.stopping.abort();
    await this.running;
    await this.log.close();
    this.models.close();
  }
}

/** The read models of the libraries, in the order in which they take each batch. */
export function projectionsOf(libraries: readonly Library[]) {
  return [...libraries.flatMap(({ projections }) => projections), timersOf(sagasOf(libraries))];
}

function sagasOf(libraries: readonly Library[]) {
  return libraries.flatMap(({ sagas }) => sagas);
}

// Everything that runs: the log, the read models, the sagas and their timers. Free of Nest, so that the bench uses it bare.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { createRunCommand, daysIn, LogFailed, LogFull, type Admit, type DayOf, type Library, type RunCommand } from '@app/kernel';
import {
  Admissions,
  disownForeign,
  eventId,
  EventStoreDbEventLog,
  followWithReadModels,
  followWithSaga,
  patient,
  ReadModels,
  retryParked,
  runTimers,
  settled,
  SqliteEventLog,
  timersOf,
  type Parked,
  type ProvableLog,
  type Upcasters,
} from '@app/event-log';
import { admission } from './admission';
import { requireSound } from './boot-checks';
import { Cluster } from './cluster';
import { READ_MODELS, type FollowerState } from './followers';
import { now } from './ids';

/** Where a cluster is, and whether this process runs what happens by itself: a share of the sagas, the timers, the deliveries. */
export interface ClusterMember {
  readonly eventStore: string;
  readonly redis: string;
  readonly worker: boolean;
}

export interface RuntimeParts {
  readonly folder: string;
  readonly libraries: readonly Library[];
  /** Makes this process one of a cluster; without it the log is a file in the folder, and this process does everything. */
  readonly cluster?: ClusterMember | undefined;
  readonly upcasters?: Upcasters | undefined;
  /** Time zone of the organisation, an IANA name: its days are the days of every date. UTC without it. */
  readonly zone?: string | undefined;
  /** Told of what needs attention but stops nothing. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Told when the log or the disk fails: this process must end and start again from a verified log. */
  readonly fatal: (error: unknown) => void;
}

/** How long an answer waits for the read models of a replica, which follow a server. */
const SHOWN_MS_MAX = 5_000;

/** The running core of one process. */
export class Runtime {
  readonly log: ProvableLog;
  /** The log again, where it is a file of this process. */
  readonly file: SqliteEventLog | undefined;
  readonly models: ReadModels;
  /** The day of an instant, where the organisation is. */
  readonly dayOf: DayOf;
  readonly run: RunCommand;
  /** The same for what nobody would send again: it waits while the disk is full, and while a server is away. */
  readonly patient: RunCommand;
  /** Everything that follows the log in this process, by name. */
  readonly followers = new Map<string, FollowerState>();
  private readonly admit: Admit;
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private cluster: Cluster | undefined;

  /** Opens the log and the read models in the folder. Nothing follows the log before `start`. */
  constructor(private readonly parts: RuntimeParts) {
    const { folder, libraries, cluster, upcasters, zone = 'UTC' } = parts;
    requireSound(libraries);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.file = cluster ? undefined : new SqliteEventLog(folder, upcasters);
    this.log = this.file ?? new EventStoreDbEventLog(cluster!.eventStore, { upcasters: upcasters ?? {} });
    this.models = new ReadModels(join(folder, 'views.db'), projectionsOf(libraries, zone));
    this.dayOf = daysIn(zone);
    const { log, models, dayOf } = this;
    const shared = cluster && new Admissions({ log, upcasters, shown: (position) => this.shownInTime(position) });
    this.admit = admission(models, libraries, shared);
    const { bodyOf } = models;
    this.run = createRunCommand({ log, eventId, sagas: sagasOf(libraries), views: models, dayOf, admit: this.admit, bodyOf });
    this.patient = patient(this.run, this.signal, this.file ? LogFull : LogFailed);
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

  /** Whether deliveries run in this process. */
  get delivers(): boolean {
    return this.parts.cluster?.worker ?? true;
  }

  /** Brings the read models up to the end of the log, then runs the sagas along it; in a cluster the workers do. */
  async start(): Promise<void> {
    const { log, models, signal } = this;
    // A cluster from which the log has come may have left something open.
    if (this.file) await settled({ log, upcasters: this.parts.upcasters });
    const reason = await disownForeign(log, models);
    if (reason !== undefined) this.parts.warn('the read models are of another log: they are made anew', { reason });
    const all = [this.follows(READ_MODELS, followWithReadModels(log, models, signal)), ...(this.parts.cluster ? [] : this.act())];
    void this.file?.broken.then((error) => this.fail(error));
    this.running = Promise.all(all).catch((error: unknown) => this.fail(error));
    await models.reached((await log.head()).position);
    if (this.parts.cluster) await this.join(this.parts.cluster);
  }

  /** Settles when the read models show what is at the position. In a cluster an answer does not wait for them for ever. */
  async shown(position: number): Promise<void> {
    await this.models.reached(position, this.file ? undefined : AbortSignal.timeout(SHOWN_MS_MAX));
  }

  private async shownInTime(position: number): Promise<void> {
    if (this.models.position < position) await this.shown(position);
    if (this.models.position < position) throw new LogFailed('the read models do not show in time what was recorded before');
  }

  /** Where the sagas of a cluster stand; nothing where they run here alone. @throws RedisUnavailable */
  readonly elsewhere = async (): Promise<ReadonlyMap<string, number>> => (await this.cluster?.checkpoints()) ?? new Map();

  /** The events that followers have parked, here and in a cluster wherever sagas run. @throws RedisUnavailable */
  async parked(): Promise<readonly Parked[]> {
    return [...this.models.parked(), ...((await this.cluster?.parked()) ?? [])];
  }

  /** Takes the events that followers parked once more. @throws RedisUnavailable */
  async retryParked(): Promise<{ readonly taken: number; readonly parked: number }> {
    if (!this.cluster) return this.retryHere();
    const taken = await this.cluster.retryParked();
    return { taken, parked: (await this.parked()).length };
  }

  /** The log or the disk failed: this process must not go on. */
  fail(error: unknown): void {
    if (!this.signal.aborted) this.parts.fatal(error);
  }

  /** Lets other workers go on with what falls to this one. */
  async leave(): Promise<void> {
    await this.cluster?.leave();
  }

  /** Ends the followers between two batches, then closes the files. */
  async stop(): Promise<void> {
    if (this.signal.aborted) return;
    this.stopping.abort();
    await this.running;
    this.cluster?.close();
    await this.log.close();
    this.models.close();
  }

  private follows(name: string, following: Promise<void>): Promise<void> {
    this.followers.set(name, 'follows');
    return following.finally(() => this.followers.set(name, 'stopped'));
  }

  private async join({ redis, worker }: ClusterMember): Promise<void> {
    const { log, models, signal, dayOf, admit } = this;
    const { warn, libraries, zone = 'UTC' } = this.parts;
    const fatal = (error: unknown) => this.fail(error);
    const retryHere = () => this.retryHere();
    const cluster = await Cluster.join(redis, {
      log,
      models,
      sagas: sagasOf(libraries),
      signal,
      clock: now,
      dayOf,
      zone,
      admit,
      warn,
      fatal,
      retryHere,
    });
    this.cluster = cluster;
    const running = [this.running, cluster.retryWithOthers(), ...(worker ? [cluster.work()] : [])];
    this.running = Promise.all(running).catch(fatal);
  }

  private retryHere(): Promise<{ readonly taken: number; readonly parked: number }> {
    const { log, models, run, signal, dayOf } = this;
    return retryParked(sagasOf(this.libraries), { log, models, run, signal, clock: now, dayOf, warn: this.parts.warn });
  }

  private act(): readonly Promise<void>[] {
    const { log, models, patient: run, signal, dayOf } = this;
    const { warn, libraries, zone = 'UTC' } = this.parts;
    const sagas = sagasOf(libraries);
    const shown = log.head().then(({ position }) => models.reached(position, signal));
    return [
      ...sagas.map((saga) => this.follows(saga.name, followWithSaga(saga, { log, models, run, signal, clock: now, dayOf, warn }))),
      runTimers({ models, sagas, run, warn, clock: now, dayOf }, { zone, shown, signal }),
    ];
  }
}

/** The read models of the libraries, in the order in which they take each event. */
export function projectionsOf(libraries: readonly Library[], zone?: string) {
  return [...libraries.flatMap(({ projections }) => projections), timersOf(sagasOf(libraries), zone)];
}

function sagasOf(libraries: readonly Library[]) {
  return libraries.flatMap(({ sagas }) => sagas);
}

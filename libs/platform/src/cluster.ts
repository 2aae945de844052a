// What a process does as one of several: it shares the sagas with others, and parked events wherever they are.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admit, AnySaga, DayOf, EventLog } from '@app/kernel';
import { ClusterRedis, occupy, RedisUnavailable, workInPartitions, type Parked, type ReadModels } from '@app/event-log';
import { ConfigError } from './config';

export interface ClusterParts {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly sagas: readonly AnySaga[];
  readonly signal: AbortSignal;
  readonly clock: () => string;
  readonly dayOf: DayOf;
  /** Where days begin: the same in every process, else a request would be due in one and not in the other. */
  readonly zone: string;
  readonly admit: Admit;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly fatal: (error: unknown) => void;
  /** Takes what this process itself has parked once more. */
  readonly retryHere: () => Promise<{ readonly taken: number }>;
}

const LOOK_AGAIN_MS = 2_000;
/** After the last process of a cluster has stopped, others may start in another zone so much later. */
const ZONE_KEPT_MS = 15_000;
const ANSWER_MS_MAX = 10_000;
const ANSWER_AGAIN_MS = 100;

export class Cluster {
  private readonly leaving = new AbortController();
  private working: Promise<void> = Promise.resolve();

  private constructor(
    private readonly redis: ClusterRedis,
    private readonly parts: ClusterParts,
  ) {}

  /** @throws ConfigError when the others have another time zone; while Redis is away nobody can say, and it is asked again later */
  static async join(url: string, parts: ClusterParts): Promise<Cluster> {
    const cluster = new Cluster(await ClusterRedis.connect(url), parts);
    try {
      await cluster.requireOneZone();
    } catch (error) {
      cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Runs the sagas of this process's share of the streams, and the timers if it falls to it, until the signal. */
  work(): Promise<void> {
    const { redis, parts } = this;
    this.working = workInPartitions({
      redis,
      warn: parts.warn,
      signal: AbortSignal.any([parts.signal, this.leaving.signal]),
      occupy: (lease, note) => occupy(lease, note, parts),
    });
    return this.working;
  }

  /** Hands its share over, before all else that a stop waits for. */
  async leave(): Promise<void> {
    this.leaving.abort();
    await this.working;
  }

  /** Where each saga stands, wherever it runs: at the last of its partitions. @throws RedisUnavailable */
  async checkpoints(): Promise<ReadonlyMap<string, number>> {
    const notes = await this.redis.notes();
    return new Map(this.parts.sagas.map(({ name }) => [name, Math.min(...notes.map((note) => note?.checkpoints[name] ?? 0))]));
  }

  /** What the sagas have parked, wherever they run. @throws RedisUnavailable */
  async parked(): Promise<readonly Parked[]> {
    return (await this.redis.notes()).flatMap((note) => note?.parked ?? []);
  }

  /**
   * Has what was parked taken once more, by every process, and waits a bounded time for the sagas. Where no worker holds a
   * partition, the next one who does takes it up. Answers how many went through. @throws RedisUnavailable
   */
  async retryParked(): Promise<number> {
    const before = (await this.parked()).length;
    const call = await this.redis.askToRetry();
    const { taken } = await this.parts.retryHere();
    for (const end = performance.now() + ANSWER_MS_MAX; performance.now() < end; await sleep(ANSWER_AGAIN_MS)) {
      if ((await this.redis.notes()).every((note) => note?.retried === call)) break;
    }
    return taken + Math.max(0, before - (await this.parked()).length);
  }

  /** Takes what this process has parked once more when any process was asked to. */
  async retryWithOthers(): Promise<void> {
    const { signal, retryHere } = this.parts;
    for (let heard: number | undefined; !signal.aborted; await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(noop)) {
      await this.requireOneZone();
      const asked = await this.redis.retries().catch(unlessUnavailable);
      if (asked === undefined || asked === heard) continue;
      if (heard !== undefined) await retryHere();
      heard = asked;
    }
  }

  private async requireOneZone(): Promise<void> {
    const { zone } = this.parts;
    const held = await this.redis.keepZone(zone, ZONE_KEPT_MS).catch(unlessUnavailable);
    if (held === undefined || held === zone) return;
    throw new ConfigError(`TIME_ZONE: is ${zone} here and ${held} in the other processes of the cluster, whose days would begin elsewhere`);
  }

  close(): void {
    this.redis.close();
  }
}

function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof RedisUnavailable)) throw error;
}

function noop(): void {}

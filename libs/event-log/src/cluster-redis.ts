// What the processes of a cluster share in Redis: who holds which partition, and what he noted for whoever comes next.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Parked } from './follower-book';

/** Fixed: every process has to put a stream into the same partition. */
export const PARTITIONS = 8;

/** Where a partition's followers stand, and what they parked. A hint: an older note repeats commands, whose ids make them one. */
export interface PartitionNote {
  readonly checkpoints: Readonly<Record<string, number>>;
  readonly parked: readonly Parked[];
  /** The last call to take parked events again that was answered. */
  readonly retried: number;
}

/** Redis did not answer, or said no. */
export class RedisUnavailable extends Error {
  constructor(cause: unknown) {
    super('Redis is not available', { cause });
    this.name = 'RedisUnavailable';
  }
}

const ANSWER_MS_MAX = 1_000;
const RECONNECT_MS_MAX = 500;
/** In braces, so that a sharded Redis keeps all of it in one place. */
const PREFIX = `{countersign:${PARTITIONS}}`;
const EPOCH = `${PREFIX}:epoch`;
const WORKERS = `${PREFIX}:workers`;
const RETRIES = `${PREFIX}:retries`;
const ZONE = `${PREFIX}:zone`;
const leaseOf = (partition: number) => `${PREFIX}:lease:${partition}`;
const noteOf = (partition: number) => `${PREFIX}:note:${partition}`;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

const TAKE = `if redis.call('exists', KEYS[1]) == 1 then return false end
  local holder = ARGV[1] .. ' ' .. redis.call('incr', KEYS[2])
  redis.call('set', KEYS[1], holder, 'px', ARGV[2])
  return {holder, redis.call('get', KEYS[3])}`;
const KEEP = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  if ARGV[3] ~= '' then redis.call('set', KEYS[2], ARGV[3]) end
  return redis.call('pexpire', KEYS[1], ARGV[2])`;
const GIVE_BACK = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[2], ARGV[2])
  return redis.call('del', KEYS[1])`;
/** By the clock of Redis alone: those of the workers may differ. */
const SHOW_UP = `local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('zadd', KEYS[1], now + ARGV[2], ARGV[1])
  redis.call('zremrangebyscore', KEYS[1], '-inf', now)
  return {redis.call('zcard', KEYS[1]), tonumber(redis.call('get', KEYS[2]) or 0)}`;
const KEEP_ZONE = `local zone = redis.call('get', KEYS[1])
  if zone and zone ~= ARGV[1] then return zone end
  redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
  return ARGV[1]`;

export class ClusterRedis {
  private constructor(private readonly redis: Redis) {}

  /** Connects, now or when Redis is there: until then every call fails at once. */
  static async connect(url: string): Promise<ClusterRedis> {
    // Loaded only where there is a cluster.
    const { Redis } = await import('ioredis');
    const redis = new Redis(url, {
      commandTimeout: ANSWER_MS_MAX,
      connectTimeout: ANSWER_MS_MAX,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (times) => Math.min(50 * times, RECONNECT_MS_MAX),
    });
    redis.on('error', noop); // Each call says so itself.
    await Promise.race([once(redis, 'ready').catch(noop), sleep(ANSWER_MS_MAX, undefined, { ref: false })]);
    return new ClusterRedis(redis);
  }

  /** Takes a partition that nobody holds. Answers how its holder is called now and what was noted, or nothing. */
  async take(partition: number, worker: string, forMs: number): Promise<{ holder: string; note: PartitionNote | undefined } | undefined> {
    const keys = [leaseOf(partition), EPOCH, noteOf(partition)];
    const taken = (await this.asked(this.redis.eval(TAKE, keys.length, ...keys, worker, forMs))) as [string, string | null] | null;
    return taken ? { holder: taken[0], note: taken[1] === null ? undefined : JSON.parse(taken[1]) } : undefined;
  }

  /** Extends a lease and notes where its holder stands; an empty note leaves the one that is there. Says no, and changes nothing, when somebody else holds it, or nobody. */
  async keep(partition: number, holder: string, forMs: number, note: string): Promise<boolean> {
    return (await this.asked(this.redis.eval(KEEP, 2, leaseOf(partition), noteOf(partition), holder, forMs, note))) === 1;
  }

  async giveBack(partition: number, holder: string, note: PartitionNote): Promise<void> {
    await this.asked(this.redis.eval(GIVE_BACK, 2, leaseOf(partition), noteOf(partition), holder, JSON.stringify(note)));
  }

  /** Says that a worker is there. Answers how many are, and how often somebody has asked to take parked events again. */
  async showUp(worker: string, forMs: number): Promise<{ readonly workers: number; readonly retries: number }> {
    const [workers, retries] = (await this.asked(this.redis.eval(SHOW_UP, 2, WORKERS, RETRIES, worker, forMs))) as [number, number];
    return { workers, retries };
  }

  /** Says in which time zone a process counts its days. Answers that of the processes which said so before it, while any does. */
  keepZone(zone: string, forMs: number): Promise<string> {
    return this.asked(this.redis.eval(KEEP_ZONE, 1, ZONE, zone, forMs) as Promise<string>);
  }

  async leave(worker: string): Promise<void> {
    await this.asked(this.redis.zrem(WORKERS, worker));
  }

  /** What each partition's last holder noted; nothing where nobody has yet. */
  async notes(): Promise<readonly (PartitionNote | undefined)[]> {
    const texts = await this.asked(this.redis.mget(...ALL.map(noteOf)));
    return texts.map((text) => (text === null ? undefined : (JSON.parse(text) as PartitionNote)));
  }

  /** Asks every holder to take what was parked again. Answers the number of the call. */
  askToRetry(): Promise<number> {
    return this.asked(this.redis.incr(RETRIES));
  }

  /** How often that was asked. */
  async retries(): Promise<number> {
    return Number(await this.asked(this.redis.get(RETRIES)));
  }

  close(): void {
    this.redis.disconnect();
  }

  private async asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      throw new RedisUnavailable(error);
    }
  }
}

function noop(): void {}

// A whole cluster on this machine, every part a process that can be killed: event store, Redis, two servers, two workers.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDbEventLog } from '@app/event-log';
import { EventStore } from '../support/event-store';
import { temporaryFolder } from '../support/folders';
import type { Api } from '../support/http';
import { employ, register } from '../support/organisation';
import type { Random } from '../support/random';
import { startRedis, type RedisServer } from '../support/redis';
import { Server } from '../support/server';
import { startSmtp, type SmtpServer } from '../support/smtp';
import { until } from '../support/until';
import { Worker } from '../support/worker';
import { FINANCE, LEARNERS, Load, MANAGERS } from './load';
import type { LogLine } from './witness';

const LOOK_AGAIN_MS = 500;
const EVERYBODY = [...LEARNERS, ...MANAGERS, FINANCE];

export class ClusterWorld {
  readonly load: Load;
  /** What the log gives to a reader who is none of the cluster's processes. */
  readonly lines: LogLine[] = [];
  /** How long each event waited for the notice about it, as that reader saw both. */
  readonly noticesMs: number[] = [];
  /** Mails that were ordered and have not ended. */
  private readonly mailsDue = new Set<string>();
  private readonly tokens = new Map<string, string>();
  private readonly apis = new Map<Server, Map<string, Api>>();
  private readonly stop = new AbortController();
  private readonly log: EventLogReader;
  private turn = 0;

  private constructor(
    readonly store: EventStore,
    readonly redis: RedisServer,
    readonly smtp: SmtpServer,
    readonly servers: readonly Server[],
    readonly workers: readonly Worker[],
    random: Random,
  ) {
    this.load = new Load(random, (actor) => this.as(actor));
    this.log = new EventStoreDbEventLog(store.url);
  }

  static async start(random: Random): Promise<ClusterWorld> {
    const [store, redis, smtp] = await Promise.all([EventStore.start(3), startRedis(), startSmtp()]);
    const SECRETS_FILE = join(temporaryFolder(), 'secrets.json');
    const settings = { EVENT_STORE_URL: store.url, REDIS_URL: redis.url, SMTP_URL: `${smtp.url}?mails-per-minute=60000`, SECRETS_FILE };
    const servers = [new Server(settings), new Server(settings)];
    const workers = [new Worker(settings), new Worker(settings)];
    const world = new ClusterWorld(store, redis, smtp, servers, workers, random);
    await Promise.all([...servers, ...workers].map((one) => one.start()));
    await world.populate();
    return world;
  }

  /** As this person, to one server after the other as a balancer does; one that is not up refuses. */
  as(actor: string): Api {
    const server = this.servers[this.turn++ % this.servers.length]!;
    return this.apis.get(server)!.get(actor)!;
  }

  /** A server that was started again has another port. */
  connect(server: Server): void {
    for (const api of this.apis.get(server)?.values() ?? []) api.close();
    this.apis.set(server, new Map([...this.tokens].map(([person, token]) => [person, server.anonymous.as(token)])));
  }

  /**
   * Waits until the reader has the whole log and nothing that it orders is left, for as long as that becomes less. It looks
   * seldom: counting takes time, and the mail server that is waited for runs in this process too.
   */
  async settled(left: () => number, standstillMsMax: number): Promise<void> {
    let least = Infinity;
    for (let moved = performance.now(); ; await sleep(LOOK_AGAIN_MS)) {
      const { position } = await this.log.head();
      const rest = left();
      if (rest === 0 && (this.lines.at(-1)?.position ?? 0) >= position) return;
      if (rest < least) [least, moved] = [rest, performance.now()];
      if (performance.now() - moved > standstillMsMax)
        throw new Error(`${rest} mails are left, and for ${standstillMsMax} ms none went out`);
    }
  }

  /** Settles when no more mails than these are due, or when it ends. */
  async fewerMailsDue(most: number): Promise<void> {
    while (this.mailsDue.size > most && !this.stop.signal.aborted) await sleep(LOOK_AGAIN_MS / 10);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all([...this.servers, ...this.workers].map((one) => one.stop()));
    for (const server of this.servers) this.connect(server);
    await this.log.close();
    await Promise.all([this.store.stop(), this.redis.stop(), this.smtp.stop()]);
  }

  private async populate(): Promise<void> {
    const [first] = this.servers;
    const { operator } = first!;
    void this.read();
    await register(operator, ...EVERYBODY);
    for (const person of LEARNERS) await employ(operator, person, { direct: MANAGERS[0], temporary: MANAGERS[1] });
    for (const person of EVERYBODY) this.tokens.set(person, (await first!.as(person)).token!);
    for (const server of this.servers) this.connect(server);
    for (const server of this.servers) {
      await until(async () =>
        (await Promise.all(EVERYBODY.map((one) => this.apis.get(server)!.get(one)!.get('/me')))).every(({ status }) => status === 200),
      );
    }
  }

  private async read(): Promise<void> {
    const seen = new Map<string, number>();
    for await (const batch of this.log.subscribe(0, { signal: this.stop.signal })) {
      for (const line of batch) {
        this.lines.push(line);
        seen.set(line.meta.id, performance.now());
        if (line.event.type === 'NoticeDue') this.noticesMs.push(performance.now() - seen.get(line.meta.causation!)!);
        this.noteMails(line);
      }
    }
  }

  private noteMails({ stream, event }: LogLine): void {
    if (event.type === 'NoticeDue') {
      for (const { person, channels } of event.recipients) if (channels.includes('email')) this.mailsDue.add(`${stream} ${person}`);
    } else if (event.channel === 'email' && event.type !== 'DeliveryRetried') this.mailsDue.delete(`${stream} ${event.recipient}`);
  }
}

type EventLogReader = Pick<EventStoreDbEventLog, 'subscribe' | 'head' | 'close'>;

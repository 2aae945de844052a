// A guard around the client of EventStoreDB: our own time limits, our own retries, and a new client after a failure.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogFailed, type Direction, type Metadata, type Typed } from '@app/kernel';
// Only types: the package takes 200 ms and 35 MB to load, which the embedded tier never pays.
import type {
  ChannelCredentialOptions,
  Credentials,
  DNSClusterOptions,
  EndPoint,
  EventStoreDBClient,
  GossipClusterOptions,
  ReadPosition,
  SingleNodeOptions,
} from '@eventstore/db-client';

export type Client = EventStoreDBClient;

export interface Times {
  /** How long one try may take. */
  readonly tryMs: number;
  /** How long a call may take with all its tries. */
  readonly giveUpMs: number;
}

/** An event as the client gives it; all of ours are JSON. */
export interface ServerEvent {
  readonly type: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly position?: { readonly commit: bigint };
  readonly data: Typed;
  readonly metadata: Metadata;
}

/** What a connection string says. The client never sees the string itself: its debug output prints it, password and all. */
export interface Settings {
  readonly discover: boolean;
  readonly hosts: readonly EndPoint[];
  readonly tls: boolean;
  readonly tlsCAFile?: string;
  readonly credentials: Credentials;
}

/** `conflict` is an answer. `permanent` stays as it is. `transient` changed nothing; `ambiguous` may have changed something. */
type Fault = 'conflict' | 'permanent' | 'transient' | 'ambiguous';

const FAULTS: Readonly<Record<string, Fault>> = {
  'wrong-expected-version': 'conflict',
  'stream-not-found': 'conflict',
  'access-denied': 'permanent',
  'stream-deleted': 'permanent',
  'maximum-append-size-exceeded': 'permanent',
  'invalid-argument': 'permanent',
  'missing-required-metadata-property': 'permanent',
  'not-leader': 'transient',
};
const GRPC_INVALID_ARGUMENT = 3;
const PAUSE_MS = 20;
const PAUSE_MS_MAX = 1_000;

/** A call was not answered in time. */
function timedOut(timeoutMs: number): LogFailed {
  return new LogFailed(`the event store gave no answer within ${timeoutMs} ms`);
}

export class EventStoreDbConnection {
  private current: Guarded | undefined;
  private readonly retired = new Set<Guarded>();
  private closed = false;

  constructor(
    readonly settings: Settings,
    private readonly times: Times,
  ) {}

  /** What goes with each call. Reads and appends go to the node that leads. */
  get always() {
    return { requiresLeader: true, credentials: this.settings.credentials };
  }

  get client(): Guarded {
    return (this.current ??= guarded(this.settings));
  }

  /**
   * Tries until the call is settled; every try sends the same.
   * @throws an error of the client that is an answer, see `typeOf`; LogFailed when it is refused, or not settled in time
   */
  async settled<Answer>(what: string, call: (client: Client, timeoutMs: number) => Promise<Answer>): Promise<Answer> {
    const end = performance.now() + this.times.giveUpMs;
    for (let tries = 1; ; tries++) {
      const mine = this.client;
      const timeoutMs = Math.max(1, Math.min(this.times.tryMs, end - performance.now()));
      let late = false;
      const calling = mine.then(async (client) => {
        await client.opened();
        // While it looked for a node, its time may have gone by; then the channel may be closed at any moment.
        if (late) throw timedOut(timeoutMs);
        return call(client, timeoutMs);
      });
      try {
        return await within(timeoutMs, calling);
      } catch (error) {
        late = true;
        const fault = faultOf(error);
        if (fault === 'conflict') throw error;
        if (fault === 'permanent') throw new LogFailed(`${what} was refused by the event store: ${typeOf(error)}`, { cause: error });
        this.renew(mine, error);
        const pauseMs = jittered(tries);
        if (this.closed || performance.now() + pauseMs >= end) {
          throw new LogFailed(`${what} was not settled within ${this.times.giveUpMs} ms`, { cause: error });
        }
        await sleep(pauseMs);
      }
    }
  }

  /** A new client takes the place of the one that failed; the old one is let go when its calls have had their time. */
  renew(failed: Guarded, error?: unknown): void {
    if (this.current !== failed || this.closed) return;
    this.current = guarded(this.settings, leaderOf(error));
    this.retired.add(failed);
    setTimeout(() => void this.retire(failed), 2 * this.times.tryMs).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.retired, ...(this.current ? [this.current] : [])].map((one) => this.retire(one)));
  }

  private async retire(client: Guarded): Promise<void> {
    this.retired.delete(client);
    await client.then((one) => one.release()).catch(noop);
  }
}

/** Reads what a connection string says. Its text is in no message. */
export function settingsOf(url: string): Settings {
  const [, scheme, user, password, hosts, query = ''] =
    /^(esdb(?:\+discover)?|kurrentdb(?:\+discover)?):\/\/(?:([^:@/]+):([^@/]+)@)?([^/?]+)\/?(?:\?(.*))?$/.exec(url.trim()) ?? [];
  if (!scheme || !hosts) throw new LogFailed('the address of the event store is not of the form esdb://user:password@host:port?options');
  const options = new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]));
  const tls = options.get('tls') !== 'false';
  if (tls && !user) throw new LogFailed('an event store with TLS needs a user and a password in its address');
  return {
    discover: scheme.endsWith('+discover'),
    hosts: hosts.split(',').map((host) => {
      const [address = '', port = '2113'] = host.split(':');
      return { address, port: Number(port) };
    }),
    tls,
    ...(options.has('tlscafile') && { tlsCAFile: options.get('tlscafile')! }),
    // Without credentials on each call the client takes its batch path, which may never settle.
    credentials: { username: decodeURIComponent(user ?? 'none'), password: decodeURIComponent(password ?? 'none') },
  };
}

/** What went wrong, in the client's words. */
export function typeOf(error: unknown): string {
  return Error.isError(error) && 'type' in error ? String(error.type) : '';
}

/** Settles with the answer, or in time without it. What comes later is of no use to anybody. */
export async function within<Answer>(timeoutMs: number, answer: Promise<Answer>): Promise<Answer> {
  answer.catch(noop);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A subscriber outlasts any failure of the server but a refusal. Nothing when it is told to stop. */
export async function patiently<Answer>(work: () => Promise<Answer>, stop: AbortSignal): Promise<Answer | undefined> {
  for (let tries = 1; !stop.aborted; tries++) {
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const end = () => resolve(undefined);
    stop.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([work(), stopped]);
    } catch (error) {
      if (!(error instanceof LogFailed) || faultOf(error.cause) === 'permanent') throw error;
      await sleep(jittered(tries));
    } finally {
      stop.removeEventListener('abort', end);
    }
  }
  return undefined;
}

/** Where to read from, in the client's words. */
export function placeOf(position: number | undefined, direction: Direction): ReadPosition {
  if (position === undefined) return direction === 'forwards' ? 'start' : 'end';
  return position === 0 ? 'start' : { commit: BigInt(position), prepare: BigInt(position) };
}

export function positionOf({ position }: Pick<ServerEvent, 'position'>): number {
  const commit = Number(position?.commit);
  if (!Number.isSafeInteger(commit)) throw new LogFailed(`the event store gave the position ${position?.commit}`);
  return commit;
}

/** Between tries: longer each time, and never the same for two who failed together. */
export function jittered(tries: number): number {
  return Math.min(PAUSE_MS * 2 ** tries, PAUSE_MS_MAX) * (0.5 + Math.random() / 2);
}

export function noop(): void {}

function faultOf(error: unknown): Fault {
  if (Error.isError(error) && 'code' in error && error.code === GRPC_INVALID_ARGUMENT) return 'permanent';
  return FAULTS[typeOf(error)] ?? 'ambiguous';
}

function leaderOf(error: unknown): EndPoint | undefined {
  return typeOf(error) === 'not-leader' ? (error as { leader?: EndPoint }).leader : undefined;
}

type Guarded = Promise<Client & { opened(): Promise<unknown>; release(): Promise<void> }>;

/**
 * A client that leaves reconnecting to us. By itself it closes its channel under calls that are just starting, whose
 * promises then never settle, and of which one rejects where nobody can catch it.
 */
async function guarded({ discover, hosts, tls, tlsCAFile }: Settings, leader?: EndPoint): Guarded {
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  class GuardedClient extends EventStoreDBClient {
    private channel: ReturnType<typeof this.getChannel> | undefined;

    constructor(options: SingleNodeOptions | GossipClusterOptions | DNSClusterOptions, secure: ChannelCredentialOptions) {
      super(options as SingleNodeOptions, secure);
      const open = this.getChannel;
      this.getChannel = () => (this.channel ??= open());
      this.handleError = () => Promise.resolve();
    }

    opened(): Promise<unknown> {
      return this.getChannel();
    }

    async release(): Promise<void> {
      await within(RELEASE_MS, this.dispose()).catch(noop);
      (await this.channel)?.close();
    }
  }
  const secure = { insecure: !tls, ...(tlsCAFile !== undefined && { rootCertificate: readFileSync(tlsCAFile) }) };
  const endpoint = leader ?? (hosts.length === 1 && !discover ? hosts[0] : undefined);
  if (endpoint) return new GuardedClient({ endpoint }, secure);
  const patience = { gossipTimeout: 2, maxDiscoverAttempts: 5 };
  return discover
    ? new GuardedClient({ discover: hosts[0]!, ...patience }, secure)
    : new GuardedClient({ endpoints: [...hosts], ...patience }, secure);
}

const RELEASE_MS = 1_000;

// The event log of the cluster tier: EventStoreDB or KurrentDB. Positions are commit positions of its $all stream.
import { setTimeout as sleep } from 'node:timers/promises';
import type { WrongExpectedVersionError } from '@eventstore/db-client';
import {
  LogFailed,
  NO_STREAM,
  PAGE_EVENTS_MAX,
  RevisionConflict,
  UnfitEvent,
  type Direction,
  type NewEvent,
  type Receipt,
  type Recorded,
} from '@app/kernel';
import {
  EventStoreDbConnection,
  jittered,
  noop,
  patiently,
  placeOf,
  positionOf,
  settingsOf,
  typeOf,
  within,
  type ServerEvent,
} from './eventstoredb-connection';
import { EventStoreDbReader, ledgerBy, SERVER_PAGE_EVENTS_MAX, SYSTEM } from './eventstoredb-reader';
import { chained, FIRST_HASH } from './hash-chain';
import { proofOf, type Ledger, type Proof, type ProvableLog } from './ledger';
import { LiveTail, subscription } from './live-tail';
import { stamped, written } from './payload';
import { upcast, versionOf, type Upcasters } from './upcasters';

export interface EventStoreDbOptions {
  readonly upcasters?: Upcasters;
  /** How long one try may take. */
  readonly tryMs?: number;
  /** How long a call may take with all its tries. */
  readonly giveUpMs?: number;
  /** How often a subscription to which nothing comes is held against the head of the log. */
  readonly watchMs?: number;
}

const DEFAULTS = { upcasters: {}, tryMs: 5_000, giveUpMs: 15_000, watchMs: 2_000 };

/** @param url `esdb://user:password@host:2113,host:2113?tls=true`; it is not kept, and in no message */
export class EventStoreDbEventLog implements ProvableLog {
  private readonly options: Required<EventStoreDbOptions>;
  private readonly calls: EventStoreDbConnection;
  private readonly reader: EventStoreDbReader;
  private readonly follows: EventStoreDbConnection;
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();
  private tail: Promise<LiveTail> | undefined;
  private lastAt: string | undefined;
  /** Ends the subscription under way, as its server should have done. */
  private drop: () => void = noop;

  constructor(url: string, options: EventStoreDbOptions = {}) {
    this.options = { ...DEFAULTS, ...options };
    const settings = settingsOf(url);
    this.calls = new EventStoreDbConnection(settings, this.options);
    this.reader = new EventStoreDbReader(this.calls);
    this.follows = new EventStoreDbConnection(settings, this.options);
  }

  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    const appending = this.inTime(this.appendNow(stream, expected, events));
    this.underWay.add(appending);
    const forget = () => this.underWay.delete(appending);
    appending.then(forget, forget);
    return appending;
  }

  read(stream: string, page: { from?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    return this.inTime(this.readNow(stream, page));
  }

  async readAll(page: { after?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    return (await this.inTime(this.reader.all(page))).map((event) => this.recorded(event));
  }

  async *subscribe(after: number, { signal, max }: { signal: AbortSignal; max?: number }): AsyncGenerator<readonly Recorded[]> {
    const stop = AbortSignal.any([signal, this.stopping.signal]);
    const tail = await patiently(() => this.following(), stop);
    if (!tail) return;
    const readAll = async (page: { after: number; max: number }) => (await patiently(() => this.readAll(page), stop)) ?? [];
    yield* subscription(tail, readAll, after, { signal: stop, max: pageSize(max) });
  }

  /** Here the digest names the last event alone; `verify` gives one that covers the whole log. */
  async head(): Promise<{ readonly position: number; readonly hash: string }> {
    const [last] = await this.inTime(this.reader.all({ direction: 'backwards', max: 1 }));
    this.saw(last?.metadata.at ?? '');
    if (!last) return { position: 0, hash: FIRST_HASH };
    const place = { position: positionOf(last), stream: last.streamId, revision: Number(last.revision) };
    const texts = { data: JSON.stringify(last.data), meta: JSON.stringify(last.metadata) };
    return { position: place.position, hash: chained(FIRST_HASH, { ...place, ...texts }) };
  }

  /** Every event to the letter, counted and chained as it is read: the server keeps no hashes. */
  ledger(): Ledger {
    return ledgerBy((after) => this.inTime(this.reader.all({ after })));
  }

  /** Reads the whole log. No stream may have a gap; whether the hash is the right one, a receipt from before has to say. */
  verify(): Promise<Proof> {
    return proofOf(this.ledger());
  }

  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.drop();
    await Promise.allSettled(this.underWay);
    await Promise.all([this.calls.close(), this.follows.close()]);
  }

  /** A call may be several of the server: an append and what it reads back, or many pages. */
  private inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return within(1.5 * this.options.giveUpMs, answer);
  }

  private async readNow(stream: string, page: { from?: number; direction?: Direction; max?: number }): Promise<readonly Recorded[]> {
    const found: Recorded[] = [];
    const max = pageSize(page.max);
    const direction = page.direction ?? 'forwards';
    const step = direction === 'forwards' ? 1 : -1;
    for (let from = page.from; found.length < max && (from ?? 0) >= 0; from = found.at(-1)!.revision + step) {
      const maxCount = Math.min(SERVER_PAGE_EVENTS_MAX, max - found.length);
      const fromRevision = from === undefined ? (direction === 'forwards' ? 'start' : 'end') : BigInt(from);
      const part = await this.reader.page((client) => client.readStream(stream, { direction, fromRevision, maxCount, ...this.always }));
      found.push(...part.map((event) => this.recorded(event)));
      if (part.length < maxCount) break;
    }
    return found;
  }

  private async appendNow(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    if (this.stopping.signal.aborted) throw new LogFailed('the log is closed');
    if (this.lastAt === undefined) await this.head();
    const proposed = this.proposed(stream, events);
    const expectedRevision = expected === NO_STREAM ? 'no_stream' : BigInt(expected);
    try {
      const { nextExpectedRevision, position } = await this.calls.settled('an append', (client, deadline) =>
        client.appendToStream(stream, proposed, { expectedRevision, deadline, ...this.always }),
      );
      this.saw(proposed.at(-1)!.metadata.at);
      if (position) return { stream, revision: Number(nextExpectedRevision), position: Number(position.commit) };
    } catch (error) {
      if (Error.isError(error) && typeOf(error.cause) === 'maximum-append-size-exceeded')
        throw new UnfitEvent('the events are larger than the event store takes in one append');
      if (typeOf(error) !== 'wrong-expected-version') throw error;
      const { actualVersion } = error as WrongExpectedVersionError;
      const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : NO_STREAM;
      const earlier = actual >= expected + events.length ? await this.earlier(stream, expected, events) : undefined;
      if (!earlier) throw new RevisionConflict(stream, expected, actual);
      return earlier;
    }
    // The server knew the events from before, and does not say where they are.
    const earlier = await this.earlier(stream, expected, events);
    if (!earlier) throw new LogFailed(`${stream} does not hold what was appended to it`);
    return earlier;
  }

  /** What an append sends, each try the same: taken from the text, so that no caller can change it meanwhile. */
  private proposed(stream: string, events: readonly NewEvent[]) {
    const kept = stamped(events, this.lastAt ?? '', (type) => versionOf(this.options.upcasters, type));
    const texts = written(stream, kept);
    if ([stream, ...events.map(({ event }) => event.type)].some((name) => name.startsWith(SYSTEM)))
      throw new UnfitEvent(`names that begin with ${SYSTEM} belong to the event store`);
    return texts.map(({ data, meta }, at) => {
      const { type } = kept[at]!.event;
      return { id: kept[at]!.meta.id, type, contentType: 'application/json' as const, data: JSON.parse(data), metadata: JSON.parse(meta) };
    });
  }

  /** The receipt of the first append when what stands after the expected revision is our own. */
  private async earlier(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt | undefined> {
    const found = await this.read(stream, { from: expected + 1, max: events.length });
    const last = found.at(-1);
    if (!last || found.length !== events.length || found.some(({ meta }, at) => meta.id !== events[at]!.meta.id)) return undefined;
    return { stream, revision: last.revision, position: last.position };
  }

  private recorded({ streamId: stream, revision, data, metadata: meta, ...event }: ServerEvent): Recorded {
    const place = { position: positionOf(event), stream, revision: Number(revision) };
    return { ...place, event: upcast(this.options.upcasters, data, meta), meta };
  }

  private saw(at: string): void {
    if (this.lastAt === undefined || at > this.lastAt) this.lastAt = at;
  }

  private get always() {
    return this.calls.always;
  }

  /** All subscribers of this process share one subscription to the server. */
  private following(): Promise<LiveTail> {
    return (this.tail ??= this.follow().catch((error: unknown) => {
      this.tail = undefined;
      throw error;
    }));
  }

  private async follow(): Promise<LiveTail> {
    const tail = new LiveTail((await this.head()).position);
    void this.keepSubscribed(tail);
    void this.watch(tail);
    return tail;
  }

  /** However a subscription ends, the next one goes on behind the last position that was seen. */
  private async keepSubscribed(tail: LiveTail): Promise<void> {
    const { signal } = this.stopping;
    const waiting: Recorded[] = [];
    let [seen, searched] = [tail.end, tail.end];
    const take = (recorded: Recorded) => {
      if (recorded.position <= seen) return;
      seen = recorded.position;
      if (waiting.push(recorded) === 1) setImmediate(() => tail.push(waiting.splice(0)));
    };
    for (let tries = 1; !signal.aborted; tries++) {
      const mine = this.follows.client;
      try {
        const checkpointReached = (_: unknown, { commit }: { commit: bigint }) => void (searched = Number(commit));
        const fromPosition = placeOf(Math.max(seen, searched), 'forwards');
        const filter = { filterOn: 'eventType', regex: '^[^$].*', checkpointInterval: 32, checkpointReached } as const;
        const subscribed = (await mine).subscribeToAll({ fromPosition, filter, credentials: this.always.credentials });
        subscribed.on('error', noop); // It may fail once more when nobody listens any longer.
        this.drop = () => {
          subscribed.destroy();
          subscribed.unsubscribe().catch(noop);
        };
        for await (const { event } of subscribed) {
          take(this.recorded(event as unknown as ServerEvent));
          tries = 0;
        }
      } catch {
        // An error says no more than an end does; what is missing is read by the next subscription.
      }
      this.drop();
      this.follows.renew(mine);
      if (!signal.aborted) await sleep(jittered(tries));
    }
  }

  /** A subscription can go quiet without an error, and nothing resubscribes by itself. */
  private async watch(tail: LiveTail): Promise<void> {
    for (let before = -1; !this.stopping.signal.aborted; before = tail.end) {
      await sleep(this.options.watchMs, undefined, { ref: false });
      if (tail.end !== before) continue;
      const position = await this.head().then(({ position }) => position, noop);
      if (position && position > tail.end && tail.end === before) this.drop();
    }
  }
}

function pageSize(max = PAGE_EVENTS_MAX): number {
  return Math.min(Math.max(1, max), PAGE_EVENTS_MAX);
}

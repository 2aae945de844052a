// One node of the stand-in: answers the calls of the protocol from the store, as the leader or as one that follows.
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import {
  status,
  type ServiceError,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import * as streams from '@eventstore/db-client/generated/streams_pb';
import { answerBatch } from './batch';
import type { CallKind, Fault, Nemesis } from './faults';
import {
  checkpointMessage,
  eventMessage,
  expectedOf,
  notFoundMessage,
  notLeader,
  proposedOf,
  serviceError,
  streamNameOf,
  successMessage,
  tooLarge,
  wrongVersionMessage,
} from './messages';
import type { Store, Stored } from './store';

type Reading = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;

/** What a node may know of the others, and what may be done to it. */
export interface Surroundings {
  readonly store: Store;
  nemesis: Nemesis;
  leader(): { readonly address: string; readonly port: number };
  moveLeader(): void;
  isLeader(node: number): boolean;
  reset(node: number): void;
  freeze(node: number): void;
  /** How often each fault came. */
  readonly faults: Map<Fault, number>;
}

const SLOW_MS = 300;
const CHECKPOINT_EVENTS = 32;
/** So many events a subscription gives before it ends, fails or goes mute. */
const LAST_EVENTS = 5;

export class Node {
  constructor(
    private readonly number: number,
    private readonly around: Surroundings,
  ) {}

  async append(call: ServerReadableStream<streams.AppendReq, streams.AppendResp>, answer: sendUnaryData<streams.AppendResp>) {
    const requests = await received(call);
    if (!requests) return;
    const fault = await this.before('append');
    if (fault === 'error-before') return answer(serviceError(status.UNAVAILABLE, 'The node is not ready.'));
    if (fault === 'no-reply-before' || fault === 'reset-before') return;
    if (this.mustLead(call)) return answer(notLeader(this.around.leader()));
    const options = requests[0]!.getOptions()!;
    const expected = expectedOf(options);
    const proposed = requests.slice(1).map((request) => proposedOf(request.getProposedMessage()!));
    const appended = this.around.store.append(streamNameOf(options.getStreamIdentifier()), expected, proposed);
    if (fault === 'reset-after') this.around.reset(this.number);
    if (fault === 'no-reply-after' || fault === 'reset-after') return;
    if (fault === 'error-after') return answer(serviceError(status.ABORTED, 'Operation timed out.', { exception: 'timeout' }));
    if (appended.outcome === 'too-large') return answer(tooLarge());
    if (appended.outcome === 'wrong-version') return answer(null, wrongVersionMessage(expected, appended.actual));
    answer(null, successMessage(appended.last, appended.outcome === 'added'));
  }

  batchAppend(call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>): void {
    answerBatch(call, this.around.store);
  }

  async read(call: Reading): Promise<void> {
    const options = call.request.getOptions()!;
    if (options.hasSubscription()) return this.subscribe(call, options);
    const fault = await this.before('read');
    if (fault === 'no-reply-before' || fault === 'reset-before') return;
    if (fault === 'error-before') return fail(call, serviceError(status.UNAVAILABLE, 'The node is not ready.'));
    if (this.mustLead(call)) return fail(call, notLeader(this.around.leader()));
    const events = options.hasAll() ? this.allEvents(options) : this.streamEvents(options);
    if (!events) return fail(call, serviceError(status.INVALID_ARGUMENT, 'No event is at this position.'));
    if (events === 'no-stream') call.write(notFoundMessage(options.getStream()!.getStreamIdentifier()!));
    else {
      const given = fault ? events.slice(0, events.length / 2) : events;
      for (const event of given) await write(call, eventMessage(event));
      if (fault === 'error-after') return fail(call, serviceError(status.UNKNOWN, 'Unexpected: the read was cut off.'));
      if (fault === 'reset-after') return this.around.reset(this.number);
      if (fault) for (const event of events.slice(given.length)) await write(call, eventMessage(event));
    }
    call.end();
  }

  private async subscribe(call: Reading, options: Options): Promise<void> {
    const fault = await this.before('subscribe');
    if (fault === 'no-reply-before') return;
    if (fault === 'error-before') return fail(call, serviceError(status.UNAVAILABLE, 'The node is not ready.'));
    const { store } = this.around;
    const stream = options.hasStream() ? streamNameOf(options.getStream()!.getStreamIdentifier()) : undefined;
    const wanted = filterOf(options);
    let next = firstOf(store, options);
    if (next === undefined) return fail(call, serviceError(status.INVALID_ARGUMENT, 'No event is at this position.'));
    call.write(new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('a')));
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    call.once('cancelled', resolve);
    let live = false;
    for (let given = 0, passed = 0; !call.cancelled && !call.destroyed; next++) {
      if (next === store.all.length) {
        if (!live) call.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
        live = true;
        await Promise.race([store.grown(next), cancelled]);
        if (call.cancelled) return;
      }
      const event = store.all[next]!;
      if (stream !== undefined ? event.stream === stream : wanted(event)) await write(call, eventMessage(event));
      if (++passed % CHECKPOINT_EVENTS === 0 && options.hasFilter()) call.write(checkpointMessage(event.position));
      if (!fault || fault === 'slow' || ++given < LAST_EVENTS) continue;
      if (fault === 'ends') return void call.end();
      if (fault === 'fails') return fail(call, serviceError(status.UNKNOWN, 'The subscription was dropped.'));
      if (fault === 'reset-after') return this.around.reset(this.number);
      return; // Mute: it stays open, and nothing comes.
    }
  }

  /** The fault of this call; what concerns the node as a whole happens at once. */
  private async before(kind: CallKind): Promise<Fault | undefined> {
    const { around } = this;
    const fault = around.nemesis(kind);
    if (fault) around.faults.set(fault, (around.faults.get(fault) ?? 0) + 1);
    if (fault === 'slow') await sleep(SLOW_MS);
    if (fault === 'reset-before') around.reset(this.number);
    if (fault === 'freeze') around.freeze(this.number);
    if (fault === 'leader-moved') around.moveLeader();
    return fault;
  }

  private mustLead({ metadata }: Pick<Reading, 'metadata'>): boolean {
    return metadata.get('requires-leader').includes('true') && !this.around.isLeader(this.number);
  }

  /** Nothing when there is no such position. Forwards with the event there, backwards without it, as a real server does. */
  private allEvents(options: Options): readonly Stored[] | undefined {
    const { store } = this.around;
    const from = options.getAll()!;
    const forwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS;
    const count = Number(options.getCount());
    const place = from.hasStart() ? 0 : from.hasEnd() ? store.all.length : store.placeOf(Number(from.getPosition()!.getCommitPosition()));
    if (place === undefined) return undefined;
    return forwards ? store.all.slice(place, place + count) : store.all.slice(Math.max(0, place - count), place).reverse();
  }

  private streamEvents(options: Options): readonly Stored[] | 'no-stream' {
    const from = options.getStream()!;
    const events = this.around.store.stream(streamNameOf(from.getStreamIdentifier()));
    if (events.length === 0) return 'no-stream';
    const count = Number(options.getCount());
    if (options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS) {
      const first = from.hasRevision() ? Number(from.getRevision()) : from.hasEnd() ? events.length : 0;
      return events.slice(first, first + count);
    }
    const last = from.hasRevision() ? Number(from.getRevision()) : from.hasEnd() ? events.length - 1 : 0;
    return events.slice(Math.max(0, last + 1 - count), last + 1).reverse();
  }
}

/** The place of the first event after the position or revision of a subscription. */
function firstOf(store: Store, options: Options): number | undefined {
  const all = options.getAll();
  const stream = options.getStream();
  if (all?.hasEnd() || stream?.hasEnd()) return store.all.length;
  if (all?.hasPosition()) {
    const place = store.placeOf(Number(all.getPosition()!.getCommitPosition()));
    return place === undefined ? undefined : place + 1;
  }
  if (!stream?.hasRevision()) return 0;
  const last = store.stream(streamNameOf(stream.getStreamIdentifier()))[Number(stream.getRevision())];
  return last ? store.placeOf(last.position)! + 1 : 0;
}

function filterOf(options: Options): (event: Stored) => boolean {
  const filter = options.getFilter();
  const expression = filter?.getEventType() ?? filter?.getStreamIdentifier();
  if (!expression) return () => true;
  const text = ({ type, stream }: Stored) => (filter!.hasEventType() ? type : stream);
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (event) => prefixes.some((prefix) => text(event).startsWith(prefix));
  const pattern = new RegExp(expression.getRegex());
  return (event) => pattern.test(text(event));
}

/** All messages of a call; nothing when it broke off, which looks like an end at first: half an append is none. */
async function received(call: ServerReadableStream<streams.AppendReq, streams.AppendResp>): Promise<streams.AppendReq[] | undefined> {
  const requests: streams.AppendReq[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  call.on('data', (request: streams.AppendReq) => void requests.push(request));
  call.once('end', resolve);
  call.once('cancelled', resolve);
  await promise;
  await setImmediate();
  return call.cancelled ? undefined : requests;
}

function fail(call: Reading, error: ServiceError): void {
  call.emit('error', error);
}

async function write(call: Reading, message: streams.ReadResp): Promise<void> {
  if (call.cancelled || call.write(message)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  call.once('drain', resolve);
  call.once('cancelled', resolve);
  await promise;
  call.off('drain', resolve);
  call.off('cancelled', resolve);
}

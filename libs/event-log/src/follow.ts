// Followers of the log: bounded batches, one at a time, from a checkpoint, until told to stop.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  daysOfUtc,
  LogFailed,
  LogFull,
  originOf,
  reactionsOf,
  Rejection,
  type AnySaga,
  type DayOf,
  type EventLog,
  type Origin,
  type Recorded,
  type RunCommand,
  type Send,
} from '@app/kernel';
import type { Parked } from './follower-book';
import { inOrder } from './in-order';
import { isDiskFull } from './open-log';
import type { ReadModels } from './read-models';

const BATCH_EVENTS_MAX = 1_000;
const TRIES_MAX = 3;
const ROOM_AGAIN_MS = 500;
/** How long the rows of the read models may be on their way into the file. A crash in that time has them taken from the log again. */
const KEEP_MS = 500;
/** How long a saga rests when it has caught up. */
const BREATH_MS = 20;

/** Keeps the read models up with the log. Ends when the signal says so; rejects when the log or the disk fails. */
export async function followWithReadModels(log: EventLog, models: ReadModels, signal: AbortSignal): Promise<void> {
  await Promise.all([takeUp(log, models, signal), keep(models, signal)]);
}

/** While the disk is full a batch waits: it is tried again until there is room. */
async function takeUp(log: EventLog, models: ReadModels, signal: AbortSignal): Promise<void> {
  try {
    const after = models.position;
    for await (const batch of inOrder(log.subscribe(after, { signal, max: BATCH_EVENTS_MAX }), after)) {
      while (!signal.aborted && !hadRoom(models, () => models.apply(batch))) await pause(ROOM_AGAIN_MS, signal);
    }
  } finally {
    models.release();
  }
}

/** Lets the rows of many batches share a transaction, for a moment. */
async function keep(models: ReadModels, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(KEEP_MS, signal);
    hadRoom(models, () => models.commit());
  }
}

/** Does the work unless the disk is full. */
function hadRoom(models: ReadModels, work: () => void): boolean {
  try {
    work();
    models.full = false;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    models.full = true;
  }
  return !models.full;
}

/** The same command until what is in its way has passed: nobody else would send what a saga has to say. */
export function patient(run: RunCommand, signal: AbortSignal, passing: typeof LogFull | typeof LogFailed = LogFull): RunCommand {
  return async (...command) => {
    for (;;) {
      try {
        return await run(...command);
      } catch (error) {
        if (!(error instanceof passing)) throw error;
        await pause(ROOM_AGAIN_MS, signal);
        if (signal.aborted) throw error;
      }
    }
  };
}

/** The same again until there is room for it on the disk. */
export async function whenRoom<Done>(work: () => Done | Promise<Done>, signal: AbortSignal): Promise<Done> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error) || signal.aborted) throw error;
      await pause(ROOM_AGAIN_MS, signal);
    }
  }
}

/** Waits, but no longer than until the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Where a saga's checkpoint and what it parked are kept. */
export interface SagaBook {
  checkpoint(follower: string): number;
  saveCheckpoint(follower: string, position: number): void;
  park(parked: Parked): void;
  unpark(parked: Parked): void;
  isJammed(follower: string, stream: string): boolean;
  parked(): readonly Parked[];
}

export interface SagaParts {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly run: RunCommand;
  readonly signal: AbortSignal;
  /** Now, as an instant in UTC. Without it each event is looked at as of the day on which it was recorded. */
  readonly clock?: () => string;
  /** Where days begin; in UTC without it. */
  readonly dayOf?: DayOf | undefined;
  /** Beside the read models, unless another one is given. */
  readonly book?: SagaBook;
  /** The streams to react to; all without it. */
  readonly owns?: (stream: string) => boolean;
  /** Told of a command that a rule refused, and of an event that was parked. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/**
 * Runs one saga along the log, the events of each stream in their order. Its checkpoint moves when its commands have been
 * answered, so that a crash repeats some of them: their ids make the repetition harmless. An event that fails three
 * times is parked with its reason. Ends when the signal says so; rejects when the log or the disk fails.
 */
export async function followWithSaga(saga: AnySaga, parts: SagaParts): Promise<void> {
  const { log, models, signal, book = models, owns } = parts;
  const after = book.checkpoint(saga.name);
  for await (const batch of inOrder(log.subscribe(after, { signal, max: BATCH_EVENTS_MAX }), after)) {
    const last = batch.at(-1)!.position;
    await models.reached(last);
    if (models.position < last) return; // The read models follow no longer: we are being stopped.
    const done = saga.sameStream ? reactedTo(saga, batch) : undefined;
    const open = batch.filter(({ event, meta }) => Object.hasOwn(saga.on, event.type) && !done?.has(meta.id));
    const ours = owns ? open.filter(({ stream }) => owns(stream)) : open;
    const streams = Map.groupBy(ours, ({ stream }) => stream).values();
    await Promise.all(streams.map((events) => reactInOrder(saga, events, parts)));
    book.saveCheckpoint(saga.name, last);
    // Nobody waits for a saga. What happens in this moment shares its batch, and its commands share one flush of the disk.
    if (batch.length < BATCH_EVENTS_MAX) await pause(BREATH_MS, signal);
  }
}

/** Ids of the events whose reaction was recorded with them: a saga of one stream sends all its commands at once. */
function reactedTo({ name }: AnySaga, batch: readonly Recorded[]): ReadonlySet<string> {
  const done = new Set<string>();
  for (const { meta } of batch) if (meta.actor === name && meta.causation) done.add(meta.causation);
  return done;
}

async function reactInOrder(saga: AnySaga, events: readonly Recorded[], parts: SagaParts): Promise<void> {
  for (const recorded of events) await react(saga, recorded, parts);
}

async function react(saga: AnySaga, recorded: Recorded, parts: SagaParts): Promise<void> {
  const { book = parts.models, signal, warn } = parts;
  const { stream, position } = recorded;
  const jammed = book.isJammed(saga.name, stream);
  const reason = jammed ? 'waits behind an earlier event of its stream' : await reactionFault(saga, recorded, parts);
  if (reason === undefined) return;
  await whenRoom(() => book.park({ follower: saga.name, stream, position, reason }), signal);
  warn('event parked', { saga: saga.name, stream, position, reason });
}

/** Sends what a saga answers to an event, with a few tries. Answers why it could not, or nothing when all is done. */
export async function reactionFault(saga: AnySaga, recorded: Recorded, parts: SagaParts): Promise<string | undefined> {
  const { models, run, warn } = parts;
  const { stream, position, meta } = recorded;
  for (let tries = 1; ; tries++) {
    try {
      const sends = reactionsOf(saga, { ...recorded, on: today(meta.at, parts) }, models);
      await Promise.all(sends.map((send, place) => sendOnce(send, originOf(saga, meta, place, meta.at))));
      return undefined;
    } catch (error) {
      if (error instanceof LogFailed) throw error; // That is no fault of the event.
      if (tries >= TRIES_MAX) return String(error);
    }
  }

  async function sendOnce(send: Send, origin: Origin): Promise<void> {
    const refused = await refusalOf(run, send, origin);
    if (refused) warn('command refused', { saga: saga.name, stream, position, code: refused });
  }
}

/** A process may come late to an event, or its clock go behind that of the one who recorded it. */
function today(recordedAt: string, { clock, dayOf = daysOfUtc }: SagaParts): string {
  const then = dayOf(recordedAt);
  const now = clock ? dayOf(clock()) : then;
  return then > now ? then : now;
}

/** Sends a saga's command. Answers the code when a rule said no: by now there is nothing to do, which is an answer. */
export async function refusalOf(run: RunCommand, { decider, id, command }: Send, origin: Origin): Promise<string | undefined> {
  try {
    await run(decider, id, command, origin);
    return undefined;
  } catch (error) {
    if (!(error instanceof Rejection) || error.code === 'busy') throw error;
    return error.code;
  }
}

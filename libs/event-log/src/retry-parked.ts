// Takes what followers parked once more, when its cause is mended.
import { LogFull, PAGE_EVENTS_MAX, type AnySaga, type EventLog, type Recorded } from '@app/kernel';
import { reactionFault, type SagaParts } from './follow';
import type { Parked } from './follower-book';
import { isDiskFull } from './open-log';

interface Retried {
  readonly taken: number;
  readonly parked: number;
}

/**
 * Takes every parked event again, in the order of the log; the later ones of a stream wait while an earlier one fails.
 * Answers how many went through and how many stay. @throws LogFull where there is no room for what they lead to
 */
export async function retryParked(sagas: readonly AnySaga[], parts: SagaParts): Promise<Retried> {
  try {
    return await takeAgain(sagas, parts);
  } catch (error) {
    throw isDiskFull(error) ? new LogFull(error) : error;
  }
}

async function takeAgain(sagas: readonly AnySaga[], parts: SagaParts): Promise<Retried> {
  const { log, models, book = models } = parts;
  const failed = new Set<string>();
  let taken = 0;
  const parked = book.parked();
  const events = await eventsOf(parked, log);
  for (const one of parked) {
    const line = `${one.follower} ${one.stream}`;
    const recorded = events.get(one.position);
    if (failed.has(line) || !recorded) continue;
    const saga = sagas.find(({ name }) => name === one.follower);
    const reason = saga && (await reactionFault(saga, recorded, parts));
    if (saga && reason === undefined) book.unpark(one);
    else if (saga) book.park({ ...one, reason: reason! });
    const through = saga ? reason === undefined : models.retake(one, recorded);
    if (through) taken++;
    else failed.add(line);
  }
  return { taken, parked: book.parked().length };
}

/** The parked events by position, read from their streams: a log need not have an event at the position before one. */
async function eventsOf(parked: readonly Parked[], log: EventLog): Promise<ReadonlyMap<number, Recorded>> {
  const wanted = new Set(parked.map(({ position }) => position));
  const events = new Map<number, Recorded>();
  for (const [stream, ones] of Map.groupBy(parked, (one) => one.stream)) {
    const last = ones.at(-1)!.position;
    for (let from = 0, more = true; more;) {
      const page = await log.read(stream, { from });
      for (const recorded of page) if (wanted.has(recorded.position)) events.set(recorded.position, recorded);
      from += page.length;
      more = page.length === PAGE_EVENTS_MAX && page.at(-1)!.position < last;
    }
  }
  return events;
}

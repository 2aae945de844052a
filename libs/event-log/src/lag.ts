// How far a follower is behind the log.
import { PAGE_EVENTS_MAX, type EventLog } from '@app/kernel';

export interface Lag {
  /** Events not taken yet; `PAGE_EVENTS_MAX` stands for that many or more. */
  readonly events: number;
  /** For how long the first of them has been in the log; 0 at its end. */
  readonly seconds: number;
}

const NO_LAG: Lag = { events: 0, seconds: 0 };

/**
 * The events are counted in the log itself, a page at most: positions are to compare, and only the embedded logs give
 * each event the next one. The time is that of the first event not taken, since the last one taken may be as old as the
 * silence after it.
 * @param position where the follower stands, 0 or a position that the log gave
 * @param head where the log ends
 * @param now the present instant in milliseconds
 */
export async function lagOf(log: EventLog, { position, head, now }: { position: number; head: number; now: number }): Promise<Lag> {
  if (position >= head) return NO_LAG;
  const waiting = await log.readAll({ after: position, max: PAGE_EVENTS_MAX });
  if (waiting.length === 0) return NO_LAG;
  // Whoever recorded it may have a clock that is ahead of ours.
  return { events: waiting.length, seconds: Math.max(0, now - Date.parse(waiting[0]!.meta.at)) / 1000 };
}

// Whether this process may be asked, and if not, everything that is in the way.
import { PAGE_EVENTS_MAX } from '@app/kernel';
import type { Lag } from '@app/event-log';
import { lagsOf, READ_MODELS, type Following } from './followers';

export interface Readiness {
  /** Where the log ends, and how far the read models are behind it; absent when the log does not say. */
  readonly log?: { readonly position: number; readonly lag: Lag };
  /** What is wrong, in words; empty when ready. */
  readonly wrong: readonly string[];
}

/** For how long an event may wait for the read models of a replica that is called ready. */
const LAG_SECONDS_MAX = 5;
/** A full page: where clocks differ, seconds alone could stay 0 for ever. */
const LAG_EVENTS_MAX = PAGE_EVENTS_MAX;

/**
 * Looks anew each time, so that what was wrong is forgotten when it has passed. Parked events do not count: they hold up
 * one stream, and without this process all others would wait too.
 */
export async function readinessOf(following: Following, now: number): Promise<Readiness> {
  const wrong: string[] = [];
  if (following.signal.aborted) wrong.push('the process is stopping');
  for (const [name, state] of following.followers) if (state === 'stopped') wrong.push(`the follower ${name} has stopped`);
  const looked = await lagsOf(following.log, { positions: new Map([[READ_MODELS, following.models.position]]), now });
  if (!looked) return { wrong: [...wrong, 'the log does not answer'] };
  const lag = looked.lags.get(READ_MODELS)!;
  if (lag.seconds > LAG_SECONDS_MAX) wrong.push(`the read models are ${Math.round(lag.seconds)} seconds behind`);
  if (lag.events >= LAG_EVENTS_MAX) wrong.push(`the read models are ${lag.events} events or more behind`);
  return { log: { position: looked.head, lag }, wrong };
}

// The followers of this process: which of them run, where they stand, and how far they are behind the log.
import { setTimeout as sleep } from 'node:timers/promises';
import { lagOf, type Lag, type ReadModels } from '@app/event-log';
import type { EventLog } from '@app/kernel';

/** A follower that has ended without being told to has stopped: nothing starts it again but a new process. */
export type FollowerState = 'follows' | 'stopped';
/** What is followed, and by whom. */
export interface Following {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly followers: ReadonlyMap<string, FollowerState>;
  /** Where the sagas stand that run in other processes, the last of their partitions; rejects when nobody can say. */
  readonly elsewhere?: () => Promise<ReadonlyMap<string, number>>;
  /** Says to stop. */
  readonly signal: AbortSignal;
}
/** The name under which the read models follow; together they stand where the last of them stands. */
export const READ_MODELS = 'read-models';

const ANSWER_MS_MAX = 2_000;

/** Where every follower stands, here and elsewhere; those elsewhere are left out while nobody can say. */
export async function positionsOf({ models, followers, elsewhere }: Following): Promise<ReadonlyMap<string, number>> {
  const here = [...followers.keys()].map((name) => [name, name === READ_MODELS ? models.position : models.checkpoint(name)] as const);
  return new Map([...here, ...((await elsewhere?.().catch(() => undefined)) ?? [])]);
}

/** Where the log ends and how far each position is behind it; nothing when the log fails or takes too long to say. */
export async function lagsOf(
  log: EventLog,
  { positions, now }: { readonly positions: ReadonlyMap<string, number>; readonly now: number },
): Promise<{ readonly head: number; readonly lags: ReadonlyMap<string, Lag> } | undefined> {
  const late = sleep(ANSWER_MS_MAX, undefined, { ref: false });
  return Promise.race([look().catch(() => undefined), late]);

  async function look() {
    const { position: head } = await log.head();
    const lags = new Map<string, Lag>();
    for (const [name, position] of positions) lags.set(name, await lagOf(log, { position, head, now }));
    return { head, lags };
  }
}

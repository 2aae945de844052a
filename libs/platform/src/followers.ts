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
  /** Says to stop. */
  readonly signal: AbortSignal;
}
/** The name under which the read models follow; together they stand where the last of them stands. */
export const READ_MODELS = 'read-models';

const ANSWER_MS_MAX = 2_000;

export function positionOf({ models }: Pick<Following, 'models'>, follower: string): number {
  return follower === READ_MODELS ? models.position : models.checkpoint(follower);
}

/** Where the log ends and how far each of the named is behind it; nothing when the log fails or takes too long to say. */
export async function lagsOf(
  following: Pick<Following, 'log' | 'models'>,
  { names, now }: { readonly names: Iterable<string>; readonly now: number },
): Promise<{ readonly head: number; readonly lags: ReadonlyMap<string, Lag> } | undefined> {
  const late = sleep(ANSWER_MS_MAX, undefined, { ref: false });
  return Promise.race([look().catch(() => undefined), late]);

  async function look() {
    const { position: head } = await following.log.head();
    const lags = new Map<string, Lag>();
    for (const name of names) lags.set(name, await lagOf(following.log, { position: positionOf(following, name), head, now }));
    return { head, lags };
  }
}

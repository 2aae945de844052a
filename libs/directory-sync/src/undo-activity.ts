// How an undo puts back on which days somebody was active.
import type { SyncPerson } from '@app/organisation';

export type Activity = NonNullable<SyncPerson['active']>;

/** By what the person is active, or not, on the same days as before; whoever was new is inactive from today. */
export function activityBefore(before: readonly Activity[], since: readonly Activity[], today: string): readonly Activity[] {
  if (before.length === 0) return [{ is: false, on: today }];
  // Without a day it takes back the end, as if it had never been.
  const always = { is: true, on: '' };
  const [last, end] = [before.at(-1)!, before.findLast(({ is }) => !is)];
  if (!end) return [always];
  if (!last.is) return [end];
  // For an absence that is over nobody is sent away again who has not gone yet.
  const gone = since.some(({ is, on }) => !is && on <= today);
  return last.on === '' || (last.on <= today && !gone) ? [always] : [always, end, last];
}

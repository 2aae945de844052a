// What can go wrong with a call to the stand-in, and a seeded generator of it.
import type { Random } from '../random';

export type CallKind = 'append' | 'read' | 'subscribe';

export type Fault =
  | 'error-before' // The node says no before anything is kept.
  | 'error-after' // It says no although everything was kept.
  | 'no-reply-before'
  | 'no-reply-after'
  | 'slow'
  | 'reset-before' // All connections of the node break.
  | 'reset-after'
  | 'freeze' // The node stops as it is, its connections open, and goes on later.
  | 'leader-moved'
  | 'ends' // A subscription ends as if that were right,
  | 'fails' // with an error,
  | 'mutes'; // or gives nothing any more.

/** Says of each call what goes wrong with it; mostly nothing. */
export type Nemesis = (kind: CallKind) => Fault | undefined;

export const FAULTS: Readonly<Record<CallKind, readonly Fault[]>> = {
  append: [
    'error-before',
    'error-after',
    'no-reply-before',
    'no-reply-after',
    'slow',
    'reset-before',
    'reset-after',
    'freeze',
    'leader-moved',
  ],
  read: ['error-before', 'error-after', 'no-reply-before', 'slow', 'reset-before', 'reset-after'],
  subscribe: ['error-before', 'no-reply-before', 'ends', 'fails', 'mutes', 'reset-after'],
};

/** Faults of every kind in turn of the seed, for so many in a thousand calls; a subscription mostly does not last. */
export function seededNemesis(random: Random, perMille: Readonly<Record<CallKind, number>>): Nemesis {
  return (kind) => (random.below(1_000) < perMille[kind] ? random.of(FAULTS[kind]) : undefined);
}

// Keys of one file that people cannot tell apart: they differ in upper and lower case, or in the width of their characters.
import type { Drafts } from './drafts';
import type { Piecewise } from './piecewise';
import type { Row } from './sheet';

/** One of them is nearly always a slip, and taken for another person it would decide in the wrong name. */
export function* refuseConfusableKeys({ people, units, positions, assignments, repeats }: Drafts): Piecewise<void> {
  if (repeats) return;
  yield* refuse(people, ({ person }) => person);
  yield* refuse(units, ({ id }) => id);
  yield* refuse(positions, ({ id }) => id);
  yield* refuse(assignments, ({ assignment }) => assignment);
}

/** The same for all that look alike. */
export function lookOf(key: string): string {
  return key.normalize('NFKC').toLowerCase();
}

function* refuse<Draft extends { readonly row: Row }>(drafts: readonly Draft[], keyOf: (draft: Draft) => string): Piecewise<void> {
  const keys = new Map<string, string>();
  const alike = new Map<string, Set<string>>();
  for (const draft of drafts) {
    yield;
    const key = keyOf(draft);
    const look = lookOf(key);
    const first = keys.get(look);
    if (first === undefined) keys.set(look, key);
    else if (first !== key) alike.set(look, (alike.get(look) ?? new Set([first])).add(key));
  }
  if (alike.size === 0) return;
  for (const draft of drafts) {
    const different = alike.get(lookOf(keyOf(draft)));
    if (different) draft.row.refuse('confusable-key', `${[...different].join(' and ')} are told apart by case or width alone`);
  }
}

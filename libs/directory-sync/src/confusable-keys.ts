// Keys of one file that people cannot tell apart: they differ in upper and lower case, or in the width of their characters.
import type { Drafts } from './drafts';
import type { Row } from './sheet';

/** One of them is nearly always a slip, and taken for another person it would decide in the wrong name. */
export function refuseConfusableKeys({ people, units, positions, assignments, repeats }: Drafts): void {
  if (repeats) return;
  refuse(people.map(({ row, person }) => ({ row, key: person })));
  refuse(units.map(({ row, id }) => ({ row, key: id })));
  refuse(positions.map(({ row, id }) => ({ row, key: id })));
  refuse(assignments.map(({ row, assignment }) => ({ row, key: assignment })));
}

/** The same for all that look alike. */
export function lookOf(key: string): string {
  return key.normalize('NFKC').toLowerCase();
}

function refuse(keys: readonly { readonly row: Row; readonly key: string }[]): void {
  for (const alike of Map.groupBy(keys, ({ key }) => lookOf(key)).values()) {
    const different = new Set(alike.map(({ key }) => key));
    if (different.size === 1) continue;
    for (const { row } of alike) row.refuse('confusable-key', `${[...different].join(' and ')} are told apart by case or width alone`);
  }
}

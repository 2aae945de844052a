// Long work in short pieces: it says where others may go on, and whoever runs it lets them.

/** Work that rests at each `yield`. */
export type Piecewise<Result> = Generator<void, Result>;
/** Lets others go on, if the work has had its time. */
export type Pause = () => Promise<void> | undefined;

/** The same as `map` of an array, a piece for each. */
export function* mapped<Item, Result>(items: readonly Item[], make: (item: Item, at: number) => Result): Piecewise<readonly Result[]> {
  const made: Result[] = [];
  for (const [at, item] of items.entries()) {
    yield;
    made.push(make(item, at));
  }
  return made;
}

/** Clocks are looked at once for so many pieces. */
const PIECES_AT_ONCE = 32;

export async function inPieces<Result>(work: Piecewise<Result>, pause: Pause): Promise<Result> {
  for (let pieces = 1; ; pieces++) {
    const { done, value } = work.next();
    if (done) return value;
    if (pieces % PIECES_AT_ONCE === 0) await pause();
  }
}

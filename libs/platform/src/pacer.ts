// For work that would keep everybody else waiting: turns for the others whenever it has had its own.

/** So long others wait at most, each time they have something to do. */
const TURN_MS = 3;
/** A request is passed on from turn to turn: read, decided, written, shown. With one at a time each of them would wait anew. */
const REST_TURNS = 6;

/** What it answers is to be awaited, now and then: nothing when there is time left, else others go first. */
export function pacer(): () => Promise<void> | undefined {
  let begun = performance.now();
  return () => {
    if (performance.now() - begun < TURN_MS) return undefined;
    return new Promise((resolve) => {
      rest(REST_TURNS, () => {
        begun = performance.now();
        resolve();
      });
    });
  };
}

/** Does work that pauses now and then, and lets others go first in its pauses. */
export async function paced<Result>(work: Generator<void, Result>): Promise<Result> {
  const pace = pacer();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    await pace();
  }
}

function rest(turns: number, then: () => void): void {
  setImmediate(() => (turns > 1 ? rest(turns - 1, then) : then()));
}

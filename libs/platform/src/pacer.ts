// For work that would keep everybody else waiting: a turn for the others whenever it has had its own.

/** So long others wait at most, each time they have something to do. */
const TURN_MS = 3;

/** What it answers is to be awaited, now and then: nothing when there is time left, else others go first. */
export function pacer(): () => Promise<void> | undefined {
  let turn = performance.now();
  return () => {
    if (performance.now() - turn < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        turn = performance.now();
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

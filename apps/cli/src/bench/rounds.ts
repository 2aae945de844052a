// Short rounds, the two sides in turn, and the medians of what they gave.

export interface Round {
  /** How much was done in a second. */
  readonly value: number;
  /** Milliseconds of one command. */
  readonly p50: number;
  readonly p99: number;
  readonly flushes?: number;
}

/** How long each round lasts, how many people an import has, and how many a hierarchy at each of its sizes. */
export interface Size {
  readonly roundMs: number;
  readonly people: number;
  readonly sizes: readonly number[];
}

export const ROUNDS = 3;
/** The part of a round that goes before, uncounted. */
const WARM_UP = 0.3;

/** Does the work again and again, so many at a time, until the time is over or `goesOn` says so, and everything has settled. */
export async function round(
  inFlight: number,
  work: (took: (ms: number) => void) => Promise<void>,
  { ms, goesOn, settle }: { ms: number; goesOn?: () => boolean; settle?: () => Promise<void> },
): Promise<Round & { readonly done: number }> {
  const times: number[] = [];
  const took = (time: number) => void times.push(time);
  const start = performance.now();
  const goes = goesOn ?? (() => performance.now() < start + ms);
  let done = 0;
  const one = async () => {
    for (; goes(); done++) await work(took);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  await settle?.();
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  return { done, value: done / seconds, p50: times[times.length >> 1]!, p99: times[Math.floor(times.length * 0.99)]! };
}

/** A short round that is not counted, then both sides in turn, each for so many milliseconds. */
export async function alternating<Side>(
  sides: readonly Side[],
  roundMs: number,
  play: (side: Side, ms: number) => Promise<Round>,
): Promise<Round[]> {
  const rounds = sides.map((): Round[] => []);
  for (const side of sides) await play(side, roundMs * WARM_UP);
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const [at, side] of sides.entries()) rounds[at]!.push(await play(side, roundMs));
  }
  return rounds.map(medians);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function medians(rounds: readonly Round[]): Round {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const flushes = rounds[0]!.flushes === undefined ? {} : { flushes: of((one) => one.flushes!) };
  return { value: of((one) => one.value), p50: of((one) => one.p50), p99: of((one) => one.p99), ...flushes };
}

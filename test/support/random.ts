// One seed, one schedule: a failing run is started again with the seed that it printed.

export interface Random {
  readonly seed: number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of them. */
  of<Item>(items: readonly Item[]): Item;
}

/** The generator mulberry32: small, fast, and the same on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { seed, below, of: (items) => items[below(items.length)]! };
}

/** The seed from the environment, or a new one. */
export function seedOf(environment: NodeJS.ProcessEnv = process.env): number {
  return Number(environment['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
}

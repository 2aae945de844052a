// When a fact holds: local dates as text, half-open; a bound that is absent is open. ISO dates compare as text.

export interface Interval {
  readonly from?: string;
  /** The first day on which it no longer holds. */
  readonly to?: string;
}

export function inEffect({ from, to }: Interval, on: string): boolean {
  return (from === undefined || from <= on) && (to === undefined || on < to);
}

/** Later than any day that somebody names. */
export const LAST_DAY = '9999-12-31';

/** No interval begins before this day, not even one with an open start. */
export const FIRST_DAY = '0000-01-01';

/** Whether there is no day on which it holds. */
export function neverHeld({ from = FIRST_DAY, to }: Interval): boolean {
  return to !== undefined && to <= from;
}

/** The days on which both hold, or nothing when there are none. */
export function shared(one: Interval, other: Interval): Interval | undefined {
  const from = later(one.from, other.from);
  const to = earlier(one.to, other.to);
  if (from !== undefined && to !== undefined && to <= from) return undefined;
  return present({ from, to });
}

/** Whether every day of the inner interval is one of the outer. */
export function within(inner: Interval, outer: Interval): boolean {
  const startsInside = outer.from === undefined || (inner.from !== undefined && outer.from <= inner.from);
  const endsInside = outer.to === undefined || (inner.to !== undefined && inner.to <= outer.to);
  return startsInside && endsInside;
}

/** The same fields without those that are absent: an event is plain JSON, which knows no `undefined`. */
export function present<Fields extends object>(fields: Fields): Fields {
  const kept = {} as Fields;
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

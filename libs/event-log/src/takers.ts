// Which read models wait for events of a type.
import type { AnyProjection } from '@app/kernel';

export type Takers = ReadonlyMap<string, readonly AnyProjection[]>;

/** By type of event, each in the order given. */
export function takersOf(projections: readonly AnyProjection[]): Takers {
  const waits = projections.flatMap((projection) => Object.keys(projection.on).map((type) => ({ type, projection })));
  const byType = Map.groupBy(waits, ({ type }) => type);
  return new Map([...byType].map(([type, found]) => [type, found.map(({ projection }) => projection)]));
}

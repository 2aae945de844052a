// Reads old events in today's shape. The log keeps them as they were written.
import type { Metadata, Typed } from '@app/kernel';

/** From one version of an event's content to the next: `upcasters[type][n]` reads version n+1 as version n+2. */
export type Upcasters = Readonly<Record<string, readonly ((old: any) => Typed)[]>>;

/** The event in its newest shape. */
export function upcast(upcasters: Upcasters, event: Typed, meta: Metadata): Typed {
  return stepsOf(upcasters, event.type)
    .slice((meta.version ?? 1) - 1)
    .reduce<Typed>((shape, step) => step(shape), event);
}

/** The version in which events of a type are written now. */
export function versionOf(upcasters: Upcasters, type: string): number {
  return stepsOf(upcasters, type).length + 1;
}

function stepsOf(upcasters: Upcasters, type: string) {
  return Object.hasOwn(upcasters, type) ? upcasters[type]! : [];
}

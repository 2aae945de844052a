// What must hold of the libraries together; a fault stops the start.
import type { Library } from '@app/kernel';

/**
 * @throws Error when two followers, deciders or event types share a name, a decider's name has a dash, or a saga or
 * projection waits for an event that nothing records
 */
export function requireSound(libraries: readonly Library[]): void {
  const deciders = libraries.flatMap((library) => library.deciders);
  const followers = libraries.flatMap((library) => [...library.projections, ...library.sagas]);
  requireDistinct('follower', ['timers', ...followers.map(({ name }) => name)]);
  requireDistinct(
    'decider',
    deciders.map(({ name }) => name),
  );
  const types = deciders.flatMap(({ events }) => Object.keys(events));
  requireDistinct('event type', types);
  const dashed = deciders.find(({ name }) => name.includes('-'));
  if (dashed) throw new Error(`the decider ${dashed.name} has a dash in its name, which ends the first part of a stream's name`);
  for (const { name, on } of followers) {
    const unknown = Object.keys(on).find((type) => !types.includes(type));
    if (unknown) throw new Error(`${name} waits for ${unknown}, which no decider records`);
  }
}

function requireDistinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Error(`two have the same ${what} name: ${twice}`);
}

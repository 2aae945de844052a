// A read model that counts every event: it is not correct when one comes twice, so that a double effect shows.
import type { AnyProjection, Library } from '@app/kernel';

export function everyEventOf(libraries: readonly Library[]): AnyProjection {
  const types = libraries.flatMap(({ deciders }) => deciders.flatMap(({ events }) => Object.keys(events)));
  const count: AnyProjection['on'][string] = (tables, { type }) =>
    tables.run('insert into every_event values (?, 1) on conflict do update set times = times + 1', type);
  return {
    name: 'every-event',
    schema: 'create table every_event (type text primary key, times integer not null) strict',
    tables: ['every_event'],
    on: Object.fromEntries(types.map((type) => [type, count])),
  };
}

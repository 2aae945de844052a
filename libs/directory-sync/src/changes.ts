// What a plan would change, thing by thing and field by field, for whoever reviews it.
import type { Typed, Views } from '@app/kernel';
import {
  activeFrom,
  assignmentOf,
  linksOf,
  personOf,
  positionOf,
  settle,
  unitOf,
  type ManagerLink,
  type NamedManagers,
  type PositionTreeCommand,
  type ReportingCommand,
  type SyncPerson,
  type UnitTreeCommand,
} from '@app/organisation';

export const CHANGES_SHOWN_MAX = 200;

export interface Change {
  readonly of: 'unit' | 'position' | 'person' | 'assignment' | 'manager';
  readonly id: string;
  readonly change: 'added' | 'changed' | 'ended';
  /** Each field that differs, before and after; an absent side is nothing. */
  readonly fields: Readonly<Record<string, { readonly before?: unknown; readonly after?: unknown }>>;
}

type Fields = Readonly<Record<string, unknown>>;
type PlanCommand = Extract<
  UnitTreeCommand | PositionTreeCommand | SyncPerson | ReportingCommand,
  { type: 'RecordUnits' | 'RecordPositions' | 'SyncPerson' | 'SyncManagers' }
>;

/** What a command of a plan would change; one after the other, as nobody wants to hold all of them at once. */
export function changesOf(views: Views, planned: Typed): Iterable<Change> {
  const command = planned as PlanCommand;
  switch (command.type) {
    case 'RecordUnits':
      return command.units.values().map((unit) => changeOf('unit', unit.id, unitOf(views, unit.id, command.effective), unit));
    case 'RecordPositions':
      return command.positions
        .values()
        .map((position) => changeOf('position', position.id, positionOf(views, position.id, command.effective), position));
    case 'SyncPerson':
      return personChanges(views, command);
    case 'SyncManagers':
      return command.assignments.values().flatMap((named) => managerChanges(views, named, command.effective));
  }
}

function managerChanges(views: Views, named: NamedManagers, effective: string): readonly Change[] {
  const links = linksOf(views, named.assignment);
  const { assigned, ended } = settle(named, links, { links: named.links, effective, fresh: named.fresh === true });
  const before = (id: string) => links.find((link) => link.id === id);
  return [
    ...ended.map(({ id, to }) => ({
      ...changeOf('manager', id, said(before(id)), { ...said(before(id)), to }),
      change: 'ended' as const,
    })),
    ...assigned.map((link) => changeOf('manager', link.id, said(before(link.id)), said(link)!)),
  ];
}

function personChanges(views: Views, { person, details, active, assignments }: SyncPerson): readonly Change[] {
  const before = personOf(views, person);
  const now = before && { username: before.username, givenName: before.givenName, familyName: before.familyName, email: before.email };
  const changes: Change[] = [];
  if (details) changes.push(changeOf('person', person, now, { email: undefined, ...details }));
  if (active && (before ? activeFrom(views, person, active.on) : true) !== active.is)
    changes.push({
      of: 'person',
      id: person,
      change: active.is ? 'changed' : 'ended',
      fields: { active: { before: !active.is, after: active.is } },
    });
  for (const wanted of assignments) {
    const current = assignmentOf(views, wanted.assignment);
    const { person: _person, id: _id, ...fields } = current ?? ({} as NonNullable<typeof current>);
    const { assignment: _assignment, ...after } = wanted;
    const change = changeOf('assignment', wanted.assignment, current && fields, after);
    const ends = current !== undefined && Object.keys(change.fields).join() === 'to' && after.to !== undefined;
    changes.push(ends ? { ...change, change: 'ended' } : change);
  }
  return changes.filter(({ fields }) => Object.keys(fields).length > 0);
}

function changeOf(of: Change['of'], id: string, before: object | undefined, after: object): Change {
  const [old, fresh] = [before ?? {}, after] as [Fields, Fields];
  const fields: Record<string, { before?: unknown; after?: unknown }> = {};
  const compare = (name: string, one: unknown, other: unknown) => {
    if (name === 'id' || one === other || JSON.stringify(one) === JSON.stringify(other)) return;
    fields[name] = { ...(one !== undefined && { before: one }), ...(other !== undefined && { after: other }) };
  };
  for (const name in old) compare(name, old[name], fresh[name]);
  for (const name in fresh) if (!(name in old)) compare(name, undefined, fresh[name]);
  return { of, id, change: before ? 'changed' : 'added', fields };
}

function said(link: ManagerLink | undefined): object | undefined {
  if (!link) return undefined;
  const { id: _id, ...rest } = link;
  return rest;
}

// What a plan would change, thing by thing and field by field, for whoever reviews it.
import type { Views } from '@app/kernel';
import {
  assignmentOf,
  linksOf,
  personOf,
  positionOf,
  settle,
  unitOf,
  type ManagerLink,
  type PositionTreeCommand,
  type ReportingCommand,
  type SyncPerson,
  type UnitTreeCommand,
} from '@app/organisation';
import type { Plan } from './plan-import';

export const CHANGES_SHOWN_MAX = 200;

export interface Change {
  readonly of: 'unit' | 'position' | 'person' | 'assignment' | 'manager';
  readonly id: string;
  readonly change: 'added' | 'changed' | 'ended';
  /** Each field that differs, before and after; an absent side is nothing. */
  readonly fields: Readonly<Record<string, { readonly before?: unknown; readonly after?: unknown }>>;
}

export function changesOf(views: Views, { trees, people, managers }: Plan): readonly Change[] {
  return [...trees, ...people, ...managers].flatMap(({ command }): readonly Change[] => {
    const known = command as UnitTreeCommand | PositionTreeCommand | SyncPerson | Extract<ReportingCommand, { type: 'SyncManagers' }>;
    switch (known.type) {
      case 'RecordUnits':
        return known.units.map((unit) => changeOf('unit', unit.id, unitOf(views, unit.id, known.effective), unit));
      case 'RecordPositions':
        return known.positions.map((position) =>
          changeOf('position', position.id, positionOf(views, position.id, known.effective), position),
        );
      case 'SyncPerson':
        return personChanges(views, known);
      case 'SyncManagers':
        return known.assignments.flatMap((named) => {
          const links = linksOf(views, named.assignment);
          const { assigned, ended } = settle(named, links, { links: named.links, effective: known.effective, fresh: named.fresh === true });
          const before = (id: string) => links.find((link) => link.id === id);
          return [
            ...ended.map(({ id, to }) => ({
              ...changeOf('manager', id, said(before(id)), { ...said(before(id)), to }),
              change: 'ended' as const,
            })),
            ...assigned.map((link) => changeOf('manager', link.id, said(before(link.id)), said(link)!)),
          ];
        });
    }
  });
}

function personChanges(views: Views, { person, details, active, assignments }: SyncPerson): readonly Change[] {
  const before = personOf(views, person);
  const now = before && { username: before.username, givenName: before.givenName, familyName: before.familyName, email: before.email };
  const changes: Change[] = [];
  if (details) changes.push(changeOf('person', person, now, { email: undefined, ...details }));
  if (active && (before?.active ?? true) !== active.is)
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
  const [old, fresh] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after))];
  const fields: Record<string, { before?: unknown; after?: unknown }> = {};
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [one, other] = [old.get(name), fresh.get(name)];
    if (name === 'id' || JSON.stringify(one) === JSON.stringify(other)) continue;
    fields[name] = { ...(one !== undefined && { before: one }), ...(other !== undefined && { after: other }) };
  }
  return { of, id, change: before ? 'changed' : 'added', fields };
}

function said(link: ManagerLink | undefined): object | undefined {
  if (!link) return undefined;
  const { id: _id, ...rest } = link;
  return rest;
}

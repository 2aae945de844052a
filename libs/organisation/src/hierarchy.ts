// The hierarchy as rows: people, assignments, manager links and the two trees, ready to be asked as of any day.
import type { Projection, Recorded, Tables } from '@app/kernel';
import type { ManagerLink } from './manager-link';
import { maskOf } from './responsibility-mask';
import type { AssignmentFields, PersonDetails, PersonEvent } from './person';
import type { PositionTreeEvent } from './position-tree';
import type { PositionTypesEvent } from './position-types';
import type { ReportingEvent } from './reporting';
import type { UnitTreeEvent } from './unit-tree';

type HierarchyEvent = PersonEvent | ReportingEvent | UnitTreeEvent | PositionTreeEvent | PositionTypesEvent;

/** `recorded` is the position of the row's last event: when we learned it. An open start is '', which is before any day. */
const SCHEMA = `
  create table people (
    id text primary key, username text not null, given_name text not null, family_name text not null, email text,
    active integer not null, recorded integer not null) strict, without rowid;
  create index people_by_username on people (username);
  create table assignments (
    id text primary key, person text not null, position_type text not null, position text, unit text, title text,
    valid_from text not null, valid_to text, cost_centre text, started integer not null, recorded integer not null) strict, without rowid;
  create index assignments_by_person on assignments (person, id);
  create index assignments_by_position on assignments (position, id) where position is not null;
  create table manager_links (
    id text primary key, assignment text not null, person text not null, manager text not null, manager_assignment text,
    kind text not null, responsibilities integer not null, valid_from text not null, valid_to text,
    recorded integer not null) strict, without rowid;
  create index links_by_assignment on manager_links (assignment);
  create index links_by_manager on manager_links (manager, assignment);
  create table units (id text primary key, name text not null, parent text, recorded integer not null) strict, without rowid;
  create table positions (
    id text primary key, title text not null, superior text, unit text, recorded integer not null) strict, without rowid;
  create table position_types (
    id text primary key, name text not null, unit_mandatory integer not null, manager_mandatory integer not null,
    may_request_learning integer not null, aspirational integer not null, at_most integer,
    recorded integer not null) strict, without rowid;`;

export const hierarchy: Projection<HierarchyEvent> = {
  name: 'hierarchy',
  schema: SCHEMA,
  tables: ['people', 'assignments', 'manager_links', 'units', 'positions', 'position_types'],
  on: {
    PersonRegistered: (tables, event, recorded) =>
      tables.run('insert or replace into people values (?, ?, ?, ?, ?, 1, ?)', event.person, ...detailCells(event), recorded.position),
    PersonDetailsChanged: (tables, event, { position }) =>
      tables.run(
        'update people set username = ?, given_name = ?, family_name = ?, email = ?, recorded = ? where id = ?',
        ...detailCells(event),
        position,
        event.person,
      ),
    PersonDeactivated: (tables, event, { position }) =>
      tables.run('update people set active = 0, recorded = ? where id = ?', position, event.person),
    PersonReactivated: (tables, event, { position }) =>
      tables.run('update people set active = 1, recorded = ? where id = ?', position, event.person),
    AssignmentStarted: writeAssignment,
    AssignmentChanged: writeAssignment,
    AssignmentEnded: (tables, { assignment, to }, { position }) =>
      tables.run('update assignments set valid_to = ?, recorded = ? where id = ?', to, position, assignment),
    ManagersAssigned: (tables, { links }, { position }) => links.forEach((link) => writeLink(tables, link, position)),
    ManagersEnded: (tables, { links }, { position }) =>
      links.forEach(({ id, to }) => tables.run('update manager_links set valid_to = ?, recorded = ? where id = ?', to, position, id)),
    UnitsRecorded: (tables, { units }, { position }) =>
      units.forEach(({ id, name, parent }) =>
        tables.run('insert or replace into units values (?, ?, ?, ?)', id, name, parent ?? null, position),
      ),
    PositionsRecorded: (tables, { positions }, { position }) =>
      positions.forEach(({ id, title, superior, unit }) =>
        tables.run('insert or replace into positions values (?, ?, ?, ?, ?)', id, title, superior ?? null, unit ?? null, position),
      ),
    PositionTypesRecorded: (tables, { types }, { position }) =>
      types.forEach((type) =>
        tables.run(
          'insert or replace into position_types values (?, ?, ?, ?, ?, ?, ?, ?)',
          type.id,
          type.name,
          Number(type.unitMandatory),
          Number(type.managerMandatory),
          Number(type.mayRequestLearning),
          Number(type.aspirational),
          type.atMost ?? null,
          position,
        ),
      ),
  },
};

function writeAssignment(tables: Tables, event: AssignmentFields & { readonly person: string }, { position }: Recorded): void {
  tables.run(
    `insert or replace into assignments
      values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ifnull((select started from assignments where id = ?1), ?10), ?10)`,
    event.assignment,
    event.person,
    event.positionType,
    event.position ?? null,
    event.unit ?? null,
    event.title ?? null,
    event.from,
    event.to ?? null,
    event.costCentre ?? null,
    position,
  );
}

function writeLink(tables: Tables, link: ManagerLink, position: number): void {
  tables.run(
    'insert or replace into manager_links values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    link.id,
    link.assignment,
    link.person,
    link.manager,
    link.managerAssignment ?? null,
    link.kind,
    maskOf(link.responsibilities),
    link.from ?? '',
    link.to ?? null,
    position,
  );
}

function detailCells({ username, givenName, familyName, email }: PersonDetails): [string, string, string, string | null] {
  return [username, givenName, familyName, email ?? null];
}

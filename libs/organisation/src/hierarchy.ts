// The hierarchy as rows: people, assignments, manager links and the two trees, ready to be asked as of any day and as known at any position.
import type { Handlers, Projection, Recorded, Tables, Typed } from '@app/kernel';
import { present } from './interval';
import type { ManagerLink } from './manager-link';
import { maskOf } from './responsibility-mask';
import type { AssignmentFields, PersonDetails, PersonEvent } from './person';
import { SEARCH_SCHEMA, SEARCH_TABLES, soughtIn, takeOtherText, takePersonText } from './people-search';
import type { PositionTreeEvent } from './position-tree';
import type { PositionTypesEvent } from './position-types';
import type { ReportingEvent } from './reporting';
import { WHOLE_SITE, type ReportingModesEvent } from './reporting-modes';
import { changer, remover, schemaOf, tablesOf, writer, type FactTable } from './two-times';
import type { NodeEnd } from './tree';
import type { UnitTreeEvent } from './unit-tree';

type HierarchyEvent = PersonEvent | ReportingEvent | ReportingModesEvent | UnitTreeEvent | PositionTreeEvent | PositionTypesEvent;

const PEOPLE: FactTable = {
  name: 'people',
  key: ['id'],
  columns: [
    'id text not null',
    'username text not null',
    'given_name text not null',
    'family_name text not null',
    'email text',
    // By what the person is found, as it is compared.
    'sought text not null',
    'active integer not null',
    // The last days of inactivity, half-open.
    'inactive_from text',
    'inactive_to text',
  ],
  indexes: { people_by_username: '(username)' },
};
const ASSIGNMENTS: FactTable = {
  name: 'assignments',
  key: ['id'],
  columns: [
    'id text not null',
    'person text not null',
    'position_type text not null',
    'position text',
    'unit text',
    'title text',
    'valid_from text not null',
    'valid_to text',
    'cost_centre text',
    // Position of its first event.
    'started integer not null',
  ],
  kept: ['started'],
  indexes: {
    assignments_by_person: '(person, id)',
    assignments_by_position: '(position, id) where position is not null',
  },
};
/** An open start is '', which is before any day. */
const MANAGER_LINKS: FactTable = {
  name: 'manager_links',
  key: ['id'],
  columns: [
    'id text not null',
    'assignment text not null',
    'person text not null',
    'manager text not null',
    'manager_assignment text',
    'kind text not null',
    'responsibilities integer not null',
    'valid_from text not null',
    'valid_to text',
  ],
  indexes: { links_by_assignment: '(assignment)', links_by_manager: '(manager, assignment)' },
};
/** A node has a row for each day from which it is another, or ended; it holds until the next one begins. */
const UNITS: FactTable = {
  name: 'units',
  key: ['id', 'valid_from'],
  columns: ['id text not null', 'valid_from text not null', 'name text not null', 'parent text', 'ended integer not null'],
  indexes: { units_by_parent: '(parent, id)', units_by_day: '(valid_from, id)', units_ended: '(id) where ended = 1' },
};
const POSITIONS: FactTable = {
  name: 'positions',
  key: ['id', 'valid_from'],
  columns: ['id text not null', 'valid_from text not null', 'title text not null', 'superior text', 'unit text', 'ended integer not null'],
  indexes: {
    positions_by_superior: '(superior, id)',
    positions_by_day: '(valid_from, id)',
    positions_ended: '(id) where ended = 1',
    positions_by_unit: '(unit, id) where unit is not null',
  },
};
const POSITION_TYPES: FactTable = {
  name: 'position_types',
  key: ['id'],
  columns: [
    'id text not null',
    'name text not null',
    'unit_mandatory integer not null',
    'manager_mandatory integer not null',
    'may_request_learning integer not null',
    'aspirational integer not null',
    'at_most integer',
  ],
};

/** A choice has a row for each day from which it is another, like the node of a tree. */
const MODES: FactTable = {
  name: 'reporting_modes',
  key: ['unit', 'valid_from'],
  columns: ['unit text not null', 'valid_from text not null', 'mode text not null'],
};

/** Every table of the organisation that answers in two times. */
export const HIERARCHY: readonly FactTable[] = [PEOPLE, ASSIGNMENTS, MANAGER_LINKS, UNITS, POSITIONS, POSITION_TYPES, MODES];

const writePerson = writer(PEOPLE);
const writeAssignment = writer(ASSIGNMENTS);
const writeLink = writer(MANAGER_LINKS);
const writeUnit = writer(UNITS);
const writePosition = writer(POSITIONS);
const writeType = writer(POSITION_TYPES);
const writeMode = writer(MODES);
const changeDetails = changer(PEOPLE, 'username = ?, given_name = ?, family_name = ?, email = ?, sought = ?');
const deactivate = changer(PEOPLE, 'active = 0, inactive_from = ?, inactive_to = null');
// One recorded without a day takes the inactivity back.
const reactivate = changer(PEOPLE, 'active = 1, inactive_to = ifnull(?, inactive_from)');
const endAssignment = changer(ASSIGNMENTS, 'valid_to = ?');
const endLink = changer(MANAGER_LINKS, 'valid_to = ?');

export const hierarchy: Projection<HierarchyEvent> = {
  name: 'hierarchy',
  // The first position of each instant: where in the log knowledge stood at a time.
  schema: `${HIERARCHY.map(schemaOf).join('\n')}
    create table recorded_instants (at text primary key, first integer not null) strict, without rowid;
    ${SEARCH_SCHEMA}`,
  tables: [...tablesOf(HIERARCHY), 'recorded_instants', ...SEARCH_TABLES],
  on: timed({
    PersonRegistered: (tables, event, { position }) => {
      const cells = detailCells(event);
      writePerson(tables, position, event.person, ...cells, 1, null, null);
      takePersonText(tables, position, event.person, cells[4]);
    },
    PersonDetailsChanged: (tables, event, { position }) => {
      const cells = detailCells(event);
      changeDetails(tables, position, ...cells, event.person);
      takePersonText(tables, position, event.person, cells[4]);
    },
    PersonDeactivated: (tables, { person, on }, { position }) => deactivate(tables, position, on, person),
    PersonReactivated: (tables, { person, on }, { position }) => reactivate(tables, position, on ?? null, person),
    AssignmentStarted: takeAssignment,
    AssignmentChanged: takeAssignment,
    AssignmentEnded: (tables, { assignment, to }, { position }) => endAssignment(tables, position, to, assignment),
    ManagersAssigned: (tables, { links }, { position }) => links.forEach((link) => takeLink(tables, link, position)),
    ManagersEnded: (tables, { links }, { position }) => links.forEach(({ id, to }) => endLink(tables, position, to, id)),
    ReportingModeChosen: (tables, { unit = WHOLE_SITE, mode, effective }, { position }) =>
      writeMode(tables, position, unit, effective, mode),
    UnitsRecorded: (tables, { units, effective }, { position }) => {
      for (const { id, name, parent = null } of units) {
        if (effective === undefined) forgetVersions(tables, UNITS, { id, position });
        writeUnit(tables, position, id, effective ?? '', name, parent, 0);
        takeOtherText(tables, `${id}\n${name}`);
      }
    },
    PositionsRecorded: (tables, { positions, effective }, { position }) => {
      for (const { id, title, superior = null, unit = null } of positions) {
        if (effective === undefined) forgetVersions(tables, POSITIONS, { id, position });
        writePosition(tables, position, id, effective ?? '', title, superior, unit, 0);
      }
    },
    UnitsEnded: (tables, { units }, { position }) => {
      for (const { id, to } of units) {
        forgetEnd(tables, UNITS, present({ id, to, position }));
        if (to !== undefined) writeUnit(tables, position, id, to, '', null, 1);
      }
    },
    PositionsEnded: (tables, { positions }, { position }) => {
      for (const { id, to } of positions) {
        forgetEnd(tables, POSITIONS, present({ id, to, position }));
        if (to !== undefined) writePosition(tables, position, id, to, '', null, null, 1);
      }
    },
    PositionTypesRecorded: (tables, { types }, { position }) =>
      types.forEach(({ id, name, unitMandatory, managerMandatory, mayRequestLearning, aspirational, atMost }) => {
        const rules = [unitMandatory, managerMandatory, mayRequestLearning, aspirational].map(Number);
        writeType(tables, position, id, name, ...rules, atMost ?? null);
      }),
  }),
};

/** The same handlers, each of which first notes when we learned it. */
function timed(handlers: Handlers<HierarchyEvent>): Handlers<HierarchyEvent> {
  type Handler = (tables: Tables, event: Typed, recorded: Recorded) => void;
  const noted = Object.entries(handlers as Readonly<Record<string, Handler>>).map(([type, handler]): [string, Handler] => [
    type,
    (tables, event, recorded) => {
      tables.run('insert or ignore into recorded_instants values (?, ?)', recorded.meta.at, recorded.position);
      handler(tables, event, recorded);
    },
  ]);
  return Object.fromEntries(noted);
}

/** What a node was from other days on is believed no longer: it always was as it is recorded now. */
function forgetVersions(tables: Tables, fact: FactTable, { id, position }: { id: string; position: number }): void {
  forget(tables, fact, { id, position }, ({ day }) => day !== '');
}

/** An end that comes last is believed no longer, nor is what was to be on the day of the new one or later. */
function forgetEnd(tables: Tables, fact: FactTable, { id, to, position }: NodeEnd & { readonly position: number }): void {
  forget(tables, fact, { id, position }, ({ day, ended }, last) => (last && ended === 1) || (to !== undefined && day >= to));
}

interface Version {
  readonly day: string;
  readonly ended: number;
}

/** As superseded the rows go to the past, from which they are still known. */
function forget(
  tables: Tables,
  fact: FactTable,
  { id, position }: { readonly id: string; readonly position: number },
  which: (version: Version, last: boolean) => boolean,
): void {
  const versions = tables.all<Version>(`select valid_from as day, ended from ${fact.name} where id = ? order by valid_from`, id);
  for (const [at, version] of versions.entries()) {
    if (which(version, at === versions.length - 1)) remover(fact)(tables, position, id, version.day);
  }
}

function takeAssignment(tables: Tables, event: AssignmentFields & { readonly person: string }, { position }: Recorded): void {
  const { assignment, person, positionType, position: post, unit, title, from, to, costCentre } = event;
  const cells = [assignment, person, positionType, post ?? null, unit ?? null, title ?? null, from, to ?? null, costCentre ?? null];
  writeAssignment(tables, position, ...cells, position);
  for (const text of [title, unit]) if (text !== undefined) takeOtherText(tables, text);
}

function takeLink(tables: Tables, link: ManagerLink, position: number): void {
  const { id, assignment, person, manager, managerAssignment = null, kind, responsibilities, from = '', to = null } = link;
  writeLink(tables, position, id, assignment, person, manager, managerAssignment, kind, maskOf(responsibilities), from, to);
}

type DetailCells = [username: string, givenName: string, familyName: string, email: string | null, sought: string];
function detailCells(details: PersonDetails & { readonly person: string }): DetailCells {
  const { person, username, givenName, familyName, email } = details;
  return [username, givenName, familyName, email ?? null, soughtIn(person, details)];
}

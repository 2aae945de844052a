// A saved mapping: how the files of a system are read that no preset knows. Each change is a version, and all versions stay.
import { reject, type Decider } from '@app/kernel';
import { FIELDS, fieldOfElement } from './fields';
import { foldedHeader, requiredBy, type Mapping } from './mapping';
import { PRESETS } from './presets';

export type ImportMappingCommand = { type: 'SaveImportMapping'; name: string; mapping: Mapping } | { type: 'RetireImportMapping' };
export type ImportMappingEvent =
  { type: 'ImportMappingSaved'; name: string; version: number; mapping: Mapping } | { type: 'ImportMappingRetired' };
interface State {
  readonly version: number;
  /** Absent before the first version, and while it is retired. */
  readonly mapping?: Mapping;
}

/** What is wrong with one part of a mapping. */
interface Fault {
  readonly field: string;
  readonly message: string;
}

/** Stream id: the name. */
export const importMapping: Decider<State, ImportMappingCommand, ImportMappingEvent> = {
  name: 'importMapping',
  initial: { version: 0 },
  events: { ImportMappingSaved: { name: 'text', version: 'number', mapping: 'record' }, ImportMappingRetired: {} },
  decide(command, { version, mapping }) {
    switch (command.type) {
      case 'SaveImportMapping': {
        const wanted = partsOf(command.mapping);
        const errors = faultsIn(command.name, wanted);
        if (errors.length > 0) {
          const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
          return reject('invalid', 'bad-mapping', { errors, detail });
        }
        if (mapping && JSON.stringify(mapping) === JSON.stringify(wanted)) return [];
        return [{ type: 'ImportMappingSaved', name: command.name, version: version + 1, mapping: wanted }];
      }
      case 'RetireImportMapping':
        if (version === 0) return reject('not-found', 'unknown-preset');
        return mapping ? [{ type: 'ImportMappingRetired' }] : [];
    }
  },
  evolve({ version }, event) {
    switch (event.type) {
      case 'ImportMappingSaved':
        return { version: event.version, mapping: event.mapping };
      case 'ImportMappingRetired':
        return { version };
    }
  },
};

function partsOf({ element, columns, required, ignored, vacant, top, blankKeeps, written }: Mapping): Mapping {
  return {
    element,
    columns,
    ...(required && { required }),
    ...(ignored && { ignored }),
    ...(vacant && { vacant }),
    ...(top && { top }),
    ...(blankKeeps && { blankKeeps }),
    ...(written && { written }),
  };
}

/** Everything that is wrong with it, so that nobody has to find it out one by one. */
function faultsIn(name: string, mapping: Mapping): readonly Fault[] {
  const { element, columns, required = [], ignored = [] } = mapping;
  const faults: Fault[] = [];
  const fault = (field: string, message: string) => faults.push({ field, message });
  if (Object.hasOwn(PRESETS, name)) fault('name', 'is that of a preset which comes with the product');
  const feeds = new Map<string, string>();
  for (const [field, headers] of Object.entries(columns)) {
    if (!fieldOfElement(element, field) || field.includes('#')) {
      fault(`columns.${field}`, `is no field of ${element}; its fields are ${Object.keys(FIELDS[element]).join(', ')}`);
      continue;
    }
    if (headers.length === 0) fault(`columns.${field}`, 'names no column');
    for (const header of headers) {
      const folded = foldedHeader(header);
      const other = feeds.get(folded);
      if (folded === '') fault(`columns.${field}`, 'names a blank column');
      else if (other !== undefined) fault(`columns.${field}`, `names ${header}, which feeds ${other} already`);
      else if (header.includes('#') && element !== 'users') fault(`columns.${field}`, `names ${header}; only users have numbered columns`);
      else feeds.set(folded, field);
    }
  }
  for (const field of required) if (!Object.hasOwn(columns, field)) fault('required', `names ${field}, which has no column`);
  for (const field of requiredBy({ element, columns })) {
    if (!Object.hasOwn(columns, field)) fault(`columns.${field}`, `is missing; ${element} need it`);
  }
  for (const header of ignored) {
    const field = feeds.get(foldedHeader(header));
    if (field !== undefined) fault('ignored', `names ${header}, which feeds ${field}`);
  }
  return faults;
}

// Saved mappings with all their versions, and what a preset's name stands for.
import { reject, type Projection, type Views } from '@app/kernel';
import type { ImportMappingEvent } from './import-mapping';
import type { Mapping } from './mapping';
import { PRESETS } from './presets';

export interface SavedMapping {
  readonly name: string;
  readonly version: number;
  readonly mapping: Mapping;
  readonly savedBy: string;
  readonly savedAt: string;
  readonly retired: boolean;
}
/** The mappings of the files that belong together, and which version of them when they are saved ones. */
export interface ChosenMappings {
  readonly mappings: readonly Mapping[];
  readonly version?: number;
}

export const importMappings: Projection<ImportMappingEvent> = {
  name: 'import-mappings',
  schema: `create table import_mappings (
    name text not null, version integer not null, mapping text not null, saved_by text not null, saved_at text not null,
    retired integer not null default 0, primary key (name, version)) strict, without rowid`,
  tables: ['import_mappings'],
  on: {
    ImportMappingSaved: (tables, { name, version, mapping }, { meta }) =>
      tables.run(
        'insert or replace into import_mappings (name, version, mapping, saved_by, saved_at) values (?, ?, ?, ?, ?)',
        name,
        version,
        JSON.stringify(mapping),
        meta.actor,
        meta.at,
      ),
    ImportMappingRetired: (tables, _event, { stream }) =>
      tables.run('update import_mappings set retired = 1 where name = ?', stream.slice(stream.indexOf('-') + 1)),
  },
};

/**
 * The mappings of that name as they are now, or as they were in that version: a plan is carried out as it was made.
 * @throws Rejection `unknown-preset`
 */
export function mappingsFor(views: Views, preset: string, version?: number): ChosenMappings {
  if (Object.hasOwn(PRESETS, preset)) return { mappings: PRESETS[preset]! };
  const saved = savedMapping(views, preset, version);
  if (saved && (version !== undefined || !saved.retired)) return { mappings: [saved.mapping], version: saved.version };
  const names = [...Object.keys(PRESETS), ...listMappings(views).map(({ name }) => name)].join(', ');
  const detail = saved ? `${preset} is retired; the presets are ${names}` : `the presets are ${names}`;
  return reject('invalid', 'unknown-preset', { preset, detail });
}

/** The version that is named, or the latest. */
export function savedMapping(views: Views, name: string, version?: number): SavedMapping | undefined {
  const row = views.get<MappingRow>(
    'select * from import_mappings where name = ? and version = ifnull(?, version) order by version desc limit 1',
    name,
    version ?? null,
  );
  return row && savedFrom(row);
}

/** Those in use, each in its latest version. */
export function listMappings(views: Views): readonly SavedMapping[] {
  return views
    .all<MappingRow>(
      `select * from import_mappings as one
        where retired = 0 and version = (select max(version) from import_mappings where name = one.name) order by name`,
    )
    .map(savedFrom);
}

interface MappingRow {
  readonly name: string;
  readonly version: number;
  readonly mapping: string;
  readonly saved_by: string;
  readonly saved_at: string;
  readonly retired: number;
}

function savedFrom({ name, version, mapping, saved_by, saved_at, retired }: MappingRow): SavedMapping {
  return { name, version, mapping: JSON.parse(mapping), savedBy: saved_by, savedAt: saved_at, retired: retired === 1 };
}

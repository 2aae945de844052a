// Imports, for listing them and reading their results.
import type { Cell, Projection, Views } from '@app/kernel';
import { present } from '@app/organisation';
import type { ChangeSetEvent, RejectedRow, Source } from './change-set';

export interface ImportRecord {
  readonly id: string;
  readonly preset: string;
  readonly element?: string;
  /** Of the saved mapping by which the files were read, where the preset is one. */
  readonly mappingVersion?: number;
  readonly rows: number;
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
  /** What the planner said of how the files are written. */
  readonly dates?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly overlap?: string;
  /** Of one that was planned: by whom, and what its plan comes to. */
  readonly plannedBy?: string;
  readonly plan?: string;
  /** Absent while it is only a plan. */
  readonly startedBy?: string;
  readonly startedAt?: string;
  /** Why it was allowed to end more than the guard lets pass. */
  readonly reason?: string;
  /** Absent while it runs, and for ever when it was cut off; the same files again complete it. */
  readonly finishedAt?: string;
  /** The import that this one takes back, and the one that took this one back. */
  readonly undoes?: string;
  readonly undoneBy?: string;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejectedCount: number;
  /** The first of them. */
  readonly rejected: readonly RejectedRow[];
  /** Where in the log it was planned, and once it has started where that was. */
  readonly position: number;
}

const SOURCE_COLUMNS = 'id, preset, element, mapping_version, rows, digest, effective, mode';

export const imports: Projection<ChangeSetEvent> = {
  name: 'imports',
  schema: `
    create table imports (
      id text primary key, preset text not null, element text, mapping_version integer, rows integer not null, digest text not null,
      effective text not null, mode text not null, dates text, encoding text, delimiter text, overlap text, planned_by text, plan text,
      started_by text, started_at text, reason text, finished_at text,
      undoes text, undone_by text, added integer not null default 0, changed integer not null default 0, ended integer not null default 0,
      unchanged integer not null default 0, rejected_count integer not null default 0, rejected text not null default '[]',
      position integer not null) strict;
    create index imports_by_position on imports (position);
    create index imports_by_digest on imports (digest);`,
  tables: ['imports'],
  on: {
    ImportPlanned: (tables, { dates, encoding, delimiter, overlap, plan, ...source }, { stream, meta, position }) =>
      tables.run(
        `insert or replace into imports (${SOURCE_COLUMNS}, dates, encoding, delimiter, overlap, planned_by, plan, position)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...sourceCells(stream, source),
        dates ?? null,
        encoding ?? null,
        delimiter ?? null,
        overlap ?? null,
        meta.actor,
        plan,
        position,
      ),
    ImportStarted: (tables, { reason, undoes, ...source }, { stream, meta, position }) =>
      tables.run(
        `insert into imports (${SOURCE_COLUMNS}, started_by, started_at, reason, undoes, position)
          values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
          on conflict (id) do update set started_by = ?9, started_at = ?10, reason = ?11, undoes = ?12, position = ?13`,
        ...sourceCells(stream, source),
        meta.actor,
        meta.at,
        reason ?? null,
        undoes ?? null,
        position,
      ),
    ImportFinished: (tables, { added, changed, ended, unchanged, rejected, rejectedCount }, { stream, meta }) =>
      tables.run(
        'update imports set finished_at = ?, added = ?, changed = ?, ended = ?, unchanged = ?, rejected_count = ?, rejected = ? where id = ?',
        meta.at,
        added,
        changed,
        ended,
        unchanged,
        rejectedCount,
        JSON.stringify(rejected),
        idOf(stream),
      ),
    ImportUndone: (tables, { by }, { stream }) => tables.run('update imports set undone_by = ? where id = ?', by, idOf(stream)),
  },
};

/** The cells that a plan and a start have alike, in the order of the columns. */
function sourceCells(stream: string, { preset, element, mappingVersion, rows, digest, effective, mode }: Source): readonly Cell[] {
  return [idOf(stream), preset, element ?? null, mappingVersion ?? null, rows, digest, effective, mode];
}

/** Who else planned the same import: the same files, that came to what they come to now. */
export function plannedBefore(
  views: Views,
  { preset, digest, effective, mode, plan }: Required<Pick<ImportRecord, 'preset' | 'digest' | 'effective' | 'mode' | 'plan'>>,
  actor: string,
): string | undefined {
  return views.get<{ planned_by: string }>(
    'select planned_by from imports where digest = ? and preset = ? and effective = ? and mode = ? and plan = ? and planned_by <> ? limit 1',
    digest,
    preset,
    effective,
    mode,
    plan,
    actor,
  )?.planned_by;
}

export function importOf(views: Views, id: string): ImportRecord | undefined {
  const row = views.get<ImportRow>('select * from imports where id = ?', id);
  return row && recordFrom(row);
}

/** The latest first; `before` is the id of the last one of the page before. */
export function listImports(
  views: Views,
  { before, limit }: { readonly before?: string; readonly limit: number },
): readonly ImportRecord[] {
  const position =
    before === undefined ? undefined : views.get<{ position: number }>('select position from imports where id = ?', before)?.position;
  return views
    .all<ImportRow>('select * from imports where position < ? order by position desc limit +?', position ?? Number.MAX_SAFE_INTEGER, limit)
    .map(recordFrom);
}

interface ImportRow {
  readonly id: string;
  readonly preset: string;
  readonly element: string | null;
  readonly mapping_version: number | null;
  readonly rows: number;
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
  readonly dates: string | null;
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly overlap: string | null;
  readonly planned_by: string | null;
  readonly plan: string | null;
  readonly started_by: string | null;
  readonly started_at: string | null;
  readonly reason: string | null;
  readonly finished_at: string | null;
  readonly undoes: string | null;
  readonly undone_by: string | null;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejected_count: number;
  readonly rejected: string;
  readonly position: number;
}

function recordFrom(row: ImportRow): ImportRecord {
  const { id, preset, rows, digest, effective, mode, added, changed, ended, unchanged, position } = row;
  return present({
    id,
    preset,
    element: row.element ?? undefined,
    mappingVersion: row.mapping_version ?? undefined,
    rows,
    digest,
    effective,
    mode,
    dates: row.dates ?? undefined,
    encoding: row.encoding ?? undefined,
    delimiter: row.delimiter ?? undefined,
    overlap: row.overlap ?? undefined,
    plannedBy: row.planned_by ?? undefined,
    plan: row.plan ?? undefined,
    startedBy: row.started_by ?? undefined,
    startedAt: row.started_at ?? undefined,
    reason: row.reason ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    undoes: row.undoes ?? undefined,
    undoneBy: row.undone_by ?? undefined,
    added,
    changed,
    ended,
    unchanged,
    rejectedCount: row.rejected_count,
    rejected: JSON.parse(row.rejected),
    position,
  });
}

function idOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}

// Imports, for listing them and reading their results.
import type { Projection, Views } from '@app/kernel';
import type { ChangeSetEvent, RejectedRow } from './change-set';

export interface ImportRecord {
  readonly id: string;
  readonly preset: string;
  readonly element?: string;
  readonly rows: number;
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
  readonly startedBy: string;
  readonly startedAt: string;
  /** Absent while it runs, and for ever when it was cut off; the same files again complete it. */
  readonly finishedAt?: string;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejectedCount: number;
  /** The first of them. */
  readonly rejected: readonly RejectedRow[];
  /** Where in the log it started. */
  readonly position: number;
}

export const imports: Projection<ChangeSetEvent> = {
  name: 'imports',
  schema: `
    create table imports (
      id text primary key, preset text not null, element text, rows integer not null, digest text not null, effective text not null,
      mode text not null, started_by text not null, started_at text not null, finished_at text, added integer not null,
      changed integer not null, ended integer not null, unchanged integer not null, rejected_count integer not null,
      rejected text not null, position integer not null) strict;
    create index imports_by_position on imports (position);`,
  tables: ['imports'],
  on: {
    ImportStarted: (tables, { preset, element, rows, digest, effective, mode }, { stream, meta, position }) =>
      tables.run(
        "insert or replace into imports values (?, ?, ?, ?, ?, ?, ?, ?, ?, null, 0, 0, 0, 0, 0, '[]', ?)",
        idOf(stream),
        preset,
        element ?? null,
        rows,
        digest,
        effective,
        mode,
        meta.actor,
        meta.at,
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
  },
};

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
  readonly rows: number;
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
  readonly started_by: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejected_count: number;
  readonly rejected: string;
  readonly position: number;
}

function recordFrom(row: ImportRow): ImportRecord {
  return {
    id: row.id,
    preset: row.preset,
    ...(row.element !== null && { element: row.element }),
    rows: row.rows,
    digest: row.digest,
    effective: row.effective,
    mode: row.mode,
    startedBy: row.started_by,
    startedAt: row.started_at,
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
    added: row.added,
    changed: row.changed,
    ended: row.ended,
    unchanged: row.unchanged,
    rejectedCount: row.rejected_count,
    rejected: JSON.parse(row.rejected),
    position: row.position,
  };
}

function idOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}

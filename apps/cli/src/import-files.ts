// `import`: sends CSV files that belong together, and says what became of every row.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Api } from './api';
import { EXIT, Failure, type ExitCode } from './failure';
import { unreadable } from './files';
import { outcomeOf } from './import-progress';
import { claimResults, resultsCsv, type Verdict } from './result-file';
import { count, table } from './table';

export interface ImportOptions {
  readonly preset: string;
  readonly element?: string;
  readonly mode: string;
  readonly effective?: string;
  readonly dates?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly overlap?: string;
  readonly whole?: boolean;
  readonly dryRun: boolean;
  readonly force?: string;
  /** Where to write what became of every row. */
  readonly result?: string;
}
export interface Imported {
  readonly id: string;
  readonly preset: string;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  /** The first of them, or with a file of results all. */
  readonly rejected: readonly ImportedRow[];
  readonly rejectedCount: number;
  readonly noted?: readonly ImportedRow[];
  readonly notedCount?: number;
  readonly changesCount?: number;
  readonly waiting?: readonly {
    readonly request: string;
    readonly step: number;
    readonly learner: string;
    readonly approver?: string;
    readonly cancelledWith?: string;
  }[];
  readonly waitingCount?: number;
  readonly readings?: readonly Reading[];
}
interface Reading {
  readonly file: string;
  readonly encoding: string;
  readonly delimiter: string;
  readonly dates?: string;
}
export interface ImportedRow {
  readonly line: number;
  readonly code: string;
  readonly detail?: string;
  readonly file?: string;
}
/** A file as the caller named it, and the name by which the server speaks of it. */
interface Source {
  readonly path: string;
  readonly element: string | undefined;
  readonly name: string;
  readonly content: Blob;
}

export const ELEMENTS = ['people', 'organisations', 'positions', 'assignments'] as const;
export const DATE_ORDERS = ['day-first', 'month-first'] as const;
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export const DELIMITERS = ['comma', 'semicolon', 'tab', 'pipe'] as const;
const STEMS: readonly (readonly [(typeof ELEMENTS)[number], RegExp])[] = [
  ['assignments', /assignment/],
  ['people', /people|person/],
  ['organisations', /organi[sz]ation|unit/],
  ['positions', /position/],
];
const ROWS_SHOWN_MAX = 50;

/** Imports the files in one go; the answer names the files as the caller did. */
export async function importFiles(api: Api, paths: readonly string[], options: ImportOptions): Promise<Imported> {
  const sources = sourcesOf(paths, options);
  const { preset, element, mode, effective, dates, encoding, delimiter, overlap, whole, dryRun, force, result } = options;
  const named = sources.length === 1 ? (element ?? sources[0]!.element) : undefined;
  const query = new URLSearchParams({
    preset,
    mode,
    dryRun: String(dryRun),
    ...(named && { element: named }),
    ...(effective && { effective }),
    ...(dates && { dates }),
    ...(encoding && { encoding }),
    ...(delimiter && { delimiter }),
    ...(overlap && { overlap }),
    ...(whole && { whole: 'true' }),
    ...(force && { force }),
    ...(result && { lines: 'true' }),
  });
  if (result) claimResults(result);
  try {
    const { lines = [], ...imported } = await outcomeOf<Imported & { lines?: readonly Verdict[] }>(api, `imports?${query}`, {
      content: contentOf(sources),
    });
    const rows = (all: readonly ImportedRow[] = []) => all.map((row) => ({ ...row, file: pathOf(sources, row.file) }));
    const readings = imported.readings?.map((one) => ({ ...one, file: pathOf(sources, one.file) ?? one.file }));
    const answer = { ...imported, dryRun, ...(readings && { readings }), rejected: rows(imported.rejected), noted: rows(imported.noted) };
    if (result) {
      const verdicts = lines.map((row) => ({ ...row, file: pathOf(sources, row.file) ?? row.file }));
      writeFileSync(result, resultsCsv({ ...answer, lines: verdicts }));
    }
    return answer;
  } catch (error) {
    throw error instanceof Failure ? withFile(error, sources) : error;
  }
}

/** Applies a plan as it was made, or is refused. */
export async function commitImport(api: Api, id: string, { force, whole }: { force?: string; whole?: boolean }): Promise<Imported> {
  const imported = await outcomeOf<Imported>(api, `imports/${encodeURIComponent(id)}/commit`, {
    body: { ...(force && { force }), ...(whole && { whole }) },
  });
  return { ...imported, dryRun: false };
}

export async function undoImport(api: Api, id: string): Promise<Imported> {
  const imported = await outcomeOf<Imported>(api, `imports/${encodeURIComponent(id)}/undo`);
  return { ...imported, dryRun: false };
}

/** What people read of an import. */
export function importReport(imported: Imported): readonly string[] {
  const {
    id,
    dryRun,
    rows,
    added,
    changed,
    ended,
    unchanged,
    rejected,
    rejectedCount,
    noted = [],
    notedCount = 0,
    readings = [],
  } = imported;
  const totals = Object.entries({ rows, added, changed, ended, unchanged, rejected: rejectedCount });
  return [
    dryRun ? 'Dry run: nothing was changed. These rows would be' : `Import ${id}`,
    ...table(totals.map(([name, figure]) => [name, figure])),
    ...readings.map(({ file, encoding, delimiter, dates }) => `Read ${file} as ${[encoding, delimiter, dates].filter(Boolean).join(', ')}`),
    ...rowsReport('Rejected', rejected, rejectedCount),
    ...rowsReport('Taken, but odd', noted, notedCount),
    ...waitingReport(imported),
    ...(dryRun ? [`Commit exactly this: countersign import commit ${id}`] : []),
  ];
}

/** Work that would lose its owner, so that somebody else is asked when the import is carried out; or its job, and is cancelled with it. */
function waitingReport({ waiting = [], waitingCount = 0 }: Imported): readonly string[] {
  if (waitingCount === 0) return [];
  const shown = waiting
    .slice(0, ROWS_SHOWN_MAX)
    .map(({ request, step, learner, approver, cancelledWith }) => [
      request,
      `step ${step} of ${learner}`,
      cancelledWith === undefined ? `waits for ${approver}` : `is cancelled with ${cancelledWith}`,
    ]);
  const more = waitingCount - shown.length;
  const rest = more > 0 ? [`  … and ${count(more)} more, use --json`] : [];
  return [`Open requests whose approver or job would go: ${count(waitingCount)}`, ...table(shown), ...rest];
}

export function importExit({ rejectedCount }: Imported): ExitCode {
  return rejectedCount > 0 ? EXIT.refused : EXIT.done;
}

function rowsReport(heading: string, rows: readonly ImportedRow[], all: number): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, ROWS_SHOWN_MAX).map(({ file, line, code, detail = '' }) => [`${file}:${line}`, code, detail]);
  const more = all - shown.length;
  return [`${heading}:`, ...table(shown), ...(more > 0 ? [`  … and ${count(more)} more, use --result FILE`] : [])];
}

function sourcesOf(paths: readonly string[], { preset, element }: ImportOptions): readonly Source[] {
  const sources = paths.map((path): Source => {
    const guessed = element ?? (preset === 'native' ? elementOf(path) : undefined);
    return { path, element: guessed, name: guessed ? `${guessed}.csv` : basename(path), content: read(path) };
  });
  const twice = sources.find(({ name }, at) => sources.findIndex((other) => other.name === name) !== at);
  if (!twice) return sources;
  const both = sources.filter(({ name }) => name === twice.name).map(({ path }) => path);
  throw new Failure(
    EXIT.usage,
    'same-element',
    `${both.join(' and ')} both hold ${twice.element ?? twice.name}: import them one after the other`,
  );
}

/** What a file holds, as its name says. */
function elementOf(path: string): string | undefined {
  return STEMS.find(([, stem]) => stem.test(basename(path).toLowerCase()))?.[0];
}

function read(path: string): Blob {
  try {
    return new Blob([readFileSync(path)], { type: 'text/csv' });
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** One file goes as it is; several go as a form whose fields say what each holds. */
function contentOf(sources: readonly Source[]): Blob | FormData {
  if (sources.length === 1) return sources[0]!.content;
  const form = new FormData();
  for (const { element, name, content } of sources) form.append(element ?? 'file', content, name);
  return form;
}

function pathOf(sources: readonly Source[], name: string | undefined): string | undefined {
  return sources.length === 1 ? sources[0]!.path : (sources.find((source) => source.name === name)?.path ?? name);
}

/** The refusal, with the file that it is about. */
function withFile(failure: Failure, sources: readonly Source[]): Failure {
  const { exit, code, message } = failure;
  const facts: { file?: string; line?: number } = failure.facts;
  const file = pathOf(sources, facts.file) ?? sources.map(({ path }) => path).join(', ');
  const place = facts.line === undefined ? file : `${file}:${facts.line}`;
  return new Failure(exit, code, `${place}: ${message}`, { ...facts, file });
}

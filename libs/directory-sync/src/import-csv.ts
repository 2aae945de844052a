// The front door: files in, a result for every row out; nothing is recorded of files that cannot be read.
import { reject, type Origin, type RunCommand, type Views } from '@app/kernel';
import { applyPlan } from './apply-import';
import { changeSet, type ChangeSetCommand, type RejectedRow } from './change-set';
import { assignmentDrafts, NO_DRAFTS, organisationDrafts, peopleDrafts, positionDrafts, type Drafts } from './drafts';
import { jobDrafts } from './job-drafts';
import { PRESETS } from './presets';
import { importOf, type ImportRecord } from './imports';
import { planImport, type Plan } from './plan-import';
import { postDrafts } from './post-drafts';
import type { DateOrder } from './read-date';
import { readCsv, type Content } from './read-csv';
import { userDrafts } from './user-drafts';
import { mappingFor, sheetOf, type Remark, type Sheet, type Verdict } from './sheet';

export interface ImportParts {
  readonly run: RunCommand;
  readonly views: Views;
  /** Settles when the views show the log up to the position. */
  readonly reached: (position: number) => Promise<void>;
}
export interface ImportRequest {
  /** Id of the import; the same again answers as the first did to each of its commands. */
  readonly id: string;
  readonly preset: string;
  /** What the file holds; for several files their names tell. */
  readonly element?: string;
  readonly files: readonly { readonly name: string; readonly content: Content }[];
  readonly mode: 'full' | 'delta';
  /** The day from which the files hold. */
  readonly effective: string;
  /** Which of day and month comes first; without it the files themselves tell. */
  readonly dates?: DateOrder;
  readonly dryRun: boolean;
  readonly origin: Origin;
}
export interface ImportResult {
  readonly id: string;
  readonly preset: string;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  /** Rows that end something, and in full mode what the file no longer names. */
  readonly ended: number;
  readonly unchanged: number;
  readonly rejected: readonly RejectedRow[];
  /** What is odd in rows that were taken. */
  readonly noted: readonly Remark[];
}

/**
 * Imports files that belong together.
 * @throws Rejection when a file cannot be read as a whole: then nothing is recorded
 */
export async function importCsv({ run, views, reached }: ImportParts, request: ImportRequest): Promise<ImportResult> {
  const { id, preset, element, mode, effective, dryRun, origin } = request;
  const { sheets, digest } = await readFiles(request);
  const rows = sheets.flatMap((sheet) => sheet.rows);
  // Under an idempotency key the files are the body: others under the same key are refused.
  const body = origin.body === undefined ? undefined : `${origin.body}+${digest}`;
  const correlation = origin.correlation ?? origin.command;
  const command = (name: string): Origin => ({ ...origin, command: `${id}/${name}`, correlation, ...(body !== undefined && { body }) });
  let since = Number.MAX_SAFE_INTEGER;
  if (!dryRun) {
    const start: ChangeSetCommand = { type: 'StartImport', preset, element, rows: rows.length, digest, effective, mode };
    await reached((await run(changeSet, id, start, command('start'))).position);
    const earlier = importOf(views, id);
    if (earlier?.finishedAt !== undefined) return { ...resultOf(earlier), noted: [] };
    since = earlier?.position ?? since;
  }
  const complete = !rows.some(({ rejected }) => rejected);
  const plan = planImport(views, draftsOf(sheets, views, effective), { mode, effective, complete, since });
  if (!dryRun) await applyPlan(run, plan, command('apply'));
  const held =
    mode === 'full' && !complete ? [rows[0]!.remark('nothing-ended', 'rows were refused, so nothing ends for not being named')] : [];
  const result = { id, preset, dryRun, ...countsOf(sheets, plan), noted: [...plan.noted, ...held] };
  if (dryRun) return result;
  const { added, changed, ended, unchanged, rejected } = result;
  const finish: ChangeSetCommand = { type: 'FinishImport', added, changed, ended, unchanged, rejected, rejectedCount: rejected.length };
  await reached((await run(changeSet, id, finish, command('finish'))).position);
  return result;
}

/** An import that has run already answers what it answered then. */
function resultOf({ id, preset, rows, added, changed, ended, unchanged, rejected }: ImportRecord): Omit<ImportResult, 'noted'> {
  return { id, preset, dryRun: false, rows, added, changed, ended, unchanged, rejected };
}

async function readFiles({ preset, element, files, dates }: ImportRequest): Promise<{ sheets: readonly Sheet[]; digest: string }> {
  const mappings = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (!mappings) return reject('invalid', 'unknown-preset', { preset, detail: `the presets are ${Object.keys(PRESETS).join(', ')}` });
  if (files.length === 0) reject('invalid', 'no-rows', { detail: 'there is no file' });
  const sheets: Sheet[] = [];
  const digests: string[] = [];
  for (const { name, content } of files) {
    const file = await readCsv(name, content);
    if (file.records.length === 0) reject('invalid', 'no-rows', { file: name, line: 1, detail: 'the file has a header and no rows' });
    sheets.push(sheetOf(file, mappingFor(file, mappings, files.length === 1 ? element : undefined), dates));
    digests.push(file.digest);
  }
  return { sheets, digest: digests.join('+') };
}

/** What all files together ask for. */
function draftsOf(sheets: readonly Sheet[], views: Views, effective: string): Drafts {
  return sheets
    .map((sheet) => ({ drafts: draftsOfSheet(sheet, views, effective), noted: sheet.noted }))
    .reduce<Drafts>(
      (all, { drafts, noted }) => ({
        units: [...all.units, ...drafts.units],
        positions: [...all.positions, ...drafts.positions],
        people: [...all.people, ...drafts.people],
        assignments: [...all.assignments, ...drafts.assignments],
        noted: [...all.noted, ...noted, ...drafts.noted],
        ...((all.repeats || drafts.repeats) && { repeats: true }),
      }),
      NO_DRAFTS,
    );
}

function draftsOfSheet(sheet: Sheet, views: Views, effective: string): Drafts {
  switch (sheet.mapping.element) {
    case 'organisations':
      return organisationDrafts(sheet);
    case 'positions':
      return positionDrafts(sheet);
    case 'people':
      return peopleDrafts(sheet);
    case 'assignments':
      return assignmentDrafts(sheet);
    case 'jobs':
      return jobDrafts(sheet, views);
    case 'posts':
      return postDrafts(sheet, views, effective);
    case 'users':
      return userDrafts(sheet, views, effective);
  }
}

/** Every row has one verdict. */
function countsOf(sheets: readonly Sheet[], plan: Plan) {
  const rows = sheets.flatMap((sheet) => sheet.rows);
  const count = (verdict: Verdict) => rows.reduce((sum, row) => (row.verdict === verdict ? sum + 1 : sum), 0);
  return {
    rows: rows.length,
    added: count('added'),
    changed: count('changed'),
    ended: count('ended') + plan.unnamed,
    unchanged: count('unchanged'),
    rejected: rows.flatMap(({ fault }): RejectedRow[] => (fault ? [fault] : [])),
  };
}

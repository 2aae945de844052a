// The front door: files in, a result for every row out; nothing is recorded of files that cannot be read.
import { type DayOf, type EventLog, type Origin, type RunCommand, type Views } from '@app/kernel';
import type { Overlap } from '@app/organisation';
import { applyPlan } from './apply-import';
import { toNobody, type Tell } from './progress';
import { changeSet, type ChangeSetCommand, type RejectedRow } from './change-set';
import { CHANGES_SHOWN_MAX, type Change } from './changes';
import { isComplete } from './drafts';
import { mappingsFor } from './import-mappings';
import { importOf, plannedBefore, type ImportRecord } from './imports';
import { NO_WORK, shownOf, takenFrom, type OpenWork, type WaitingItem, type WaitingShown } from './open-work';
import { ownIn } from './own-place';
import { inPieces, type Pause } from './piecewise';
import { summaryOf } from './plan-digest';
import type { Plan } from './plan';
import { planImport } from './plan-import';
import { requireGuard, requireOthers, requireWhole } from './plan-guard';
import { draftsOf, readFiles, type Files } from './read-files';
import type { Reading } from './read-sheet';
import type { Remark, Row, Sheet, Verdict } from './sheet';
import { buffered, keepFiles } from './stored-files';

export interface ImportParts {
  readonly log: EventLog;
  readonly run: RunCommand;
  readonly views: Views;
  /** Settles when the views show the log up to the position. */
  readonly reached: (position: number) => Promise<void>;
  /** Lets other work go on: large files take long. */
  readonly pause: Pause;
  /** The day on which it comes; without it the one from which the files hold. */
  readonly today?: string;
  /** Open requests that may lose something by it; there are none without it. */
  readonly work?: OpenWork;
  /** Told how far it is. */
  readonly tell?: Tell;
  /** The days of the organisation's zone, in which Unix seconds are read (E31); without it those of UTC. */
  readonly dayOf?: DayOf;
}
export interface ImportRequest extends Files {
  /** Id of the import; the same again answers as the first did to each of its commands. */
  readonly id: string;
  readonly mode: 'full' | 'delta';
  /** The day from which the files hold. */
  readonly effective: string;
  /** What becomes of direct managers beside each other; refused without it. */
  readonly overlap?: Overlap | undefined;
  /** Only keeps the files and the plan, to be committed later. */
  readonly dryRun: boolean;
  /** All rows or none; without it those that can be taken. A dry run says which cannot, whatever is wanted. */
  readonly whole?: boolean;
  /** Why it may end more than the guard lets pass; somebody else must have planned the same. */
  readonly force?: string | undefined;
  /** Who sends it, where the account belongs to a person: nobody changes his own place alone. */
  readonly person?: string | undefined;
  readonly origin: Origin;
}
export interface RowVerdict {
  readonly file: string;
  readonly line: number;
  readonly verdict: Verdict;
}
export interface ImportResult extends Partial<WaitingShown> {
  readonly id: string;
  readonly preset: string;
  readonly dryRun: boolean;
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  /** Rows that end something, and in full mode what the file no longer names. */
  readonly ended: number;
  readonly unchanged: number;
  /** All of them, or of an import that had run already the first. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedCount: number;
  /** What is odd in rows that were taken. */
  readonly noted: readonly Remark[];
  /** How each file was read; absent of an import that had run already. */
  readonly readings?: readonly Reading[];
  /** What each row came to, in the order of the files: made for whoever asks, as there are so many. */
  readonly verdicts: () => readonly RowVerdict[];
  /** Of a plan: the first of what it would change, and how many there are; with it, what it takes from open requests (E11, E47). */
  readonly changes?: readonly Change[];
  readonly changesCount?: number;
}
export interface Prepared {
  readonly sheets: readonly Sheet[];
  readonly digest: string;
  readonly readings: readonly Reading[];
  /** Of the saved mapping by which the files were read. */
  readonly mappingVersion?: number;
  readonly plan: Plan;
  readonly waiting: readonly WaitingItem[];
  readonly noted: readonly Remark[];
}

/**
 * Imports files that belong together, or plans to.
 * @throws Rejection when a file cannot be read as a whole, or more would end than the guard lets pass: then nothing is recorded
 */
export async function importCsv(parts: ImportParts, request: ImportRequest): Promise<ImportResult> {
  if (request.dryRun) return planFiles(parts, request);
  const { views } = parts;
  const { id, origin, force, whole } = request;
  const earlier = importOf(views, id);
  const resumes = earlier?.startedAt !== undefined;
  // One that was cut off goes on by the version of its mapping with which it began.
  const { mappingVersion } = earlier ?? {};
  const asked = mappingVersion === undefined ? request : { ...request, mappingVersion };
  const prepared = await prepare(parts, asked, resumes ? earlier.position : undefined);
  if (!resumes) {
    if (whole) requireWhole(prepared);
    await requireLeave(parts, request, prepared);
  }
  return carryOut(parts, prepared, {
    ...request,
    origin: originOf(origin, prepared.digest),
    ...(force !== undefined && { reason: force }),
    id,
  });
}

/** A plan is stored with its files, so that it can be made again and compared when it is committed. */
async function planFiles(parts: ImportParts, request: ImportRequest): Promise<ImportResult> {
  const { id, preset, element, mode, effective, dates, encoding, delimiter, overlap, origin } = request;
  const files = await buffered(request.files);
  const prepared = await prepare(parts, { ...request, files });
  const { digest, sheets, plan } = prepared;
  const summary = await inPieces(summaryOf(parts.views, prepared, { after: 0, limit: CHANGES_SHOWN_MAX }), parts.pause);
  const shown = { changes: summary.changes, changesCount: summary.count, ...shownOf(prepared.waiting) };
  const result = { id, preset, dryRun: true, ...countsOf(sheets, plan), noted: prepared.noted, readings: prepared.readings, ...shown };
  const from = originOf(origin, digest);
  await keepFiles(parts.run, id, files, from);
  const command: ChangeSetCommand = {
    type: 'PlanImport',
    preset,
    element,
    rows: result.rows,
    digest,
    effective,
    mode,
    dates,
    encoding,
    delimiter,
    overlap,
    mappingVersion: prepared.mappingVersion,
    plan: summary.digest,
  };
  const { position } = await parts.run(changeSet, id, command, { ...from, command: `${id}/plan` });
  await parts.reached(position);
  return result;
}

/** Reads and plans; nothing is recorded. `since` is where an import started that was cut off. */
export async function prepare(
  { log, views, reached, pause, today, work = NO_WORK, tell = toNobody, dayOf }: ImportParts,
  request: Files & Pick<ImportRequest, 'mode' | 'effective' | 'overlap'>,
  since?: number,
): Promise<Prepared> {
  const { mode, effective, overlap } = request;
  tell({ phase: 'reading', done: 0, total: 0 });
  const chosen = mappingsFor(views, request.preset, request.mappingVersion);
  const { sheets, digest, readings } = await readFiles(request, chosen, dayOf);
  // What is compared with has to be what is recorded by now.
  await reached((await log.head()).position);
  const rows = sheets.flatMap((sheet) => sheet.rows);
  tell({ phase: 'comparing', done: 0, total: rows.length });
  const drafts = await inPieces(draftsOf(sheets, views, effective), pause);
  const complete = isComplete(rows, drafts);
  const plan = await inPieces(planImport(views, drafts, { mode, effective, today, complete, since, overlap }), pause);
  for (const row of rows) row.empty();
  const waiting = await inPieces(takenFrom(views, { plan, effective }, work), pause);
  const held =
    mode === 'full' && !complete ? [rows[0]!.remark('nothing-ended', 'rows were refused, so nothing ends for not being named')] : [];
  const { version } = chosen;
  const read = { sheets, digest, readings, ...(version !== undefined && { mappingVersion: version }) };
  return { ...read, plan, waiting, noted: [...plan.noted, ...held] };
}

/** Starts, applies and finishes; each part only once, however often it is asked for. */
export async function carryOut(
  parts: ImportParts,
  { sheets, digest, readings, mappingVersion, plan, noted }: Prepared,
  request: Pick<ImportRequest, 'id' | 'preset' | 'element' | 'effective' | 'mode' | 'origin'> & { readonly reason?: string },
): Promise<ImportResult> {
  const { run, views, reached } = parts;
  const { id, preset, element, effective, mode, origin, reason } = request;
  const rows = sheets.reduce((sum, sheet) => sum + sheet.rows.length, 0);
  const command = (name: string): Origin => ({ ...origin, command: `${id}/${name}` });
  const start: ChangeSetCommand = { type: 'StartImport', preset, element, mappingVersion, rows, digest, effective, mode, reason };
  await reached((await run(changeSet, id, start, command('start'))).position);
  const record = importOf(views, id);
  if (record?.finishedAt !== undefined) return { ...resultOf(record), readings };
  await applyPlan(run, plan, command('apply'), parts);
  const result = { id, preset, dryRun: false, ...countsOf(sheets, plan), noted, readings };
  const { added, changed, ended, unchanged, rejected, rejectedCount } = result;
  const finish: ChangeSetCommand = { type: 'FinishImport', added, changed, ended, unchanged, rejected, rejectedCount };
  await reached((await run(changeSet, id, finish, command('finish'))).position);
  return result;
}

/** Under an idempotency key the files are the body: others under the same key are refused. */
function originOf(origin: Origin, digest: string): Origin {
  const body = origin.body === undefined ? undefined : `${origin.body}+${digest}`;
  return { ...origin, correlation: origin.correlation ?? origin.command, ...(body !== undefined && { body }) };
}

/** Holds an import to what one administrator does alone; `planned` is the digest of its plan, where it is known already. */
export async function requireLeave(
  { views, pause }: ImportParts,
  request: Pick<ImportRequest, 'preset' | 'effective' | 'mode' | 'force' | 'person' | 'origin'>,
  prepared: Prepared,
  planned?: string,
): Promise<void> {
  const { preset, effective, mode, force, person, origin } = request;
  const own = person === undefined ? [] : await inPieces(ownIn(views, prepared.plan, { person, on: effective }), pause);
  let plannedBy: string | undefined;
  if (force !== undefined || own.length > 0) {
    const plan = planned ?? (await inPieces(summaryOf(views, prepared, { after: 0, limit: 0 }), pause)).digest;
    plannedBy = plannedBefore(views, { preset, effective, mode, digest: prepared.digest, plan }, origin.actor);
  }
  requireGuard(prepared, { reason: force, plannedBy });
  if (plannedBy === undefined) requireOthers(own, 'another administrator plans the same before, or commits your plan');
}

/** An import that has run already answers what it answered then. */
export function resultOf(record: ImportRecord): ImportResult {
  const { id, preset, rows, added, changed, ended, unchanged, rejected, rejectedCount } = record;
  const counts = { rows, added, changed, ended, unchanged, rejected, rejectedCount };
  return { id, preset, dryRun: false, ...counts, noted: [], verdicts: () => [] };
}

/** Every row has one verdict. */
function countsOf(sheets: readonly Sheet[], plan: Plan) {
  const rows: readonly Row[] = sheets.flatMap((sheet) => sheet.rows);
  const count = (verdict: Verdict) => rows.reduce((sum, row) => (row.verdict === verdict ? sum + 1 : sum), 0);
  const rejected = rows.flatMap(({ fault }): RejectedRow[] => (fault ? [fault] : []));
  return {
    rows: rows.length,
    added: count('added'),
    changed: count('changed'),
    ended: count('ended') + plan.unnamed,
    unchanged: count('unchanged'),
    rejected,
    rejectedCount: rejected.length,
    verdicts: () => rows.map(({ file, line, verdict }): RowVerdict => ({ file, line, verdict })),
  };
}

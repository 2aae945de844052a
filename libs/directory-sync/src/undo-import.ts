// Takes an import back: a compensating change set of what was before, and nothing of what others changed since.
import { reject, type Origin, type Views } from '@app/kernel';
import { applyPlan } from './apply-import';
import { changeSet, type ChangeSetCommand } from './change-set';
import { resultOf, type ImportParts, type ImportRequest, type ImportResult } from './import-csv';
import { importOf, type ImportRecord } from './imports';
import { ownIn } from './own-place';
import { inPieces } from './piecewise';
import { requireOthers } from './plan-guard';
import { Row, type Remark } from './sheet';
import { touchedBy } from './touched';
import { undoPlan } from './undo-plan';

const PRESET = 'undo';

interface UndoRequest extends Pick<ImportRequest, 'id' | 'person' | 'origin'> {
  /** Id of the undo. */
  readonly as: string;
  readonly on: string;
}

/**
 * Undoes a finished import under an id of its own. What somebody else has changed since is left alone, and listed.
 * @throws Rejection `import-not-finished`, `already-undone`, or `second-administrator`
 */
export async function undoImport(parts: ImportParts, request: UndoRequest): Promise<ImportResult> {
  const { id, as, on, origin } = request;
  const { log, run, views, reached } = parts;
  await reached((await log.head()).position);
  const undone = importOf(views, id) ?? reject('not-found', 'unknown-import');
  // One that was cut off goes on under the id that it began with, whoever asks.
  const mine = unfinishedUndo(views, undone) ?? as;
  if (undone.undoneBy === undefined) await requireOthersPlace(parts, undone, request);
  const { body: _body, ...from } = { ...origin, correlation: origin.correlation ?? origin.command };
  const command = (name: string): Origin => ({ ...from, command: `${mine}/${name}` });
  await reached((await run(changeSet, id, { type: 'UndoImport', by: mine }, command('undo'))).position);
  const earlier = importOf(views, mine);
  if (earlier?.finishedAt !== undefined) return resultOf(earlier);
  const touched = await touchedBy(parts, { id, since: undone.position, own: mine });
  const plan = await undoPlan(parts, touched, on);
  const { digest, effective, mode } = undone;
  const start = { type: 'StartImport', preset: PRESET, rows: plan.rows.length, digest, effective, mode, undoes: id } as const;
  await reached((await run(changeSet, mine, start, command('start'))).position);
  await applyPlan(run, plan, command('apply'), parts);
  const result = { id: mine, preset: PRESET, dryRun: false, ...countsOf(plan.rows), noted: plan.noted, verdicts: () => [] };
  const { added, changed, ended, unchanged, rejected, rejectedCount } = result;
  const finish: ChangeSetCommand = { type: 'FinishImport', added, changed, ended, unchanged, rejected, rejectedCount };
  await reached((await run(changeSet, mine, finish, command('finish'))).position);
  return result;
}

/** What puts back one's own place is for somebody else to undo, as it was for him to import. */
async function requireOthersPlace(parts: ImportParts, undone: ImportRecord, { as, on, person }: UndoRequest): Promise<void> {
  if (person === undefined) return;
  // What it touches is known when it has ended.
  if (undone.finishedAt === undefined) reject('conflict', 'import-not-finished');
  const touched = await touchedBy(parts, { id: undone.id, since: undone.position, own: as });
  const plan = await undoPlan(parts, touched, on);
  requireOthers(
    await inPieces(ownIn(parts.views, plan, { person, on }), parts.pause),
    'somebody whom it does not concern, or the operator, takes it back',
  );
}

function unfinishedUndo(views: Views, { undoneBy }: ImportRecord): string | undefined {
  if (undoneBy === undefined) return undefined;
  return importOf(views, undoneBy)?.finishedAt === undefined ? undoneBy : undefined;
}

function countsOf(rows: readonly Row[]) {
  const rejected = rows.flatMap(({ fault }): Remark[] => (fault ? [fault] : []));
  const changed = rows.length - rejected.length;
  return { rows: rows.length, added: 0, changed, ended: 0, unchanged: 0, rejected, rejectedCount: rejected.length };
}

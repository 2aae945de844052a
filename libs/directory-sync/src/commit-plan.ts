// Commits a plan: exactly what was planned, or nothing.
import { reject, type Views } from '@app/kernel';
import type { Overlap } from '@app/organisation';
import type { Change } from './changes';
import { carryOut, prepare, requireLeave, resultOf, type ImportParts, type ImportRequest, type ImportResult } from './import-csv';
import { importOf, type ImportRecord } from './imports';
import { shownOf, type WaitingShown } from './open-work';
import { inPieces } from './piecewise';
import { summaryOf } from './plan-digest';
import { requireWhole } from './plan-guard';
import type { Files } from './read-files';
import type { Stated } from './mapping';
import { keptFiles } from './stored-files';

/**
 * Applies the plan of this id.
 * @throws Rejection `plan-stale` when the same files would lead to something else by now
 */
export async function commitPlan(
  parts: ImportParts,
  { id, force, whole, person, origin }: { readonly id: string } & Pick<ImportRequest, 'force' | 'whole' | 'person' | 'origin'>,
): Promise<ImportResult> {
  const record = requirePlan(parts.views, id);
  if (record.finishedAt !== undefined) return resultOf(record);
  const resumes = record.startedAt !== undefined;
  const request = await plannedFiles(parts, record);
  const prepared = await prepare(parts, request, resumes ? record.position : undefined);
  if (!resumes) {
    const { digest } = await inPieces(summaryOf(parts.views, prepared, { after: 0, limit: 0 }), parts.pause);
    if (digest !== record.plan) {
      reject('conflict', 'plan-stale', { detail: 'what it would change has changed since it was planned; plan it again' });
    }
    if (whole) requireWhole(prepared);
    await requireLeave(parts, { ...request, force, person, origin }, prepared, digest);
  }
  // The import's own id makes every command one, whoever sends it again, so that no key of a caller is kept with them.
  const { body: _body, ...from } = origin;
  return carryOut(parts, prepared, { ...request, id, origin: from, ...(force !== undefined && { reason: force }) });
}

/** What the plan would change as things stand now, page by page. */
export async function changesOfPlan(
  parts: ImportParts,
  { id, after, limit }: { readonly id: string; readonly after: number; readonly limit: number },
): Promise<{ readonly changes: readonly Change[]; readonly count: number; readonly stale: boolean } & WaitingShown> {
  const record = requirePlan(parts.views, id);
  if (record.startedAt !== undefined) reject('conflict', 'import-exists', { detail: 'it has been committed' });
  const prepared = await prepare(parts, await plannedFiles(parts, record));
  const { changes, count, digest } = await inPieces(summaryOf(parts.views, prepared, { after, limit }), parts.pause);
  return { changes, count, stale: digest !== record.plan, ...shownOf(prepared.waiting) };
}

function requirePlan(views: Views, id: string): ImportRecord {
  const record = importOf(views, id) ?? reject('not-found', 'unknown-import');
  if (record.plan === undefined) reject('conflict', 'no-plan', { detail: 'it was carried out at once' });
  return record;
}

async function plannedFiles(
  { log }: ImportParts,
  record: ImportRecord,
): Promise<Files & Pick<ImportRequest, 'mode' | 'effective' | 'overlap'>> {
  const { id, preset, element, mappingVersion, effective, dates, encoding, delimiter, overlap } = record;
  const stated = { ...(dates && { dates }), ...(encoding && { encoding }), ...(delimiter && { delimiter }) } as Stated;
  return {
    preset,
    effective,
    mode: record.mode as 'full' | 'delta',
    files: await keptFiles(log, id),
    ...(element !== undefined && { element }),
    ...(mappingVersion !== undefined && { mappingVersion }),
    ...stated,
    ...(overlap !== undefined && { overlap: overlap as Overlap }),
  };
}

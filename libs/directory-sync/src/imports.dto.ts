// What the import routes take and answer.
import { z } from 'zod';
import { OVERLAPS } from '@app/organisation';
import { date, text, whole } from '@app/platform/schemas';
import { ROWS_TOLD_MAX } from './change-set';
import { ENCODINGS } from './decode-text';
import { ELEMENTS } from './fields';
import { PHASES } from './progress';
import { DELIMITER_NAMES } from './read-csv';
import { DATE_ORDERS } from './read-date';
import { VERDICTS } from './sheet';

const reason = text(500).refine((words) => words.trim() !== '', 'says nothing');
export const importQuery = z.strictObject({
  preset: text(40).meta({ description: 'A preset, or the name of a saved mapping; see GET /import-presets.' }),
  element: z.enum(ELEMENTS).optional(),
  mode: z.enum(['full', 'delta']).default('delta'),
  effective: date.optional(),
  dates: z.enum(DATE_ORDERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  delimiter: z.enum(DELIMITER_NAMES).optional(),
  /** What becomes of direct managers of one job beside each other: refused, or all but one taken as alternates. */
  overlap: z.enum(OVERLAPS).optional(),
  dryRun: z.enum(['true', 'false']).default('false'),
  force: reason.optional(),
  lines: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Every row with its verdict, and all that were refused or are odd' }),
  whole: z.enum(['true', 'false']).default('false').meta({ description: 'All rows or none; otherwise those that can be taken' }),
});
const row = z.object({ line: z.number(), code: z.string(), detail: z.string().optional(), file: z.string().optional() });
const reading = z.object({
  file: z.string(),
  encoding: z.enum(ENCODINGS),
  delimiter: z.enum(DELIMITER_NAMES),
  dates: z.enum(DATE_ORDERS).optional(),
});
const change = z.object({
  of: z.enum(['unit', 'position', 'person', 'assignment', 'manager']),
  id: z.string(),
  change: z.enum(['added', 'changed', 'ended']),
  fields: z.record(z.string(), z.object({ before: z.unknown().optional(), after: z.unknown().optional() })),
});
export const commitBody = z
  .strictObject({ force: reason.optional(), lines: z.boolean().optional(), whole: z.boolean().optional() })
  .default({});
export const changesQuery = z.strictObject({
  after: whole(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: whole(1, 200).default(200),
});
const waiting = z
  .object({
    request: z.string(),
    step: z.number(),
    learner: z.string(),
    approver: z.string().optional().meta({ description: 'Whom the import takes away, while it waits for him' }),
    cancelledWith: z.string().optional().meta({ description: 'The job in whose name it was made, which the import ends' }),
  })
  .meta({ id: 'WaitingItem', description: 'An open request from which the import takes its approver, or its job' });
export const changesAnswer = z
  .object({
    changes: z.array(change),
    count: z.number(),
    stale: z.boolean(),
    waiting: z.array(waiting),
    waitingCount: z.number(),
  })
  .meta({ id: 'ImportChanges' });
const ROWS_TOLD = `The first ${ROWS_TOLD_MAX}; all of them where \`lines\` asks for what became of every row.`;
export const importAnswer = z
  .object({
    id: z.string(),
    preset: z.string(),
    mappingVersion: z.number().optional(),
    dryRun: z.boolean().optional(),
    rows: z.number(),
    added: z.number(),
    changed: z.number(),
    ended: z.number(),
    unchanged: z.number(),
    rejected: z.array(row).meta({ description: ROWS_TOLD }),
    rejectedCount: z.number(),
    noted: z.array(row).optional().meta({ description: ROWS_TOLD }),
    notedCount: z.number().optional(),
    readings: z.array(reading).optional(),
    startedAt: z.string().optional(),
    finishedAt: z.string().optional(),
    plannedBy: z.string().optional(),
    undoes: z.string().optional(),
    undoneBy: z.string().optional(),
    reason: z.string().optional(),
    changes: z.array(change).optional(),
    changesCount: z.number().optional(),
    waiting: z.array(waiting).optional(),
    waitingCount: z.number().optional(),
    lines: z.array(z.object({ file: z.string(), line: z.number(), verdict: z.enum(VERDICTS) })).optional(),
  })
  .meta({ id: 'Import' });

/** `unfinished`: it began, and is not carried out in this process; it was cut off unless another replica is at it. */
const state = z.enum(['running', 'failed', 'planned', 'unfinished', 'finished']);
const followed = {
  state,
  progress: z.object({ phase: z.enum(PHASES), done: z.number(), total: z.number() }).optional(),
  problem: z.looseObject({ code: z.string() }).optional(),
};
const importFollowed = importAnswer.extend(followed).meta({ id: 'ImportFollowed' });
/** Of one of which nothing is recorded yet. */
const importBegun = z.object({ id: z.string(), ...followed }).meta({ id: 'ImportBegun' });
export const importState = z.union([importFollowed, importBegun]);
/** The result, or, of one that takes longer, how far it is. */
export const importOrState = z.union([importFollowed, importAnswer, importBegun]);

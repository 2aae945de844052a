// Bulk sync over HTTP: one CSV as the body, or several files that belong together as multipart.
import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, Answers, CallerOf, pacer, refused, Runtime, sayPosition, type Caller } from '@app/platform';
import { date, text, uuid } from '@app/platform/schemas';
import { changesOfPlan, commitPlan } from './commit-plan';
import { importCsv, type ImportParts, type ImportResult } from './import-csv';
import { importOf } from './imports';
import { ELEMENTS } from './mapping';
import { PRESETS } from './presets';
import { ENCODINGS } from './decode-text';
import { DELIMITER_NAMES, FILE_BYTES_MAX, type Content } from './read-csv';
import { VERDICTS } from './sheet';
import { undoImport } from './undo-import';
import { DATE_ORDERS } from './read-date';

const REST_BYTES_MAX = FILE_BYTES_MAX;
const reason = text(500).refine((words) => words.trim() !== '', 'says nothing');
const importQuery = z.strictObject({
  preset: z.enum(Object.keys(PRESETS) as [string, ...string[]]),
  element: z.enum(ELEMENTS).optional(),
  mode: z.enum(['full', 'delta']).default('delta'),
  effective: date.optional(),
  dates: z.enum(DATE_ORDERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  delimiter: z.enum(DELIMITER_NAMES).optional(),
  dryRun: z.enum(['true', 'false']).default('false'),
  force: reason.optional(),
  lines: z.enum(['true', 'false']).default('false'),
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
const commitBody = z.strictObject({ force: reason.optional(), lines: z.boolean().optional() }).default({});
const changesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
const waiting = z
  .object({ request: z.string(), step: z.number(), learner: z.string(), approver: z.string() })
  .meta({ id: 'WaitingItem', description: 'A request that waits for somebody whom the import takes away' });
const changesAnswer = z
  .object({
    changes: z.array(change),
    count: z.number(),
    stale: z.boolean(),
    waiting: z.array(waiting),
    waitingCount: z.number(),
  })
  .meta({ id: 'ImportChanges' });
const importAnswer = z
  .object({
    id: z.string(),
    preset: z.string(),
    dryRun: z.boolean().optional(),
    rows: z.number(),
    added: z.number(),
    changed: z.number(),
    ended: z.number(),
    unchanged: z.number(),
    rejected: z.array(row),
    noted: z.array(row).optional(),
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

@ApiTags('imports')
@ApiBearerAuth()
@Controller('imports')
@Allow('admin')
export class ImportsController {
  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /** Takes over what the files say; every row that cannot be taken is named with its line and why. A dry run is a plan. */
  @Post()
  @ApiConsumes('text/csv', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Answers(importAnswer)
  async take(@Query({ schema: importQuery }) query: z.infer<typeof importQuery>, @Req() request: FastifyRequest, @CallerOf() me: Caller) {
    const { element, effective = me.on, dryRun, lines, ...rest } = query;
    try {
      const files = await filesOf(request, element);
      const asked = { ...rest, id: me.command, element, files, effective, dryRun: dryRun === 'true', origin: me };
      return answerOf(await importCsv(this.partsFor(me), asked), lines === 'true');
    } finally {
      letRestPass(request);
    }
  }

  /** Applies exactly the plan that a dry run stored. */
  @Post(':id/commit')
  @HttpCode(200)
  @Answers(importAnswer)
  async commit(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: commitBody }) { force, lines }: z.infer<typeof commitBody>,
    @CallerOf() me: Caller,
  ) {
    return answerOf(await commitPlan(this.partsFor(me), { id, force, origin: me }), lines === true);
  }

  /** Puts back what was before the import, and lists what others have changed since. */
  @Post(':id/undo')
  @HttpCode(200)
  @Answers(importAnswer)
  async undo(@Param('id', { schema: uuid }) id: string, @CallerOf() me: Caller) {
    return answerOf(await undoImport(this.partsFor(me), { id, as: me.command, on: me.on, origin: me }), false);
  }

  /** What a plan would change as things stand now. */
  @Get(':id/changes')
  @Answers(changesAnswer)
  changes(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: changesQuery }) { after, limit }: z.infer<typeof changesQuery>,
    @CallerOf() me: Caller,
  ) {
    return changesOfPlan(this.partsFor(me), { id, after, limit });
  }

  @Get(':id')
  @Answers(importAnswer)
  one(@Param('id', { schema: uuid }) id: string) {
    return importOf(this.runtime.models, id) ?? reject('not-found', 'unknown-import');
  }

  private partsFor(me: Caller): ImportParts {
    const { log, run, models, libraries } = this.runtime;
    const waitingFor = (person: string) => libraries.flatMap((library) => library.waitingFor?.(models, person) ?? []);
    const reached = (position: number) => {
      sayPosition(me, position);
      return models.reached(position);
    };
    return { log, run, views: models, reached, pause: pacer(), waitingFor };
  }
}

/**
 * The rest of a file that was refused early passes unread, so that its sender comes to hear why, and the connection carries
 * another request. Who does not listen is cut off.
 */
function letRestPass({ raw }: FastifyRequest): void {
  let bytes = 0;
  raw.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > REST_BYTES_MAX) raw.destroy();
  });
}

/** The verdict of every row is for programs that write a file of results; others do with the counts. */
function answerOf({ verdicts, ...result }: ImportResult, lines: boolean) {
  return lines ? { ...result, lines: verdicts } : result;
}

async function filesOf(request: FastifyRequest, element: string | undefined): Promise<{ name: string; content: Content }[]> {
  if (!request.isMultipart()) {
    if (!(request.body instanceof Readable)) throw refused(400, 'invalid-input', [{ field: 'body', message: 'is no CSV file' }]);
    return [{ name: `${element ?? 'file'}.csv`, content: request.body.iterator({ destroyOnReturn: false }) }];
  }
  const files: { name: string; content: Content }[] = [];
  for await (const { field, name, content } of partsOf(request)) {
    if (content === undefined) throw refused(400, 'invalid-input', [{ field, message: 'is not a file' }]);
    // The name of the form's field says what a file holds, where the file's own name does not.
    files.push({ name: (ELEMENTS as readonly string[]).includes(field) ? `${field}.csv` : name, content });
  }
  return files;
}

interface Part {
  readonly field: string;
  readonly name: string;
  /** Absent when the part is no file. */
  readonly content?: Buffer;
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Part> {
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') yield { field: part.fieldname, name: part.filename, content: await part.toBuffer() };
      else yield { field: part.fieldname, name: '' };
    }
  } catch (error) {
    // A limit has a status of its own; a body that is torn or no multipart at all is a plain error of the parser.
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw refused(400, 'bad-request', [{ field: 'body', message: 'is no whole multipart body' }]);
  }
}

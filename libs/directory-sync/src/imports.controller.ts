// Bulk sync over HTTP: one CSV as the body, or several files that belong together as multipart.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Logger, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { reject, Rejection } from '@app/kernel';
import { Allow, CallerOf, Checked, pacer, refused, Runtime, sayPosition, type Caller } from '@app/platform';
import { uuid } from '@app/platform/schemas';
import { ROWS_TOLD_MAX } from './change-set';
import { changesOfPlan, commitPlan } from './commit-plan';
import { importCsv, type ImportParts, type ImportResult } from './import-csv';
import type { OpenWork } from './open-work';
import { importOf, type ImportRecord } from './imports';
import { changesAnswer, changesQuery, commitBody, importOrState, importQuery, importState } from './imports.dto';
import { ELEMENTS } from './fields';
import { ImportsUnderWay } from './progress';
import { FILE_BYTES_MAX, type Content } from './read-csv';
import { undoImport } from './undo-import';

/** So long an answer waits for its import, unless the caller says `Prefer: wait=<seconds>`; then it tells where to ask. */
const WAIT_S = 20;
const WAIT_S_MAX = 60;
const PREFER = { name: 'prefer', required: false, description: '`wait=<seconds>`: how long to wait for the result, else 202' };
const REST_BYTES_MAX = FILE_BYTES_MAX;

@ApiTags('imports')
@ApiBearerAuth()
@Controller()
@Allow('admin')
export class ImportsController {
  private readonly logger = new Logger('imports');
  private readonly underWay = new ImportsUnderWay<Answer>();

  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /** Takes over what the files say; every row that cannot be taken is named with its line and why. A dry run is a plan. */
  @Post('imports')
  @ApiConsumes('text/csv', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader(PREFER)
  @Checked(importOrState)
  async take(
    @Query({ schema: importQuery }) query: z.infer<typeof importQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CallerOf() me: Caller,
  ) {
    const { element, effective = me.on, dryRun, lines, whole, ...rest } = query;
    try {
      const files = await filesOf(request, element);
      const how = { dryRun: dryRun === 'true', whole: whole === 'true', person: me.person };
      const asked = { ...rest, ...how, id: me.command, element, files, effective, origin: me };
      return await this.answer({ id: me.command, me, reply, lines: lines === 'true' }, (parts) => importCsv(parts, asked));
    } finally {
      letRestPass(request);
    }
  }

  /** Applies exactly the plan that a dry run stored. */
  @Post('imports/:id/commit')
  @HttpCode(200)
  @ApiHeader(PREFER)
  @Checked(importOrState)
  async commit(
    @Param('id', { schema: uuid }) id: string,
    @Body({ schema: commitBody }) { force, lines, whole }: z.infer<typeof commitBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CallerOf() me: Caller,
  ) {
    const { person } = me;
    return this.answer({ id, me, reply, lines: lines === true }, (parts) => commitPlan(parts, { id, force, whole, person, origin: me }));
  }

  /** Puts back what was before the import, and lists what others have changed since. */
  @Post('imports/:id/undo')
  @HttpCode(200)
  @ApiHeader(PREFER)
  @Checked(importOrState)
  async undo(@Param('id', { schema: uuid }) id: string, @Res({ passthrough: true }) reply: FastifyReply, @CallerOf() me: Caller) {
    const { command: as, on, person } = me;
    return this.answer({ id: as, me, reply, lines: false }, (parts) => undoImport(parts, { id, as, on, person, origin: me }));
  }

  /** What a plan would change as things stand now. */
  @Get('imports/:id/changes')
  @Checked(changesAnswer)
  changes(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: changesQuery }) { after, limit }: z.infer<typeof changesQuery>,
    @CallerOf() me: Caller,
  ) {
    return changesOfPlan(this.partsFor(me), { id, after, limit });
  }

  /** What it came to, or how far it is. Imports are the only operations that take so long. */
  @Get(['imports/:id', 'operations/:id'])
  @Checked(importState)
  one(@Param('id', { schema: uuid }) id: string) {
    return this.stateOf(id) ?? reject('not-found', 'unknown-import');
  }

  /** The result if it comes soon, else 202 and where to ask for it. */
  private async answer(
    { id, me, reply, lines }: { readonly id: string; readonly me: Caller; readonly reply: FastifyReply; readonly lines: boolean },
    work: (parts: ImportParts) => Promise<ImportResult>,
  ): Promise<Answer> {
    const read = Promise.withResolvers<void>();
    const working = this.underWay.follow(id, async (tell) => {
      const parts = this.partsFor(me);
      const result = await work({
        ...parts,
        tell: (progress) => {
          tell(progress);
          // While files come in there is nothing to ask for elsewhere: the request has to stay.
          if (progress.phase !== 'reading') read.resolve();
        },
      });
      return answerOf(result, lines);
    });
    const soon = read.promise.then(() => sleep(waitMs(reply.request.headers['prefer']), undefined, { ref: false }));
    const answered = await Promise.race([working, soon]).catch((error: unknown) => {
      this.underWay.forget(id);
      throw error;
    });
    if (answered) {
      this.underWay.forget(id);
      return answered;
    }
    working.catch((error: unknown) => {
      if (!(error instanceof Rejection)) this.logger.error({ err: error, import: id }, 'failed');
    });
    void reply.status(202).header('location', `/api/v1/operations/${id}`);
    return this.stateOf(id)!;
  }

  private stateOf(id: string): Answer | undefined {
    const [record, followed] = [importOf(this.runtime.models, id), this.underWay.get(id)];
    if (!followed) return record && { ...record, state: recordedState(record) };
    const { progress, answer, problem } = followed;
    if (problem) return { ...record, id, state: 'failed', problem };
    if (!answer) return { ...record, id, state: 'running', progress };
    return { ...record, ...answer, id, state: record ? recordedState(record) : 'finished' };
  }

  private partsFor(me: Caller): ImportParts {
    const { log, run, models, libraries, dayOf } = this.runtime;
    const work: OpenWork = {
      waitingFor: (person) => libraries.flatMap((library) => library.waitingFor?.(models, person) ?? []),
      cancelledWith: (assignment) => libraries.flatMap((library) => library.cancelledWith?.(models, assignment) ?? []),
    };
    const reached = (position: number) => {
      sayPosition(me, position);
      return models.reached(position);
    };
    return { log, run, views: models, reached, pause: pacer(), today: me.on, work, dayOf };
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

/** The routes' schemas say what of it leaves. */
type Answer = Readonly<Record<string, unknown>> & { readonly id: string };

function recordedState({ startedAt, finishedAt }: ImportRecord): string {
  if (finishedAt !== undefined) return 'finished';
  return startedAt === undefined ? 'planned' : 'unfinished';
}

function waitMs(prefer: string | readonly string[] | undefined): number {
  const stated = /(?:^|[\s,;])wait\s*=\s*(\d{1,4})/i.exec(String(prefer ?? ''))?.[1];
  return Math.min(stated === undefined ? WAIT_S : Number(stated), WAIT_S_MAX) * 1000;
}

/** Every row with its verdict and reason is for programs that write a file of results; others do with the counts and the first. */
function answerOf({ verdicts, ...result }: ImportResult, lines: boolean) {
  const { rejected, noted } = result;
  const whole = { ...result, notedCount: noted.length };
  if (lines) return { ...whole, lines: verdicts() };
  return { ...whole, rejected: rejected.slice(0, ROWS_TOLD_MAX), noted: noted.slice(0, ROWS_TOLD_MAX) };
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

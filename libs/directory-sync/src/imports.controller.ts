// Bulk sync over HTTP: one CSV as the body, or several files that belong together as multipart.
import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, Answers, CallerOf, refused, Runtime, sayPosition, type Caller } from '@app/platform';
import { date, uuid } from '@app/platform/schemas';
import { importCsv } from './import-csv';
import { importOf } from './imports';
import { ELEMENTS } from './mapping';
import { PRESETS } from './presets';
import type { Content } from './read-csv';
import { DATE_ORDERS } from './read-date';

const importQuery = z.strictObject({
  preset: z.enum(Object.keys(PRESETS) as [string, ...string[]]),
  element: z.enum(ELEMENTS).optional(),
  mode: z.enum(['full', 'delta']).default('delta'),
  effective: date.optional(),
  dates: z.enum(DATE_ORDERS).optional(),
  dryRun: z.enum(['true', 'false']).default('false'),
});
const row = z.object({ line: z.number(), code: z.string(), detail: z.string().optional(), file: z.string().optional() });
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
    startedAt: z.string().optional(),
    finishedAt: z.string().optional(),
  })
  .meta({ id: 'Import' });

@ApiTags('imports')
@ApiBearerAuth()
@Controller('imports')
@Allow('admin')
export class ImportsController {
  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /** Takes over what the files say; every row that cannot be taken is named with its line and why. */
  @Post()
  @ApiConsumes('text/csv', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Answers(importAnswer)
  async take(@Query({ schema: importQuery }) query: z.infer<typeof importQuery>, @Req() request: FastifyRequest, @CallerOf() me: Caller) {
    const { preset, element, mode, effective = me.on, dates, dryRun } = query;
    const { run, models } = this.runtime;
    const reached = (position: number) => {
      sayPosition(me, position);
      return models.reached(position);
    };
    const parts = { run, views: models, reached };
    try {
      const files = await filesOf(request, element);
      return await importCsv(parts, {
        id: me.command,
        preset,
        element,
        files,
        mode,
        effective,
        ...(dates && { dates }),
        dryRun: dryRun === 'true',
        origin: me,
      });
    } finally {
      // The rest of a file that was refused early has to pass, or this connection would never carry another request.
      request.raw.resume();
    }
  }

  @Get(':id')
  @Answers(importAnswer)
  one(@Param('id', { schema: uuid }) id: string) {
    return importOf(this.runtime.models, id) ?? reject('not-found', 'unknown-import');
  }
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

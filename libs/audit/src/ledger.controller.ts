// The whole log as a file: for backups, and for auditors who want to prove it elsewhere.
import { Readable } from 'node:stream';
import { Controller, Get, Inject, StreamableFile, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { linesOf } from '@app/event-log';
import { Allow, Runtime } from '@app/platform';

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit/ledger')
@Allow('admin', 'auditor')
export class LedgerController implements BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /** One line of JSON for each event, and a closing one with the hash of the whole; an answer without it was cut off. */
  @Get()
  @ApiOkResponse({ content: { 'application/jsonl': { schema: { type: 'string' } } } })
  whole(): StreamableFile {
    const lines = Readable.from(linesOf(this.runtime.log.ledger()), { signal: this.closing.signal });
    return new StreamableFile(lines, { type: 'application/jsonl', disposition: 'attachment; filename="countersign-log.jsonl"' });
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
  }
}

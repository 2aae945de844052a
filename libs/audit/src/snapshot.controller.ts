// The read models of this process as a file: another replica that starts with it has only the rest of the log to follow.
import { createReadStream, statSync } from 'node:fs';
import { Controller, Get, Inject, StreamableFile, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { removeReadModels } from '@app/event-log';
import { Allow, newId, Runtime } from '@app/platform';

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit/snapshot')
@Allow('admin')
export class SnapshotController implements BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /** A whole file of SQLite, as it is between two transactions; shorter than its `Content-Length` when it was cut off. */
  @Get()
  @ApiOkResponse({ content: { 'application/vnd.sqlite3': { schema: { type: 'string', format: 'binary' } } } })
  async whole(): Promise<StreamableFile> {
    const { models } = this.runtime;
    const path = `${models.path}.${newId()}`;
    try {
      await models.copyTo(path);
      const file = createReadStream(path, { signal: this.closing.signal });
      file.once('close', () => removeReadModels(path));
      return new StreamableFile(file, { type: 'application/vnd.sqlite3', length: statSync(path).size });
    } catch (error) {
      removeReadModels(path);
      throw error;
    }
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
  }
}

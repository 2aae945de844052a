// What an operator's machine asks: alive, ready, figures.
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Allow } from './caller';
import { Metrics } from './metrics';
import { readinessOf } from './readiness';
import { Runtime } from './runtime';

const json = (fields: Readonly<Record<string, 'string' | 'integer'>>) => ({
  content: {
    'application/json': {
      schema: { type: 'object', properties: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type }])) },
    },
  },
});

@ApiTags('operating')
@Controller()
@Allow('public')
export class HealthController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('livez')
  @ApiOkResponse(json({ status: 'string' }))
  live() {
    return { status: 'ok' };
  }

  /** Red when the read models are behind, the log does not answer, a follower has stopped, or the process is stopping. */
  @Get('readyz')
  @ApiOkResponse(json({ status: 'string', position: 'integer', lag: 'integer', parked: 'integer' }))
  async ready() {
    const { log, wrong } = await readinessOf(this.runtime, Date.now());
    if (!log || wrong.length > 0) throw new HttpException({ code: 'not-ready', detail: wrong.join('; ') }, 503);
    return { status: 'ok', position: log.position, lag: log.lag, parked: this.runtime.models.parked().length };
  }

  @Get('metrics')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  figures() {
    return this.metrics.text();
  }
}

// What an operator's machine asks: alive, ready, figures.
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow } from './caller';
import { Metrics } from './metrics';
import { Runtime } from './runtime';

/** Events by which the read models may be behind and still be called ready. */
const LAG_EVENTS_MAX = 1_000;

@ApiExcludeController()
@Controller()
@Allow('public')
export class HealthController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('livez')
  live() {
    return { status: 'ok' };
  }

  /** Red while the read models catch up, while a follower has parked events, and when stopping. */
  @Get('readyz')
  async ready() {
    const { position } = await this.runtime.log.head();
    const lag = position - this.runtime.models.position;
    const status = { position, lag, parked: this.runtime.models.parked().length };
    if (this.runtime.signal.aborted || lag > LAG_EVENTS_MAX)
      throw new HttpException({ code: 'not-ready', detail: `${lag} events behind` }, 503);
    return { status: 'ok', ...status };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  figures() {
    return this.metrics.text();
  }
}

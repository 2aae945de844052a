// For auditors and administrators: the log itself, its proof, and a replay of everything from it.
import { Controller, Get, HttpException, Inject, Post, Query, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { rebuild } from '@app/event-log';
import { Allow, CallerOf, Checked, Cursors, Runtime, type Caller } from '@app/platform';
import { page, text } from '@app/platform/schemas';

/** The name of a decider and a dash stand before the id. */
const STREAM_CHARACTERS_MAX = 300;
const eventsQuery = z.strictObject({ ...page, stream: text(STREAM_CHARACTERS_MAX).min(1).optional() });
const eventsAnswer = z
  .object({
    items: z.array(
      z.object({
        position: z.number(),
        stream: z.string(),
        revision: z.number(),
        event: z.record(z.string(), z.unknown()),
        meta: z.record(z.string(), z.unknown()),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'Events' });
const proofAnswer = z
  .object({
    events: z.number(),
    hash: z.string(),
    fault: z.object({ position: z.number(), reason: z.string() }).optional(),
  })
  .meta({ id: 'Proof' });
const digest = z.object({ name: z.string(), rows: z.number(), digest: z.string() });
const replayAnswer = z
  .object({
    position: z.number(),
    fresh: z.array(digest),
    live: z.array(digest),
    different: z.array(z.string()),
    switchMs: z.number().optional(),
  })
  .meta({ id: 'Replay' });
const parkedAnswer = z
  .object({ items: z.array(z.object({ follower: z.string(), stream: z.string(), position: z.number(), reason: z.string() })) })
  .meta({ id: 'Parked' });
const retryAnswer = z.object({ taken: z.number(), parked: z.number() }).meta({ id: 'ParkedRetry' });
const replayQuery = z.strictObject({ check: z.enum(['true', 'false']).default('true') });

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit')
@Allow('admin')
export class AuditController implements BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** The log, oldest first, or one stream of it. */
  @Get('events')
  @Allow('admin', 'auditor')
  @Checked(eventsAnswer)
  async events(@Query({ schema: eventsQuery }) { stream, after, limit }: z.infer<typeof eventsQuery>, @CallerOf() me: Caller) {
    const scope = `events ${stream ?? ''} ${me.actor}`;
    const from = Number(this.cursors.read(scope, after) ?? 0);
    const { log } = this.runtime;
    const items = await (stream === undefined ? log.readAll({ after: from, max: limit }) : log.read(stream, { from, max: limit }));
    const last = items.at(-1);
    const next = last && items.length === limit ? (stream === undefined ? last.position : last.revision + 1) : undefined;
    return { items, ...(next !== undefined && { next: this.cursors.write(scope, next) }) };
  }

  /** Recomputes the hash chain over the whole log and compares its end with the head witness; a server's log is read as a whole. */
  @Get('proof')
  @Allow('admin', 'auditor')
  @Checked(proofAnswer)
  proof() {
    return this.runtime.log.verify();
  }

  /** Replays the log into new read models and compares them with the live ones; without `check` puts them in their place. */
  @Post('replay')
  @Checked(replayAnswer)
  replay(@Query({ schema: replayQuery }) { check }: z.infer<typeof replayQuery>) {
    const { log, models } = this.runtime;
    return rebuild(log, models, { swap: check === 'false', signal: this.closing.signal });
  }

  /** The events that followers could not take, and those of the same streams that wait behind them. */
  @Get('parked')
  @Checked(parkedAnswer)
  async parked() {
    return { items: await this.runtime.parked() };
  }

  /** Takes the events that followers parked once more, when the cause is mended. */
  @Post('parked/retry')
  @Checked(retryAnswer)
  retry() {
    return this.runtime.retryParked();
  }

  beforeApplicationShutdown(): void {
    this.closing.abort(new HttpException({ code: 'not-ready', detail: 'The server is stopping.' }, 503));
  }
}

// The administrator's board: how the queue does, which deliveries ended undelivered and why, and another try for them.
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Rejection } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, derivedId, Runtime, sayPosition, type Caller } from '@app/platform';
import { id, page, uuid } from '@app/platform/schemas';
import { EMAIL } from './deliver';
import { deliveryShape } from './delivery.dto';
import { countDue, countFailed, undelivered } from './delivery-ledger';
import { QueueUnavailable, type JobQueue } from './job-queue';
import { JOB_QUEUE, ToNotice } from './notifications.controller';

const DUE_COUNTED_MAX = 100_000;
const RETRIES_MAX = 200;

const listQuery = z.strictObject({ ...page, status: z.enum(['failed', 'suppressed']).default('failed') });
const listAnswer = z.object({ items: z.array(deliveryShape), next: z.string().optional() }).meta({ id: 'UndeliveredDeliveries' });
const retryBody = z
  .strictObject({
    items: z
      .array(z.strictObject({ source: uuid, recipient: id }))
      .min(1)
      .max(RETRIES_MAX),
  })
  .meta({ id: 'RetryDeliveries' });
const retryAnswer = z
  .object({ items: z.array(z.object({ source: z.string(), recipient: z.string(), status: z.string(), code: z.string().optional() })) })
  .meta({ id: 'RetriedDeliveries' });
const queuesAnswer = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        due: z.object({ urgent: z.number(), usual: z.number() }),
        failed: z.number(),
        jobs: z.object({ ready: z.number(), delayed: z.number(), running: z.number() }).optional(),
        fault: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Queues' });

@ApiTags('notifications')
@ApiBearerAuth()
@Controller()
@Allow('admin', 'auditor')
export class DeliveriesController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  /** What is due by the log, at most 100,000 counted, and what the queue holds of it now, or why it cannot be asked. */
  @Get('queues')
  @Checked(queuesAnswer)
  async queues() {
    const { models } = this.runtime;
    const asked = await this.queue.counts(EMAIL).catch((error: unknown) => {
      if (error instanceof QueueUnavailable) return error;
      throw error;
    });
    const jobs = asked instanceof QueueUnavailable ? { fault: asked.message } : { jobs: asked };
    return { items: [{ name: EMAIL, due: countDue(models, DUE_COUNTED_MAX), failed: countFailed(models, DUE_COUNTED_MAX), ...jobs }] };
  }

  /** Deliveries that were given up or not tried, and why; the newest first. */
  @Get('deliveries')
  @Checked(listAnswer)
  undelivered(@Query({ schema: listQuery }) { status, after, limit }: z.infer<typeof listQuery>) {
    const scope = `deliveries ${status}`;
    const place = this.cursors.read(scope, after);
    const before = place === undefined ? undefined : (JSON.parse(place) as { position: number; recipient: string });
    const items = undelivered(this.runtime.models, { status, before, limit });
    const last = items.at(-1);
    const next = JSON.stringify({ position: last?.position, recipient: last?.recipient });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, next) }) };
  }

  /** Makes deliveries due once more when their cause is mended. One answer for each; who retries stands in the log. */
  @Post('deliveries/retry')
  @Allow('admin')
  @Checked(retryAnswer)
  async retry(@Body({ schema: retryBody }) { items }: z.infer<typeof retryBody>, @CallerOf() me: Caller) {
    return { items: await Promise.all(items.map((item) => this.retryOne(item, me))) };
  }

  private async retryOne({ source, recipient }: { source: string; recipient: string }, me: Caller) {
    const command = { type: 'RetryDelivery', recipient, channel: EMAIL } as const;
    const origin = { ...me, command: derivedId(me.command, source, recipient) };
    try {
      const { position } = await this.bus.execute(new ToNotice(source, command, origin));
      sayPosition(me, position);
      return { source, recipient, status: 'due' };
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      return { source, recipient, status: 'refused', code: error.code };
    }
  }
}

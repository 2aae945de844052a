// What I was told, and for those who look into a request: who was told what, by which rule, and who was not.
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CallerOf, Checked, Cursors, Runtime, To, type Caller } from '@app/platform';
import { page, uuid } from '@app/platform/schemas';
import { ledgerOf, noticesFor } from './delivery-ledger';
import { deliveryShape } from './delivery.dto';
import type { NoticeCommand } from './notice';

export class ToNotice extends To<NoticeCommand> {}
export const JOB_QUEUE = 'job-queue';

const noticesQuery = z.strictObject(page);
const noticesAnswer = z
  .object({
    items: z.array(
      z.object({
        source: z.string(),
        request: z.string(),
        template: z.string(),
        rule: z.string(),
        facts: z.record(z.string(), z.unknown()),
        at: z.string(),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'Notices' });
const ledgerAnswer = z.object({ items: z.array(deliveryShape) }).meta({ id: 'DeliveryLedger' });

@ApiTags('notifications')
@ApiBearerAuth()
@Controller()
@Allow('signed-in')
export class NotificationsController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** What the caller was told in the product, newest first. */
  @Get('notices')
  @Checked(noticesAnswer)
  notices(@Query({ schema: noticesQuery }) { after, limit }: z.infer<typeof noticesQuery>, @CallerOf() { actor }: Caller) {
    const scope = `notices ${actor}`;
    const place = this.cursors.read(scope, after);
    const items = noticesFor(this.runtime.models, actor, { ...(place && { after: Number(place) }), limit });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, items.at(-1)!.position) }) };
  }

  /** Every delivery about a request: due, sent, failed or suppressed, and why (T7). */
  @Get('requests/:id/deliveries')
  @Allow('admin', 'auditor')
  @Checked(ledgerAnswer)
  deliveries(@Param('id', { schema: uuid }) id: string) {
    return { items: ledgerOf(this.runtime.models, id) };
  }
}

// What waits for me, why me, since when; and what waits for nobody.
import { Body, Controller, Get, Inject, Put, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { reject } from '@app/kernel';
import { assignmentsOf, isActive, nameOf, personOf } from '@app/organisation';
import { Allow, Answers, CallerOf, Cursors, Runtime, To, type Caller } from '@app/platform';
import { fallbackApprover, SITE, type SettingsCommand } from './approval-settings';
import { fallbackBody, inboxAnswer, inboxQuery } from './approvals.dto';
import { inboxCount, inboxOf } from './pending-approvals';
import { listRequests, requestsWithNobody } from './requests';

export class ToApprovalSettings extends To<SettingsCommand> {}

const fallbackAnswer = z.object({ person: z.string().optional() }).meta({ id: 'FallbackApproverNow' });
const meAnswer = z
  .object({
    username: z.string(),
    role: z.string(),
    person: z.object({ id: z.string(), username: z.string(), name: z.string(), email: z.string().optional() }).optional(),
    assignments: z.array(
      z.object({
        id: z.string(),
        positionType: z.string(),
        position: z.string().optional(),
        unit: z.string().optional(),
        title: z.string().optional(),
        from: z.string(),
        to: z.string().optional(),
      }),
    ),
    counts: z.object({ inbox: z.number(), openRequests: z.number() }),
  })
  .meta({ id: 'Me' });
const attentionAnswer = z
  .object({
    requests: z.array(z.object({ id: z.string(), step: z.number(), because: z.string(), since: z.string() })),
    parked: z.array(z.object({ follower: z.string(), stream: z.string(), position: z.number(), reason: z.string() })),
  })
  .meta({ id: 'Attention' });

@ApiTags('requests')
@ApiBearerAuth()
@Controller()
@Allow('signed-in')
export class InboxController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Who I am here: my jobs today, what I may do, and what waits for me. */
  @Get('me')
  @Answers(meAnswer)
  me(@CallerOf() { actor, username, person, role, on }: Caller) {
    const views = this.runtime.models;
    const open = person === undefined ? [] : listRequests(views, { beneficiary: person, status: 'open', limit: 200 });
    return {
      username,
      role,
      ...(person && { person: personOf(views, person, on) }),
      assignments: person === undefined ? [] : assignmentsOf(views, person, on),
      counts: { inbox: inboxCount(views, actor), openRequests: open.length },
    };
  }

  @Get('inbox')
  @Answers(inboxAnswer)
  inbox(@Query({ schema: inboxQuery }) { after, limit }: z.infer<typeof inboxQuery>, @CallerOf() { actor }: Caller) {
    const views = this.runtime.models;
    const scope = `inbox ${actor}`;
    const place = this.cursors.read(scope, after);
    const pending = inboxOf(views, actor, { ...(place && { after: Number(place) }), limit });
    const items = pending.map((one) => ({ ...one, beneficiaryName: nameOf(views, one.beneficiary) ?? one.beneficiary }));
    const next = pending.length === limit ? this.cursors.write(scope, pending.at(-1)!.place) : undefined;
    return { items, waiting: inboxCount(views, actor), ...(next && { next }) };
  }

  /** What an administrator has to look at: requests that wait for nobody, and events that a follower could not take. */
  @Get('attention')
  @Allow('admin', 'auditor')
  @Answers(attentionAnswer)
  attention() {
    return { requests: requestsWithNobody(this.runtime.models), parked: this.runtime.models.parked() };
  }

  @Get('fallback-approver')
  @Allow('admin', 'auditor')
  @Answers(fallbackAnswer)
  fallback() {
    return { person: fallbackApprover(this.runtime.models) };
  }

  /** Names the person who is asked when no manager can be. */
  @Put('fallback-approver')
  @Allow('admin')
  @Answers(fallbackAnswer)
  async nameFallback(@Body({ schema: fallbackBody }) { person }: z.infer<typeof fallbackBody>, @CallerOf() me: Caller) {
    if (!isActive(this.runtime.models, person, me.on)) reject('invalid', 'unknown-person', { person });
    await this.bus.execute(new ToApprovalSettings(SITE, { type: 'NameFallbackApprover', person }, me));
    return { person };
  }
}

// What waits for me, why me, since when; and what waits for nobody.
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { assignmentsOf, personOf } from '@app/organisation';
import { Allow, CallerOf, Checked, Cursors, Runtime, type Caller } from '@app/platform';
import { inboxAnswer, inboxQuery } from './approvals.dto';
import { inboxCount, inboxOf } from './pending-approvals';
import { openCount, requestsWithNobody } from './requests';

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
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Who I am here: my jobs today, what I may do, and what waits for me. */
  @Get('me')
  @Checked(meAnswer)
  me(@CallerOf() { username, person, role, on }: Caller) {
    const views = this.runtime.models;
    return {
      username,
      role,
      ...(person && { person: personOf(views, person, on) }),
      assignments: person === undefined ? [] : assignmentsOf(views, person, on),
      counts:
        person === undefined ? { inbox: 0, openRequests: 0 } : { inbox: inboxCount(views, person), openRequests: openCount(views, person) },
    };
  }

  @Get('inbox')
  @Checked(inboxAnswer)
  inbox(@Query({ schema: inboxQuery }) { after, limit }: z.infer<typeof inboxQuery>, @CallerOf() { actor, person }: Caller) {
    const views = this.runtime.models;
    const scope = `inbox ${actor}`;
    const place = this.cursors.read(scope, after);
    if (person === undefined) return { items: [], waiting: 0 };
    const items = inboxOf(views, person, { ...(place && { after: Number(place) }), limit });
    const next = items.length === limit ? this.cursors.write(scope, items.at(-1)!.place) : undefined;
    // The whole of it, where it fits one page.
    const waiting = place === undefined && next === undefined ? items.length : inboxCount(views, person);
    return { items, waiting, ...(next && { next }) };
  }

  /** What an administrator has to look at: requests that wait for nobody, and events that a follower could not take, wherever it runs. */
  @Get('attention')
  @Allow('admin', 'auditor')
  @Checked(attentionAnswer)
  async attention() {
    return { requests: requestsWithNobody(this.runtime.models), parked: await this.runtime.parked() };
  }
}

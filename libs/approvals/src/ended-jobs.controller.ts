// For whoever watches over the money: what was granted in the name of jobs that are over (E12).
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CallerOf, Checked, Cursors, Runtime, type Caller } from '@app/platform';
import { date, page, text } from '@app/platform/schemas';
import { grantedInEndedJobs } from './ended-jobs';
import { RequestReader } from './request-reader';

const query = z.strictObject({ ...page, since: date.optional(), costCentre: text(200).optional() });
const answer = z
  .object({
    items: z.array(
      z
        .object({
          request: z.string(),
          kind: z.string(),
          course: z.string().optional(),
          beneficiary: z.string(),
          assignment: z.string(),
          endedOn: z.string(),
          costCentre: z.string().optional(),
          costMinor: z.number().optional(),
          currency: z.string().optional(),
          grantedAt: z.string(),
        })
        .meta({ id: 'GrantedInEndedJob' }),
    ),
    people: z.record(z.string(), z.string()),
    next: z.string().optional(),
  })
  .meta({ id: 'GrantedInEndedJobs' });

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit/granted-in-ended-jobs')
@Allow('admin', 'auditor')
export class EndedJobsController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Granted requests whose asking assignment ended after the grant, the oldest first. The enrolments stay. */
  @Get()
  @Checked(answer)
  list(@Query({ schema: query }) { since, costCentre, after, limit }: z.infer<typeof query>, @CallerOf() me: Caller) {
    const scope = `granted in ended jobs ${since ?? ''} ${costCentre ?? ''} ${me.actor}`;
    const place = this.cursors.read(scope, after);
    const from = place === undefined ? undefined : Number(place);
    const items = grantedInEndedJobs(this.runtime.models, { on: me.on, since, costCentre, after: from, limit });
    const next = items.length === limit ? this.cursors.write(scope, items.at(-1)!.place) : undefined;
    return { items, people: this.reader.namesOf(items.map(({ beneficiary }) => beneficiary)), ...(next && { next }) };
  }
}

// For administrators and auditors: decisions that a back-dated change has put in question (N7).
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Allow, Answers, CallerOf, Cursors, Runtime, type Caller } from '@app/platform';
import { affectedDecisions } from './affected-decisions';
import { affectedAnswer } from './approvers.dto';
import { inboxQuery } from './approvals.dto';
import { RequestReader } from './request-reader';

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit/affected-decisions')
@Allow('admin', 'auditor')
export class AffectedController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Decided by somebody who, as is known now, was not to be asked that day. A page may be empty and have a next one. */
  @Get()
  @Answers(affectedAnswer)
  affected(@Query({ schema: inboxQuery }) { after, limit }: z.infer<typeof inboxQuery>, @CallerOf() me: Caller) {
    const scope = `affected decisions ${me.actor}`;
    const place = this.cursors.read(scope, after);
    const { items, next } = affectedDecisions(this.runtime.models, { after: place === undefined ? undefined : Number(place), limit });
    const people = this.reader.namesOf(items.flatMap(({ by, beneficiary, instead }) => [by, beneficiary, ...instead]));
    return { items, people, ...(next !== undefined && { next: this.cursors.write(scope, next) }) };
  }
}

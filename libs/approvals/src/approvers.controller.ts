// Who would be asked: the resolver's answer for a person on a day, with the reason for each (A28).
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { assignmentsOf, personOf, reportsTo } from '@app/organisation';
import { Allow, Answers, CallerOf, Runtime, type Caller } from '@app/platform';
import { id } from '@app/platform/schemas';
import { approversAnswer, approversQuery } from './approvals.dto';
import { RequestReader } from './request-reader';
import { resolve } from './resolver';

@ApiTags('people')
@ApiBearerAuth()
@Controller('people/:id/approvers')
@Allow('signed-in')
export class ApproversController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
  ) {}

  /** For each job of the person on the day, or for the one that is named: who is asked first, and who is passed over and why. */
  @Get()
  @Answers(approversAnswer)
  approvers(
    @Param('id', { schema: id }) person: string,
    @Query({ schema: approversQuery }) { assignment, asOf }: z.infer<typeof approversQuery>,
    @CallerOf() me: Caller,
  ) {
    const views = this.runtime.models;
    const on = asOf ?? me.on;
    const officer = me.role === 'admin' || me.role === 'auditor';
    const visible = officer || me.person === person || reportsTo(views, { person, manager: me.actor, asOf: me.on });
    if (!visible || !personOf(views, person)) reject('not-found', 'unknown-person');
    const jobs = assignmentsOf(views, person, on).filter((one) => assignment === undefined || one.id === assignment);
    if (assignment !== undefined && jobs.length === 0) reject('not-found', 'unknown-assignment', { assignment });
    const items = jobs.map((job) => ({
      assignment: job.id,
      ...resolve(views, { requester: person, beneficiary: person, assignment: job.id, on }),
    }));
    const named = items.flatMap(({ slate, skipped }) => [...slate, ...skipped].map((one) => one.person));
    return { asOf: on, items, people: this.reader.namesOf([person, ...named]) };
  }
}

// Who would be asked: the resolver's answer for a person on a day, with the reason for each (A28).
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { assignmentsOf, visiblePerson } from '@app/organisation';
import { Allow, CallerOf, Checked, Runtime, type Caller } from '@app/platform';
import { id } from '@app/platform/schemas';
import { approversAnswer, approversQuery } from './approvers.dto';
import { approvalsAsKnownAt } from './as-known';
import { explain } from './explanation';
import { RequestReader } from './request-reader';

@ApiTags('people')
@ApiBearerAuth()
@Controller('people/:id/approvers')
@Allow('signed-in')
export class ApproversController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
  ) {}

  /** For each job of the person on the day, or for the one that is named: who is asked first, how that came about, and why not another. */
  @Get()
  @Checked(approversAnswer)
  approvers(
    @Param('id', { schema: id }) person: string,
    @Query({ schema: approversQuery }) { assignment, asOf, knownAt, whyNot }: z.infer<typeof approversQuery>,
    @CallerOf() me: Caller,
  ) {
    visiblePerson(this.runtime.models, person, me);
    const views = approvalsAsKnownAt(this.runtime.models, knownAt);
    const on = asOf ?? me.on;
    const jobs = assignmentsOf(views, person, on).filter((one) => assignment === undefined || one.id === assignment);
    if (assignment !== undefined && jobs.length === 0) reject('not-found', 'unknown-assignment', { assignment });
    const items = jobs.map(({ id: asking, from, to }) => {
      const question = { requester: person, beneficiary: person, assignment: asking, on };
      return { assignment: asking, step: 1, from, ...(to && { to }), ...explain(views, question, whyNot) };
    });
    const named = items.flatMap(({ slate, levels, fallback }) => [
      ...slate.map((one) => one.person),
      ...levels.flatMap((level) => [...level.assignments, ...level.links].map((one) => one.person ?? person)),
      fallback?.person ?? person,
    ]);
    return { asOf: on, ...(knownAt && { knownAt }), items, people: this.reader.namesOf([person, ...named, ...(whyNot ? [whyNot] : [])]) };
  }
}

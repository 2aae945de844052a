// One job and its managers, changed by hand and effective from a date (M2).
import { Body, Controller, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, Answers, CallerOf, Runtime, To, type Caller } from '@app/platform';
import { assignmentOf, linkOfId, managersOf, personOf, type Assignment } from './hierarchy-queries';
import { linkIdOf } from './manager-link';
import { anyId, assignmentAnswer, dayQuery, endBody, jobChange, managerBody } from './organisation.dto';
import { ToPerson } from './people.controller';
import { SITE, type ReportingCommand } from './reporting';

export class ToReporting extends To<ReportingCommand> {}

@ApiTags('people')
@ApiBearerAuth()
@Controller()
@Allow('admin')
export class AssignmentsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
  ) {}

  @Get('assignments/:id')
  @Allow('admin', 'auditor')
  @Answers(assignmentAnswer)
  one(@Param('id', { schema: anyId }) id: string, @Query({ schema: dayQuery }) { asOf }: z.infer<typeof dayQuery>, @CallerOf() me: Caller) {
    return this.show(id, asOf ?? me.on);
  }

  /** Changes what is named and leaves the rest. */
  @Patch('assignments/:id')
  @Answers(assignmentAnswer)
  async change(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: jobChange }) body: z.infer<typeof jobChange>,
    @CallerOf() me: Caller,
  ) {
    const { id: assignment, ...now } = this.required(id);
    const { person } = now;
    requireOthers(me, person);
    await this.bus.execute(new ToPerson(person, { type: 'ChangeAssignment', assignment, ...now, ...body }, me));
    return this.show(id, me.on);
  }

  @Post('assignments/:id/end')
  @Answers(assignmentAnswer)
  async end(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: endBody }) { to }: z.infer<typeof endBody>,
    @CallerOf() me: Caller,
  ) {
    const { person } = this.required(id);
    requireOthers(me, person);
    await this.bus.execute(new ToPerson(person, { type: 'EndAssignment', person, assignment: id, to }, me));
    return this.show(id, me.on);
  }

  @Post('assignments/:id/managers')
  @Answers(assignmentAnswer, 201)
  async addManager(
    @Param('id', { schema: anyId }) assignment: string,
    @Body({ schema: managerBody }) body: z.infer<typeof managerBody>,
    @CallerOf() me: Caller,
  ) {
    const { person } = this.required(assignment);
    const { manager, managerAssignment, kind, responsibilities, from, to } = body;
    requireOthers(me, person, manager);
    if (!personOf(this.runtime.models, manager)) reject('invalid', 'unknown-manager', { manager });
    if (managerAssignment !== undefined && assignmentOf(this.runtime.models, managerAssignment)?.person !== manager) {
      reject('invalid', 'unknown-assignment', { assignment: managerAssignment });
    }
    const named = {
      manager,
      kind,
      responsibilities,
      ...(managerAssignment && { managerAssignment }),
      ...(from && { from }),
      ...(to && { to }),
    };
    await this.bus.execute(new ToReporting(SITE, { type: 'AssignManager', assignment, person, ...named }, me));
    return { ...this.show(assignment, me.on), link: linkIdOf(assignment, named) };
  }

  @Post('manager-links/:id/end')
  @Answers(assignmentAnswer)
  async endLink(
    @Param('id', { schema: anyId }) link: string,
    @Body({ schema: endBody }) { to }: z.infer<typeof endBody>,
    @CallerOf() me: Caller,
  ) {
    const found = linkOfId(this.runtime.models, link);
    if (!found) return reject('not-found', 'unknown-link', { link });
    requireOthers(me, found.person, found.manager);
    await this.bus.execute(new ToReporting(SITE, { type: 'EndManagerLink', link, to }, me));
    return this.show(found.assignment, me.on);
  }

  private required(id: string): Assignment {
    return assignmentOf(this.runtime.models, id) ?? reject('not-found', 'unknown-assignment', { assignment: id });
  }

  private show(id: string, asOf: string) {
    return { ...this.required(id), managers: managersOf(this.runtime.models, { assignment: id, responsibilities: ['approval'], asOf }) };
  }
}

/** An administrator changes neither his own jobs and managers nor whom he himself manages: somebody else does. */
function requireOthers({ person }: Caller, ...concerned: readonly string[]): void {
  if (person !== undefined && concerned.includes(person)) reject('forbidden', 'self-benefit');
}

// One job and its managers, changed by hand and effective from a date (M2).
import { Body, Controller, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject, type Views } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, paced, Runtime, To, type Caller } from '@app/platform';
import { asKnown, asKnownAt } from './as-known';
import { assignmentOf, linkOfId, personOf, type Assignment } from './hierarchy-queries';
import { managerGaps } from './manager-gaps';
import { linkIdOf, type ManagerLink } from './manager-link';
import {
  anyId,
  assignmentAnswer,
  dayQuery,
  endBody,
  gapAnswer,
  gapQuery,
  jobChange,
  linkAnswer,
  linkChange,
  listOf,
  loopsAnswer,
  managerBody,
} from './organisation.dto';
import { requireKnown, rulesOf, ToPerson, withManagers } from './people.controller';
import { SITE, type ReportingCommand } from './reporting';
import { everybody, loopsAbove } from './reporting-loops';
import { requireOthers } from './self-benefit';

export class ToReporting extends To<ReportingCommand> {}

@ApiTags('people')
@ApiBearerAuth()
@Controller()
@Allow('admin')
export class AssignmentsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Assignments in effect on the day without a direct manager; `mandatory` where their type demands one (E35). */
  @Get('manager-gaps')
  @Allow('admin', 'auditor')
  @Checked(listOf(gapAnswer))
  gaps(@Query({ schema: gapQuery }) query: z.infer<typeof gapQuery>, @CallerOf() me: Caller) {
    const { after, limit, asOf = me.on, knownAt, responsibility } = query;
    const scope = `manager gaps ${responsibility} ${asOf} ${knownAt ?? ''}`;
    const views = asKnownAt(this.runtime.models, knownAt);
    const { items, next } = managerGaps(views, { responsibility, asOf, limit, after: this.cursors.read(scope, after) });
    return { items, ...(next !== undefined && { next: this.cursors.write(scope, next) }) };
  }

  /** Loops of managers, each with its first day: such as two processes at once may close over seats and links together. */
  @Get('manager-loops')
  @Allow('admin', 'auditor')
  @Checked(loopsAnswer)
  async loops() {
    const views = asKnown(this.runtime.models, this.runtime.models.position);
    return { items: await paced(loopsAbove(views, everybody(views))) };
  }

  @Get('assignments/:id')
  @Allow('admin', 'auditor')
  @Checked(assignmentAnswer)
  one(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) { asOf, knownAt }: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    return this.show(id, asOf ?? me.on, asKnownAt(this.runtime.models, knownAt));
  }

  /** Changes what is named and leaves the rest. */
  @Patch('assignments/:id')
  @Checked(assignmentAnswer)
  async change(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: jobChange }) body: z.infer<typeof jobChange>,
    @CallerOf() me: Caller,
  ) {
    const { person, positionType } = this.required(id);
    requireOthers(me, person);
    requireKnown(this.runtime.models, body);
    const type = rulesOf(this.runtime.models, body.positionType ?? positionType);
    await this.bus.execute(new ToPerson(person, { type: 'ChangeAssignment', person, assignment: id, ...type, ...body }, me));
    return this.show(id, me.on);
  }

  @Post('assignments/:id/end')
  @Checked(assignmentAnswer)
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
  @Checked(linkAnswer, 201)
  async addManager(
    @Param('id', { schema: anyId }) assignment: string,
    @Body({ schema: managerBody }) body: z.infer<typeof managerBody>,
    @CallerOf() me: Caller,
  ) {
    const { person } = this.required(assignment);
    const { manager, managerAssignment, kind, responsibilities, from, to, overlap } = body;
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
    await this.bus.execute(new ToReporting(SITE, { type: 'AssignManager', assignment, person, ...named, overlap }, me));
    const link = linkIdOf(assignment, named);
    if (linkOfId(this.runtime.models, link)) return { ...this.show(assignment, me.on), link };
    return { ...this.show(assignment, me.on), link: linkIdOf(assignment, { ...named, kind: 'alternate' }), demoted: true };
  }

  /** Says that a link was never as it was recorded; what was believed before stays to be asked for. */
  @Patch('manager-links/:id')
  @Checked(assignmentAnswer)
  async correctLink(
    @Param('id', { schema: anyId }) link: string,
    @Body({ schema: linkChange }) body: z.infer<typeof linkChange>,
    @CallerOf() me: Caller,
  ) {
    const found = this.linkFor(me, link);
    await this.bus.execute(new ToReporting(SITE, { type: 'CorrectManagerLink', link, ...body }, me));
    return this.show(found.assignment, me.on);
  }

  @Post('manager-links/:id/end')
  @Checked(assignmentAnswer)
  async endLink(
    @Param('id', { schema: anyId }) link: string,
    @Body({ schema: endBody }) { to }: z.infer<typeof endBody>,
    @CallerOf() me: Caller,
  ) {
    const found = this.linkFor(me, link);
    await this.bus.execute(new ToReporting(SITE, { type: 'EndManagerLink', link, to }, me));
    return this.show(found.assignment, me.on);
  }

  private linkFor(me: Caller, link: string): ManagerLink {
    const found = linkOfId(this.runtime.models, link) ?? reject('not-found', 'unknown-link', { link });
    requireOthers(me, found.person, found.manager);
    return found;
  }

  private required(id: string, views: Views = this.runtime.models): Assignment {
    return assignmentOf(views, id) ?? reject('not-found', 'unknown-assignment', { assignment: id });
  }

  private show(id: string, asOf: string, views: Views = this.runtime.models) {
    return withManagers(views, this.required(id, views), asOf);
  }
}

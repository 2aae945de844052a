// My Team: everybody who reports to a person over all of his jobs, with what waits in their names (S1, S2).
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject, type Views } from '@app/kernel';
import {
  asKnown,
  assignmentsOf,
  isOfficer,
  ReportingLines,
  teamPage,
  visiblePerson,
  type TeamMember,
  type TeamQuery,
} from '@app/organisation';
import { Allow, CallerOf, Checked, Cursors, Runtime, type Caller } from '@app/platform';
import { id } from '@app/platform/schemas';
import { knownPosition } from './as-known';
import { teamAnswer, teamQuery } from './approvers.dto';
import { waitingAmong } from './pending-approvals';
import { RequestReader } from './request-reader';

@ApiTags('people')
@ApiBearerAuth()
@Controller('people/:id/team')
@Allow('signed-in')
export class TeamController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /**
   * From the top down, each member before those below him. All pages show what was known when the first one was asked for. Whom
   * one may not see today is left out, so that a page may be short and have a next one.
   */
  @Get()
  @Checked(teamAnswer)
  async members(
    @Param('id', { schema: id }) person: string,
    @Query({ schema: teamQuery }) query: z.infer<typeof teamQuery>,
    @CallerOf() me: Caller,
  ) {
    const { models } = this.runtime;
    visiblePerson(models, person, me);
    const { limit, knownAt, after: cursor, ...asked } = query;
    const question: Omit<TeamQuery, 'limit' | 'after'> = { ...asked, person, asOf: asked.asOf ?? me.on };
    const scope = `team ${JSON.stringify(question)} ${knownAt ?? ''} ${me.actor}`;
    const [position, after] = this.cursors.readPlace(scope, cursor) ?? [knownPosition(models, knownAt)];
    // What is known now is read from the present tables alone.
    const views = position === undefined || position >= models.position ? models : asKnown(models, position);
    if (!standsIn(views, question)) reject('not-found', 'unknown-assignment', { assignment: question.assignment });
    const { items: members, next } = teamPage(views, { ...question, after, limit });
    const seen = visibleToday(models, members, me);
    const items = await Promise.all(seen.map(async (member) => ({ ...member, ...(await this.waitingIn(member.assignment, person, me)) })));
    return { items, ...(next !== undefined && { next: this.cursors.writePlace(scope, [position ?? models.position, next]) }) };
  }

  /** Of the open requests in the name of an assignment those of which one may know, and how many of them wait for the person. */
  private async waitingIn(assignment: string, person: string, me: Caller) {
    const open = await this.reader.openIn(assignment, me);
    return { openRequests: open.length, waiting: waitingAmong(this.runtime.models, open, person) };
  }
}

/** The team may be that of another day; who may be seen is a question of today. */
function visibleToday(views: Views, members: readonly TeamMember[], me: Caller): readonly TeamMember[] {
  if (isOfficer(me)) return members;
  const viewer = me.person;
  if (viewer === undefined) return [];
  const lines = ReportingLines.on(views, me.on);
  return members.filter(({ person }) => person === viewer || lines.reportsTo(person, viewer));
}

/** Whether the person holds the assignment on the day, where the team is asked for by one. */
function standsIn(views: Views, { person, assignment, asOf }: Pick<TeamQuery, 'person' | 'assignment' | 'asOf'>): boolean {
  return assignment === undefined || assignmentsOf(views, person, asOf).some(({ id }) => id === assignment);
}

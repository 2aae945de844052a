// People, their jobs and their teams: who may see whom follows the reporting line.
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, Answers, CallerOf, Cursors, newId, Runtime, To, type Caller } from '@app/platform';
import { assignmentOf, assignmentsOf, managersOf, personByUsername, personOf, searchPeople, type Assignment } from './hierarchy-queries';
import {
  anyId,
  assignmentAnswer,
  dayQuery,
  deactivationBody,
  jobBody,
  listOf,
  peopleQuery,
  personAnswer,
  personBody,
  teamMember,
  teamQuery,
} from './organisation.dto';
import type { PersonCommand } from './person';
import { reportsTo } from './reporting-line';
import { positionOf, unitOf } from './structure-queries';
import { team } from './team';

export class ToPerson extends To<PersonCommand> {}

@ApiTags('people')
@ApiBearerAuth()
@Controller('people')
@Allow('signed-in')
export class PeopleController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Everybody, by id: whoever may name an approver has to find one. */
  @Get()
  @Answers(listOf(personAnswer))
  list(@Query({ schema: peopleQuery }) { search, after, limit }: z.infer<typeof peopleQuery>, @CallerOf() me: Caller) {
    const scope = `people ${search ?? ''} ${me.actor}`;
    const found = searchPeople(this.runtime.models, { search, after: this.cursors.read(scope, after), limit });
    const items = found.map(({ email, ...person }) => (isOfficer(me) ? { ...person, email } : person));
    return { items, ...(found.length === limit && { next: this.cursors.write(scope, found.at(-1)!.id) }) };
  }

  @Get(':id')
  @Answers(personAnswer)
  one(@Param('id', { schema: anyId }) id: string, @CallerOf() me: Caller) {
    return this.seen(id, me);
  }

  /** The person's jobs on a day, each with its managers for approval. */
  @Get(':id/assignments')
  @Answers(listOf(assignmentAnswer))
  assignments(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) query: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    this.seen(id, me);
    const asOf = query.asOf ?? me.on;
    return { items: assignmentsOf(this.runtime.models, id, asOf).map((one) => this.withManagers(one, asOf)) };
  }

  /** My Team: everybody who reports to the person, over all of the person's jobs. */
  @Get(':id/team')
  @Answers(listOf(teamMember))
  members(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: teamQuery }) query: z.infer<typeof teamQuery>,
    @CallerOf() me: Caller,
  ) {
    this.seen(id, me);
    const { scope: of, responsibility, asOf = me.on, limit } = query;
    const scope = `team ${id} ${of} ${responsibility} ${asOf} ${me.actor}`;
    const items = team(this.runtime.models, {
      person: id,
      scope: of,
      responsibility,
      asOf,
      after: this.cursors.read(scope, query.after),
      limit,
    });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, items.at(-1)!.assignment) }) };
  }

  @Post()
  @Allow('admin')
  @Answers(personAnswer, 201)
  async register(@Body({ schema: personBody }) body: z.infer<typeof personBody>, @CallerOf() me: Caller) {
    const { id = newId(), username, givenName, familyName, email } = body;
    const other = personByUsername(this.runtime.models, username);
    if (other && other.id !== id) reject('conflict', 'username-taken', { username });
    await this.execute(id, { type: 'RegisterPerson', person: id, username, givenName, familyName, ...(email && { email }) }, me);
    return personOf(this.runtime.models, id);
  }

  /** Ends the person's account: tokens die, and what waits for the person moves on. */
  @Post(':id/deactivation')
  @Allow('admin')
  @Answers(personAnswer)
  async deactivate(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: deactivationBody }) { on = '' }: z.infer<typeof deactivationBody>,
    @CallerOf() me: Caller,
  ) {
    await this.execute(id, { type: 'DeactivatePerson', person: id, on: on || me.on }, me);
    return personOf(this.runtime.models, id);
  }

  @Post(':id/reactivation')
  @Allow('admin')
  @Answers(personAnswer)
  async reactivate(@Param('id', { schema: anyId }) id: string, @CallerOf() me: Caller) {
    await this.execute(id, { type: 'ReactivatePerson', person: id }, me);
    return personOf(this.runtime.models, id);
  }

  @Post(':id/assignments')
  @Allow('admin')
  @Answers(assignmentAnswer, 201)
  async start(
    @Param('id', { schema: anyId }) person: string,
    @Body({ schema: jobBody }) body: z.infer<typeof jobBody>,
    @CallerOf() me: Caller,
  ) {
    if (person === me.person) reject('forbidden', 'self-benefit');
    const { id: assignment = newId(), positionType, position, unit, title, from, to, costCentre } = body;
    const views = this.runtime.models;
    const taken = assignmentOf(views, assignment);
    if (taken && taken.person !== person) reject('conflict', 'assignment-exists', { assignment });
    if (unit !== undefined && !unitOf(views, unit)) reject('invalid', 'unknown-unit', { unit });
    if (position !== undefined && !positionOf(views, position)) reject('invalid', 'unknown-position', { position });
    const fields = { assignment, positionType, from, ...(position && { position }), ...(unit && { unit }), ...(title && { title }) };
    await this.execute(person, { type: 'StartAssignment', person, ...fields, ...(to && { to }), ...(costCentre && { costCentre }) }, me);
    return this.withManagers(assignmentOf(views, assignment)!, me.on);
  }

  private execute(id: string, command: PersonCommand, me: Caller) {
    return this.bus.execute(new ToPerson(id, command, me));
  }

  private withManagers(assignment: Assignment, asOf: string) {
    return {
      ...assignment,
      managers: managersOf(this.runtime.models, { assignment: assignment.id, responsibilities: ['approval'], asOf }),
    };
  }

  /** The person, to himself, to those above him today, to administrators and auditors; to others as if not there. */
  private seen(id: string, me: Caller) {
    const person = personOf(this.runtime.models, id);
    const visible =
      person && (isOfficer(me) || me.person === id || reportsTo(this.runtime.models, { person: id, manager: me.actor, asOf: me.on }));
    return visible ? person : reject('not-found', 'unknown-person');
  }
}

function isOfficer({ role }: Caller): boolean {
  return role === 'admin' || role === 'auditor';
}

// People, their jobs and their teams: who may see whom follows the reporting line.
import { Body, Controller, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject, type Views } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, derivedId, Runtime, To, type Caller } from '@app/platform';
import { asKnownAt } from './as-known';
import { assignmentOf, assignmentsOf, personByUsername, personOf, type Assignment } from './hierarchy-queries';
import { managersOf } from './managers';
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
  personChange,
  reactivationBody,
} from './organisation.dto';
import { searchPeople } from './people-search';
import type { PersonCommand, TypeRules } from './person';
import { requireOtherAccount, requireOthers } from './self-benefit';
import { isKnown, positionTypeOf } from './structure-queries';
import { isOfficer, visiblePerson } from './visibility';

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
  @Checked(listOf(personAnswer))
  list(@Query({ schema: peopleQuery }) query: z.infer<typeof peopleQuery>, @CallerOf() me: Caller) {
    const { search, after, limit, asOf = me.on, knownAt } = query;
    const scope = `people ${search ?? ''} ${asOf} ${knownAt ?? ''} ${me.actor}`;
    const views = asKnownAt(this.runtime.models, knownAt);
    const found = searchPeople(views, { search, after: this.cursors.read(scope, after), limit, asOf, showsEmail: isOfficer(me) });
    const items = found.map(({ email, ...person }) => (isOfficer(me) ? { ...person, email } : person));
    return { items, ...(found.length === limit && { next: this.cursors.write(scope, found.at(-1)!.id) }) };
  }

  @Get(':id')
  @Checked(personAnswer)
  one(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) { asOf = '', knownAt }: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    visiblePerson(this.runtime.models, id, me);
    return personOf(asKnownAt(this.runtime.models, knownAt), id, asOf || me.on) ?? reject('not-found', 'unknown-person');
  }

  /** The person's jobs on a day, each with its managers for approval. */
  @Get(':id/assignments')
  @Checked(listOf(assignmentAnswer))
  assignments(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) query: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    visiblePerson(this.runtime.models, id, me);
    const asOf = query.asOf ?? me.on;
    const views = asKnownAt(this.runtime.models, query.knownAt);
    return { items: assignmentsOf(views, id, asOf).map((one) => withManagers(views, one, asOf)) };
  }

  @Post()
  @Allow('admin')
  @Checked(personAnswer, 201)
  async register(@Body({ schema: personBody }) body: z.infer<typeof personBody>, @CallerOf() me: Caller) {
    const { id = derivedId(me.command, 'person'), username, givenName, familyName, email } = body;
    await this.execute(id, { type: 'RegisterPerson', person: id, username, givenName, familyName, ...(email && { email }) }, me);
    return personOf(this.runtime.models, id, me.on);
  }

  /** Changes what is named and leaves the rest. */
  @Patch(':id')
  @Allow('admin')
  @Checked(personAnswer)
  async change(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: personChange }) body: z.infer<typeof personChange>,
    @CallerOf() me: Caller,
  ) {
    const holder = body.username === undefined ? undefined : personByUsername(this.runtime.models, body.username);
    const nameTaken = holder !== undefined && holder.id !== id;
    await this.execute(id, { type: 'ChangePersonDetails', person: id, nameTaken, ...body }, me);
    return personOf(this.runtime.models, id, me.on);
  }

  /** Ends the person's account: tokens die, and what waits for the person moves on. */
  @Post(':id/deactivation')
  @Allow('admin')
  @Checked(personAnswer)
  async deactivate(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: deactivationBody }) { on = '' }: z.infer<typeof deactivationBody>,
    @CallerOf() me: Caller,
  ) {
    requireOtherAccount(this.runtime.models, me, id);
    await this.execute(id, { type: 'DeactivatePerson', person: id, on: on || me.on, exactly: on !== '' }, me);
    return personOf(this.runtime.models, id, me.on);
  }

  @Post(':id/reactivation')
  @Allow('admin')
  @Checked(personAnswer)
  async reactivate(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: reactivationBody }) { on }: z.infer<typeof reactivationBody>,
    @CallerOf() me: Caller,
  ) {
    requireOtherAccount(this.runtime.models, me, id);
    await this.execute(
      id,
      { type: 'ReactivatePerson', person: id, ...(on !== null && { on: on ?? me.on, exactly: on !== undefined }) },
      me,
    );
    return personOf(this.runtime.models, id, me.on);
  }

  @Post(':id/assignments')
  @Allow('admin')
  @Checked(assignmentAnswer, 201)
  async start(
    @Param('id', { schema: anyId }) person: string,
    @Body({ schema: jobBody }) body: z.infer<typeof jobBody>,
    @CallerOf() me: Caller,
  ) {
    requireOthers(me, person);
    const { id: assignment = derivedId(me.command, 'assignment'), positionType, position, unit, title, from, to, costCentre } = body;
    const views = this.runtime.models;
    requireKnown(views, body);
    const fields = { assignment, positionType, from, ...(position && { position }), ...(unit && { unit }), ...(title && { title }) };
    const type = rulesOf(views, positionType);
    await this.execute(
      person,
      { type: 'StartAssignment', person, ...type, ...fields, ...(to && { to }), ...(costCentre && { costCentre }) },
      me,
    );
    return withManagers(views, assignmentOf(views, assignment)!, me.on);
  }

  private execute(id: string, command: PersonCommand, me: Caller) {
    return this.bus.execute(new ToPerson(id, command, me));
  }
}

/** @throws Rejection `unknown-unit`, `unknown-position` */
export function requireKnown(views: Views, { unit, position }: { unit?: string | undefined; position?: string | undefined }): void {
  if (unit !== undefined && !isKnown(views, 'units', unit)) reject('invalid', 'unknown-unit', { unit });
  if (position !== undefined && !isKnown(views, 'positions', position)) reject('invalid', 'unknown-position', { position });
}

/** The rules of a type for a command; a type that nobody recorded has none. */
export function rulesOf(views: Views, positionType: string): { rules?: TypeRules } {
  const type = positionTypeOf(views, positionType);
  if (!type) return {};
  return { rules: { unitMandatory: type.unitMandatory, ...(type.atMost !== undefined && { atMost: type.atMost }) } };
}

/** An assignment with its managers for approval. */
export function withManagers(views: Views, assignment: Assignment, asOf: string) {
  return { ...assignment, managers: managersOf(views, { assignment: assignment.id, responsibilities: ['approval'], asOf }) };
}

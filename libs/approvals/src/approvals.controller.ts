// Requests over HTTP: submit, read, decide, move to another job, withdraw.
import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { mayOnRequest } from '@app/access';
import { reject, Rejection } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, derivedId, IfMatch, newId, Runtime, To, type Caller } from '@app/platform';
import { NOMINATIONS_MAX, type RequestCommand, type Standing } from './approval-request';
import {
  assignmentBody,
  decisionBody,
  emptyBody,
  historyAnswer,
  requestAnswer,
  requestId,
  requestList,
  requestsQuery,
  submitBody,
} from './approvals.dto';
import { Openings, type Thing } from './openings';
import { decidedBy, decidersOf } from './pending-approvals';
import { RequestReader, type ReadRequest } from './request-reader';
import { historyOf } from './request-story';
import { attemptsOf, beneficiaryOf, listRequests, requestMadeBy, requestRow } from './requests';
import { nomineeChoices, standingOf } from './resolver';
import { askingAssignment, jobsToAskIn, jobToMoveTo } from './submission';

export class ToRequest extends To<RequestCommand> {}

@ApiTags('requests')
@ApiBearerAuth()
@Controller('requests')
@Allow('signed-in')
export class ApprovalsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(Openings) private readonly openings: Openings,
  ) {}

  /** Asks for learning in the name of one of one's jobs. */
  @Post()
  @Allow('user', 'admin')
  @Checked(requestAnswer, 201)
  async submit(
    @Body({ schema: submitBody }) body: z.infer<typeof submitBody>,
    @CallerOf() me: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const learner = requirePerson(me);
    const { kind, course } = body;
    const thing = { beneficiary: learner, kind, course };
    const id = await this.openings.oneByOne(thing, () => this.ask(thing, body, me));
    void reply.header('location', `/api/v1/requests/${id}`);
    return this.show(await this.reader.whole(id), reply);
  }

  /** One's own requests; with `as=approver` those that one decided, by how they stand now. Administrators and auditors see everybody's. */
  @Get()
  @Checked(requestList)
  list(@Query({ schema: requestsQuery }) query: z.infer<typeof requestsQuery>, @CallerOf() me: Caller) {
    const everybody = me.role === 'admin' || me.role === 'auditor';
    if (query.person !== undefined && query.person !== me.person && !everybody) reject('forbidden', 'not-yours-to-read');
    const person = query.person ?? (everybody && query.as === 'learner' ? undefined : requirePerson(me));
    const { as, status, limit } = query;
    const scope = `requests ${as} ${person} ${status} ${me.actor}`;
    const before = this.cursors.read(scope, query.after);
    const page = { status, ...(before && { before: Number(before) }), limit };
    const { items, last } = as === 'approver' ? this.decided(person!, page) : this.submitted({ beneficiary: person, ...page });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, last!) }) };
  }

  @Get(':id')
  @Checked(requestAnswer)
  async one(@Param('id', { schema: requestId }) id: string, @CallerOf() me: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.show(await this.reader.read(id, me, 'read'), reply);
  }

  /** Everything that happened to the request: who, on whose behalf, when it was recorded and for which day. */
  @Get(':id/history')
  @Checked(historyAnswer)
  async history(@Param('id', { schema: requestId }) id: string, @CallerOf() me: Caller) {
    const { events, story } = await this.reader.read(id, me, 'read-history');
    const items = historyOf(events);
    return { items, people: this.reader.namesOf([story.beneficiary, ...story.asked, ...items.map(({ actor }) => actor)]) };
  }

  /** Approves, approves and names a further approver, or denies: what one saw, as `If-Match` says. */
  @Post(':id/decisions')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The revision that you saw, as in "3"' })
  @Checked(requestAnswer)
  async decide(
    @Param('id', { schema: requestId }) id: string,
    @Body({ schema: decisionBody }) { outcome, nominate, reason }: z.infer<typeof decisionBody>,
    @CallerOf() me: Caller,
    @IfMatch() seen: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const by = this.hand(id, me);
    const { at, on } = me;
    const command: RequestCommand =
      outcome === 'deny'
        ? { type: 'Deny', by, reason: reason!, at, on }
        : {
            type: 'Approve',
            by,
            ...(reason !== undefined && { reason }),
            at,
            on,
            ...(nominate !== undefined && { nominee: nominate, nomineeStanding: this.standing(id, nominate, me) }),
          };
    await this.execute(id, command, me, seen);
    return this.show(await this.reader.whole(id), reply);
  }

  /** Where the job of a request ends, its learner lets it go on in the name of another of his jobs. */
  @Post(':id/assignment')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The revision that you saw, as in "3"' })
  @Checked(requestAnswer)
  async move(
    @Param('id', { schema: requestId }) id: string,
    @Body({ schema: assignmentBody }) { assignment }: z.infer<typeof assignmentBody>,
    @CallerOf() me: Caller,
    @IfMatch() seen: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const by = this.hand(id, me);
    const { at, on } = me;
    const row = requestRow(this.runtime.models, id) ?? reject('not-found', 'unknown-request');
    const known = jobToMoveTo(this.runtime.models, row, { assignment, on });
    await this.execute(id, { type: 'Move', assignment, by, at, on, ...known }, me, seen);
    return this.show(await this.reader.whole(id), reply);
  }

  /** The learner ends his own request. */
  @Post(':id/withdrawal')
  @Checked(requestAnswer)
  async withdraw(
    @Param('id', { schema: requestId }) id: string,
    @Body({ schema: emptyBody }) _body: unknown,
    @CallerOf() me: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.execute(id, { type: 'Withdraw', by: this.hand(id, me), at: me.at }, me);
    return this.show(await this.reader.whole(id), reply);
  }

  /** Whoever acts in a request: a person, and not one who is signed in to look on. The role says so for every request alike. */
  private hand(id: string, me: Caller): string {
    const most = mayOnRequest('act', { relations: ['current-approver'], role: me.role });
    if (most === 'yes' && me.person !== undefined) return me.person;
    if (most === 'hidden' || !requestRow(this.runtime.models, id)) reject('not-found', 'unknown-request');
    return most === 'yes' ? requirePerson(me) : reject('forbidden', 'role-required', { roles: ['user', 'admin'] });
  }

  private async ask(thing: Thing, body: z.infer<typeof submitBody>, me: Caller): Promise<string> {
    const { beneficiary: learner } = thing;
    // Only a command with a key of its own can come again.
    const made = me.body === undefined ? undefined : requestMadeBy(this.runtime.models, learner, me.command);
    const id = made ?? this.nextOf(thing);
    const asked = { beneficiary: learner, requester: learner, assignment: body.assignment, on: me.on };
    const again = made === undefined ? undefined : requestRow(this.runtime.models, made);
    const assignment = again?.assignment ?? askingAssignment(this.runtime.models, asked);
    const { kind, course, costMinor, currency, note } = body;
    const command: RequestCommand = {
      type: 'Submit',
      request: id,
      kind,
      course,
      requester: learner,
      beneficiary: learner,
      assignment,
      costMinor,
      currency,
      note,
      on: me.on,
    };
    await this.execute(id, command, me);
    return id;
  }

  /**
   * The id of the next request for the same thing, of which one may be open (E45). Alone, submissions take turns, and ids that grow
   * with time keep the indexes small; those that race on two replicas get the same id, and meet in its stream.
   */
  private nextOf(thing: Thing): string {
    const before = attemptsOf(this.runtime.models, thing);
    const open = before.find(({ status }) => status === 'open');
    if (open) return reject('conflict', 'duplicate-request', { request: open.id });
    const { beneficiary, kind, course = '' } = thing;
    return this.runtime.file ? newId() : derivedId('request', beneficiary, kind, course, String(before.length));
  }

  /** Lets the rules speak first; what they refuse is told only to those who may know of the request. */
  private async execute(id: string, command: RequestCommand, me: Caller, seen?: number): Promise<void> {
    try {
      await this.bus.execute(new ToRequest(id, command, me, seen));
    } catch (error) {
      if (!(error instanceof Rejection) || command.type === 'Submit') throw error;
      throw this.explained(error, await this.reader.read(id, me, 'act'), me);
    }
  }

  /** Adds to a refusal what helps to go on: whom one may name, or how the request stands now. */
  private explained(error: Rejection, read: ReadRequest, me: Caller): Rejection {
    if (error.code === 'stale-revision') return new Rejection(error.kind, error.code, { ...error.facts, current: this.view(read) });
    if (error.code === 'not-your-assignment')
      return new Rejection(error.kind, error.code, { ...error.facts, choices: this.otherJobs(read, me) });
    if (error.code !== 'ineligible-nominee' && error.code !== 'nomination-cycle') return error;
    const { story } = read;
    const decided = [...decidersOf(this.runtime.models, story.id), me.actor];
    const choices = nomineeChoices(this.runtime.models, { ...story, on: me.on, decided }).slice(0, NOMINATIONS_MAX);
    return new Rejection(error.kind, error.code, { ...error.facts, choices });
  }

  private otherJobs({ story }: ReadRequest, { on }: Caller): readonly string[] {
    const jobs = jobsToAskIn(this.runtime.models, story.beneficiary, on).map((job) => job.id);
    return jobs.filter((job) => job !== story.assignment);
  }

  private standing(id: string, nominee: string, { on }: Caller): Standing {
    const beneficiary = beneficiaryOf(this.runtime.models, id) ?? reject('not-found', 'unknown-request');
    return standingOf(this.runtime.models, { beneficiary, on }, nominee);
  }

  private submitted(filter: Parameters<typeof listRequests>[1]) {
    const items = listRequests(this.runtime.models, filter);
    return { items, last: items.at(-1)?.place };
  }

  private decided(person: string, page: Parameters<typeof decidedBy>[2]) {
    const decisions = decidedBy(this.runtime.models, person, page);
    return { items: decisions.map(({ request }) => requestRow(this.runtime.models, request)!), last: decisions.at(-1)?.place };
  }

  private show(read: ReadRequest, reply: FastifyReply) {
    void reply.header('etag', `"${read.story.revision}"`);
    return this.view(read);
  }

  private view({ story, redacted }: ReadRequest) {
    const people = this.reader.namesOf([story.beneficiary, story.requester, ...story.asked]);
    const { asked: _asked, ...whole } = story;
    if (!redacted) return { ...whole, people };
    const { note: _note, costMinor: _cost, currency: _currency, assignment: _assignment, ...rest } = whole;
    const chain = story.chain.map(({ decision, review: _review, ...step }) => ({
      ...step,
      // Links and positions would tell the job.
      slate: step.slate.map(({ person, as }) => ({ person, as })),
      skipped: step.skipped.filter((one) => 'person' in one),
      ...(decision && { decision: { by: decision.by, at: decision.at } }),
    }));
    return { ...rest, chain, people };
  }
}

/** Only people learn and decide; an account of an administrator or a program without a person does neither. */
function requirePerson({ person }: Caller): string {
  return person ?? reject('forbidden', 'person-required');
}

// For administrators and auditors: decisions that a back-dated change has put in question, and what becomes of them (N7).
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { reject, Rejection } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, IfMatch, Runtime, type Caller } from '@app/platform';
import { affectedBy, affectedDecisions } from './affected-decisions';
import { ToRequest } from './approvals.controller';
import { requestAnswer, requestId } from './approvals.dto';
import { affectedAnswer, affectedQuery, reviewBody, reviewKind, stepNumber } from './approvers.dto';
import type { ReviewCommand } from './decision-review';
import { Openings, type Thing } from './openings';
import { decisionAt } from './pending-approvals';
import { RequestReader } from './request-reader';
import { attemptsOf, requestRow } from './requests';

const SEEN = { name: 'If-Match', required: true, description: 'The revision that you saw, as in "3"' };

@ApiTags('audit')
@ApiBearerAuth()
@Controller('audit/affected-decisions')
@Allow('admin', 'auditor')
export class AffectedController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(Openings) private readonly openings: Openings,
  ) {}

  /** Decided by somebody who, as is known now, was not to be asked that day. A page may be empty and have a next one. */
  @Get()
  @Checked(affectedAnswer)
  async affected(@Query({ schema: affectedQuery }) { after, limit, review }: z.infer<typeof affectedQuery>, @CallerOf() me: Caller) {
    const scope = `affected decisions ${review ?? ''} ${me.actor}`;
    const place = this.cursors.read(scope, after);
    const page = { after: place === undefined ? undefined : Number(place), limit, review };
    const { items: found, next } = affectedDecisions(this.runtime.models, page);
    const items = await Promise.all(
      found.map(async (one) => ({ ...one, revision: (await this.reader.whole(one.request)).story.revision })),
    );
    const people = this.reader.namesOf(items.flatMap(({ by, beneficiary, instead }) => [by, beneficiary, ...instead]));
    return { items, people, ...(next !== undefined && { next: this.cursors.write(scope, next) }) };
  }

  /**
   * A `ratification` confirms the decision: it was made by the wrong person and is right all the same. An `annulment` annuls it
   * and those that rested on it: whoever is to be asked today is asked in their place.
   */
  @Post(':request/:step/:kind')
  @Allow('admin')
  @HttpCode(200)
  @ApiHeader(SEEN)
  @Checked(requestAnswer)
  async review(
    @Param('request', { schema: requestId }) request: string,
    @Param('step', { schema: stepNumber }) step: number,
    @Param('kind', { schema: reviewKind }) kind: z.infer<typeof reviewKind>,
    @Body({ schema: reviewBody }) { reason }: z.infer<typeof reviewBody>,
    @CallerOf() me: Caller,
    @IfMatch() seen: number,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const row = requestRow(this.runtime.models, request) ?? reject('not-found', 'unknown-decision');
    const thing = { beneficiary: row.beneficiary, kind: row.kind, course: row.course ?? undefined };
    await this.openings.oneByOne(thing, async () => {
      if (kind === 'annulment') this.requireNoOther(request, thing);
      const decision = decisionAt(this.runtime.models, request, step) ?? reject('not-found', 'unknown-decision');
      // What was reviewed is the decider's to refuse: he says how it ended.
      if (!decision.review && !affectedBy(this.runtime.models, decision)) reject('conflict', 'not-affected', { step });
      const type = kind === 'annulment' ? 'VoidDecision' : 'RatifyDecision';
      const command: ReviewCommand = { type, step, by: me.actor, reason, at: me.at };
      await this.execute(request, command, me, seen);
    });
    const now = await this.view(request, me);
    void reply.header('etag', `"${now.revision}"`);
    return now;
  }

  /** Whoever saw an older revision is shown the present one, as with a decision. */
  private async execute(request: string, command: ReviewCommand, me: Caller, seen: number): Promise<void> {
    try {
      await this.bus.execute(new ToRequest(request, command, me, seen));
    } catch (error) {
      if (!(error instanceof Rejection) || error.code !== 'stale-revision') throw error;
      throw new Rejection(error.kind, error.code, { ...error.facts, current: await this.view(request, me) });
    }
  }

  private async view(request: string, me: Caller) {
    const { asked, ...story } = (await this.reader.whole(request)).story;
    return { ...story, people: this.reader.namesOf([story.beneficiary, story.requester, ...asked, me.actor]) };
  }

  /** A request that opens again beside a later one for the same thing would be two (E45). */
  private requireNoOther(request: string, thing: Thing): void {
    const all = attemptsOf(this.runtime.models, thing);
    const standing = all.find(({ id, status }) => id !== request && (status === 'open' || status === 'granted'));
    const opens = all.some(({ id, status }) => id === request && status !== 'withdrawn' && status !== 'cancelled');
    if (standing && opens) reject('conflict', 'duplicate-request', { request: standing.id });
  }
}

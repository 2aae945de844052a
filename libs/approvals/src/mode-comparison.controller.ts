// For administrators and auditors: what would be if a unit, or the site, chose another reporting mode (N8). Nothing is recorded.
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { asKnown, isKnown, WHOLE_SITE, type ModeChoice } from '@app/organisation';
import { Allow, CallerOf, Checked, Cursors, paced, Runtime, type Caller } from '@app/platform';
import { FACTS } from './as-known';
import { comparedApprovers, comparedTeams, comparedWhole, type ComparisonPage, type Supposition } from './mode-comparison';
import {
  comparisonAnswer,
  comparisonQuery,
  otherApproversAnswer,
  otherApproversQuery,
  otherTeamsAnswer,
  otherTeamsQuery,
} from './mode-comparison.dto';
import { RequestReader } from './request-reader';

@ApiTags('organisation')
@ApiBearerAuth()
@Controller('reporting-modes/comparison')
@Allow('admin', 'auditor')
export class ModeComparisonController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** How much would change: whose approvers, whose teams, who would have nobody, and the loops that there would be. */
  @Get()
  @Checked(comparisonAnswer)
  async whole(@Query({ schema: comparisonQuery }) query: z.infer<typeof comparisonQuery>, @CallerOf() me: Caller) {
    const { models } = this.runtime;
    const { position } = models;
    const supposition = this.supposed(query, me);
    const totals = await paced(comparedWhole(asKnown(models, position, FACTS), supposition, query.responsibility));
    return { effective: supposition.on, position, ...totals };
  }

  /** Jobs whose requests others would decide first, or all for which nobody above could. A page may be empty and have a next one. */
  @Get('approvers')
  @Checked(otherApproversAnswer)
  approvers(@Query({ schema: otherApproversQuery }) query: z.infer<typeof otherApproversQuery>, @CallerOf() me: Caller) {
    const { after, limit, only } = query;
    const supposition = this.supposed(query, me);
    const scope = `other approvers ${only} ${JSON.stringify(supposition)} ${me.actor}`;
    const page = comparedApprovers(this.runtime.models, supposition, { after: this.cursors.read(scope, after), limit, only });
    const named = page.items.flatMap(({ person, now, supposed }) => [person, ...[...now, ...supposed].map((one) => one.person)]);
    return this.answer(page, named, scope);
  }

  /** Managers who would have other direct reports. A page may be empty and have a next one. */
  @Get('teams')
  @Checked(otherTeamsAnswer)
  teams(@Query({ schema: otherTeamsQuery }) query: z.infer<typeof otherTeamsQuery>, @CallerOf() me: Caller) {
    const { after, limit, responsibility } = query;
    const supposition = this.supposed(query, me);
    const scope = `other teams ${responsibility} ${JSON.stringify(supposition)} ${me.actor}`;
    const page = comparedTeams(this.runtime.models, supposition, { after: this.cursors.read(scope, after), limit, responsibility });
    const named = page.items.map(({ person }) => person);
    return this.answer(page, named, scope);
  }

  private supposed(
    { unit, mode, effective }: { unit?: string | undefined; mode: ModeChoice; effective?: string | undefined },
    me: Caller,
  ): Supposition {
    if (unit !== undefined && !isKnown(this.runtime.models, 'units', unit)) reject('invalid', 'unknown-unit', { unit });
    if (unit === undefined && mode === 'inherit') reject('invalid', 'nothing-to-inherit', { field: 'mode' });
    return { unit: unit ?? WHOLE_SITE, mode, on: effective ?? me.on };
  }

  private answer<Item>({ items, next }: ComparisonPage<Item>, named: readonly string[], scope: string) {
    return { items, people: this.reader.namesOf(named), ...(next !== undefined && { next: this.cursors.write(scope, next) }) };
  }
}

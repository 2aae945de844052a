// Which hierarchy answers, per unit and day: read by officers, chosen by administrators (O7).
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, Runtime, To, type Caller } from '@app/platform';
import { asKnownAt } from './as-known';
import { listOf, listQuery, modeAnswer, modeBody } from './organisation.dto';
import { SITE } from './reporting';
import { WHOLE_SITE, type ChooseReportingMode } from './reporting-modes';
import { isKnown, listModes } from './structure-queries';

export class ToReportingModes extends To<ChooseReportingMode> {}

@ApiTags('organisation')
@ApiBearerAuth()
@Controller('reporting-modes')
@Allow('admin', 'auditor')
export class ReportingModesController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** Every choice that was made, by unit and day; those in effect on a day where one is named. Without a unit it is the site's. */
  @Get()
  @Checked(listOf(modeAnswer))
  list(@Query({ schema: listQuery }) { after, limit, asOf, knownAt }: z.infer<typeof listQuery>) {
    const scope = `reporting modes ${asOf ?? ''} ${knownAt ?? ''}`;
    const found = listModes(asKnownAt(this.runtime.models, knownAt), { after: this.cursors.read(scope, after), limit, asOf });
    const last = found.length === limit ? found.at(-1)! : undefined;
    return { items: found.map(answerOf), ...(last && { next: this.cursors.write(scope, `${last.from} ${last.unit}`) }) };
  }

  /** From the day on, the requests and teams of the unit, and of those below that have not chosen, follow the other hierarchy. Nothing of either is lost. */
  @Post()
  @Allow('admin')
  @Checked(modeAnswer, 201)
  async choose(@Body({ schema: modeBody }) { unit, mode, effective }: z.infer<typeof modeBody>, @CallerOf() me: Caller) {
    if (unit !== undefined && !isKnown(this.runtime.models, 'units', unit)) reject('invalid', 'unknown-unit', { unit });
    const from = effective ?? me.on;
    await this.bus.execute(new ToReportingModes(SITE, { type: 'ChooseReportingMode', ...(unit && { unit }), mode, effective: from }, me));
    return answerOf({ unit: unit ?? WHOLE_SITE, mode, from });
  }
}

function answerOf<Choice extends { readonly unit: string }>({ unit, ...choice }: Choice) {
  return { ...choice, ...(unit !== WHOLE_SITE && { unit }) };
}

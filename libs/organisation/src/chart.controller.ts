// The organisation chart of any day, as it is known now or was known earlier (O16).
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, Runtime, type Caller } from '@app/platform';
import { asKnown, knownPosition } from './as-known';
import { chartOfPosts, chartOfUnits } from './chart';
import { chartAnswer, chartQuery } from './organisation.dto';
import { positionOf, unitOf } from './structure-queries';

@ApiTags('organisation')
@ApiBearerAuth()
@Controller('chart')
@Allow('signed-in')
export class ChartController {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** From the top down, each before those below it. All pages show what was known when the first one was asked for. */
  @Get()
  @Checked(chartAnswer)
  chart(@Query({ schema: chartQuery }) query: z.infer<typeof chartQuery>, @CallerOf() me: Caller) {
    const { models } = this.runtime;
    const { of, limit, knownAt, after: cursor, ...asked } = query;
    const question = { ...asked, asOf: asked.asOf ?? me.on };
    const scope = `chart ${of} ${JSON.stringify(question)} ${knownAt ?? ''}`;
    const [position, after] = this.cursors.readPlace(scope, cursor) ?? [knownPosition(models, knownAt) ?? models.position];
    const views = position >= models.position ? models : asKnown(models, position);
    const { unit, position: post, asOf } = question;
    if (unit !== undefined && !unitOf(views, unit, asOf)) reject('not-found', 'unknown-unit', { unit });
    if (post !== undefined && !positionOf(views, post, asOf)) reject('not-found', 'unknown-position', { position: post });
    const { items, next } = (of === 'units' ? chartOfUnits : chartOfPosts)(views, {
      ...question,
      limit,
      ...(after !== undefined && { after }),
    });
    return {
      asOf,
      ...(knownAt && { knownAt }),
      items,
      ...(next !== undefined && { next: this.cursors.writePlace(scope, [position, next]) }),
    };
  }
}

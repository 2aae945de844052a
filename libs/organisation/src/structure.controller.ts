// Units, positions and position types: read by everybody, recorded by administrators.
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, Answers, CallerOf, Cursors, Runtime, To, type Caller } from '@app/platform';
import { positionHolders } from './hierarchy-queries';
import { anyId, dayQuery, listOf, listQuery, positionAnswer, positionBody, positionTypeBody, unitBody } from './organisation.dto';
import type { PositionTreeCommand } from './position-tree';
import type { PositionTypesCommand } from './position-types';
import { SITE } from './reporting';
import { listPositions, listPositionTypes, listUnits, positionOf } from './structure-queries';
import type { UnitTreeCommand } from './unit-tree';

export class ToUnits extends To<UnitTreeCommand> {}
export class ToPositions extends To<PositionTreeCommand> {}
export class ToPositionTypes extends To<PositionTypesCommand> {}

@ApiTags('organisation')
@ApiBearerAuth()
@Controller()
@Allow('signed-in')
export class StructureController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  @Get('units')
  @Answers(listOf(unitBody))
  units(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    return this.page('units', query, (page) => listUnits(this.runtime.models, page));
  }

  @Post('units')
  @Allow('admin')
  @Answers(unitBody, 201)
  async recordUnit(@Body({ schema: unitBody }) unit: z.infer<typeof unitBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToUnits(SITE, { type: 'RecordUnits', units: [unit] }, me));
    return unit;
  }

  @Get('positions')
  @Answers(listOf(positionBody))
  positions(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    return this.page('positions', query, (page) => listPositions(this.runtime.models, page));
  }

  /** A position and who holds it on a day; vacant when nobody does. */
  @Get('positions/:id')
  @Answers(positionAnswer)
  position(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) { asOf }: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    const position = positionOf(this.runtime.models, id) ?? reject('not-found', 'unknown-position', { position: id });
    const holders = [...new Set(positionHolders(this.runtime.models, id, asOf ?? me.on).map(({ person }) => person))];
    return { ...position, holders, vacant: holders.length === 0 };
  }

  @Post('positions')
  @Allow('admin')
  @Answers(positionBody, 201)
  async recordPosition(@Body({ schema: positionBody }) position: z.infer<typeof positionBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToPositions(SITE, { type: 'RecordPositions', positions: [position] }, me));
    return position;
  }

  @Get('position-types')
  @Answers(listOf(positionTypeBody))
  types(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    return this.page('position-types', query, (page) => listPositionTypes(this.runtime.models, page));
  }

  @Post('position-types')
  @Allow('admin')
  @Answers(positionTypeBody, 201)
  async recordType(@Body({ schema: positionTypeBody }) type: z.infer<typeof positionTypeBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToPositionTypes(SITE, { type: 'RecordPositionTypes', types: [type] }, me));
    return type;
  }

  private page<Item extends { readonly id: string }>(
    scope: string,
    { after, limit }: { after?: string; limit: number },
    read: (page: { after?: string; limit: number }) => readonly Item[],
  ) {
    const items = read({ after: this.cursors.read(scope, after), limit });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, items.at(-1)!.id) }) };
  }
}

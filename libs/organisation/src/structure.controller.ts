// Units, positions and position types: read by everybody, recorded by administrators.
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { reject, type Views } from '@app/kernel';
import { Allow, CallerOf, Checked, Cursors, Runtime, To, type Caller } from '@app/platform';
import { asKnownAt } from './as-known';
import { positionHolders } from './hierarchy-queries';
import {
  anyId,
  dayQuery,
  listOf,
  listQuery,
  nodeEnd,
  nodeEndBody,
  positionAnswer,
  positionBody,
  positionListed,
  positionTypeBody,
  unitAnswer,
  unitBody,
} from './organisation.dto';
import { requireKnown } from './people.controller';
import type { PositionTreeCommand } from './position-tree';
import type { PositionTypesCommand } from './position-types';
import { SITE } from './reporting';
import { requireOtherSeats } from './self-benefit';
import { isKnown, listPositions, listPositionTypes, listUnits, positionOf, type DayPage } from './structure-queries';
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
  @Checked(listOf(unitAnswer))
  units(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>, @CallerOf() me: Caller) {
    return this.page('units', query, me, listUnits);
  }

  @Post('units')
  @Allow('admin')
  @Checked(unitAnswer, 201)
  async recordUnit(@Body({ schema: unitBody }) { effective, ...unit }: z.infer<typeof unitBody>, @CallerOf() me: Caller) {
    const since = effective === undefined ? isKnown(this.runtime.models, 'units', unit.id) && me.on : effective;
    await this.bus.execute(new ToUnits(SITE, { type: 'RecordUnits', units: [unit], ...(since && { effective: since }) }, me));
    return unit;
  }

  /** From the day on it is there no more; a day of null takes an end back. Refused while anything is in it or below it after that. */
  @Post('units/:id/end')
  @Allow('admin')
  @HttpCode(200)
  @Checked(nodeEnd)
  async endUnit(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: nodeEndBody }) { to }: z.infer<typeof nodeEndBody>,
    @CallerOf() me: Caller,
  ) {
    await this.bus.execute(new ToUnits(SITE, { type: 'EndUnits', units: [{ id, ...(to !== null && { to }) }] }, me));
    return { id, ...(to !== null && { to }) };
  }

  @Get('positions')
  @Checked(listOf(positionListed))
  positions(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>, @CallerOf() me: Caller) {
    return this.page('positions', query, me, listPositions);
  }

  /** A position and who holds it on a day; vacant when nobody does. */
  @Get('positions/:id')
  @Checked(positionAnswer)
  position(
    @Param('id', { schema: anyId }) id: string,
    @Query({ schema: dayQuery }) { asOf = '', knownAt }: z.infer<typeof dayQuery>,
    @CallerOf() me: Caller,
  ) {
    const views = asKnownAt(this.runtime.models, knownAt);
    const position = positionOf(views, id, asOf || me.on) ?? reject('not-found', 'unknown-position', { position: id });
    const holders = [...new Set(positionHolders(views, id, asOf || me.on).map(({ person }) => person))];
    return { ...position, holders, vacant: holders.length === 0 };
  }

  @Post('positions')
  @Allow('admin')
  @Checked(positionListed, 201)
  async recordPosition(@Body({ schema: positionBody }) { effective, ...position }: z.infer<typeof positionBody>, @CallerOf() me: Caller) {
    requireKnown(this.runtime.models, { unit: position.unit });
    requireOtherSeats(this.runtime.models, me, position);
    const since = effective === undefined ? isKnown(this.runtime.models, 'positions', position.id) && me.on : effective;
    const command = { type: 'RecordPositions', positions: [position], ...(since && { effective: since }) } as const;
    await this.bus.execute(new ToPositions(SITE, command, me));
    return position;
  }

  /** From the day on it is no seat any more; a day of null takes an end back. Refused while anybody holds it, or it has any below, after that. */
  @Post('positions/:id/end')
  @Allow('admin')
  @HttpCode(200)
  @Checked(nodeEnd)
  async endPosition(
    @Param('id', { schema: anyId }) id: string,
    @Body({ schema: nodeEndBody }) { to }: z.infer<typeof nodeEndBody>,
    @CallerOf() me: Caller,
  ) {
    await this.bus.execute(new ToPositions(SITE, { type: 'EndPositions', positions: [{ id, ...(to !== null && { to }) }] }, me));
    return { id, ...(to !== null && { to }) };
  }

  @Get('position-types')
  @Checked(listOf(positionTypeBody))
  types(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>, @CallerOf() me: Caller) {
    return this.page('position-types', query, me, listPositionTypes);
  }

  @Post('position-types')
  @Allow('admin')
  @Checked(positionTypeBody, 201)
  async recordType(@Body({ schema: positionTypeBody }) type: z.infer<typeof positionTypeBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToPositionTypes(SITE, { type: 'RecordPositionTypes', types: [type] }, me));
    return type;
  }

  private page<Item extends { readonly id: string }>(
    tree: string,
    { after, limit, asOf, knownAt }: z.infer<typeof listQuery>,
    me: Caller,
    read: (views: Views, page: DayPage) => readonly Item[],
  ) {
    const on = asOf ?? me.on;
    const scope = `${tree} ${on} ${knownAt ?? ''}`;
    const items = read(asKnownAt(this.runtime.models, knownAt), { after: this.cursors.read(scope, after), limit, asOf: on });
    return { items, ...(items.length === limit && { next: this.cursors.write(scope, items.at(-1)!.id) }) };
  }
}

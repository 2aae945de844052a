// The trees and the position types, for reading.
import type { Views } from '@app/kernel';
import type { Page } from './hierarchy-queries';
import { present } from './interval';
import type { Position } from './position-tree';
import type { PositionType } from './position-types';
import type { Unit } from './unit-tree';

export function unitOf(views: Views, id: string): Unit | undefined {
  const row = views.get<UnitRow>('select * from units where id = ?', id);
  return row && unitFrom(row);
}

export function listUnits(views: Views, { after = '', limit }: Page): readonly Unit[] {
  return views.all<UnitRow>('select * from units where id > ? order by id limit +?', after, limit).map(unitFrom);
}

export function positionOf(views: Views, id: string): Position | undefined {
  const row = views.get<PositionRow>('select * from positions where id = ?', id);
  return row && positionFrom(row);
}

export function listPositions(views: Views, { after = '', limit }: Page): readonly Position[] {
  return views.all<PositionRow>('select * from positions where id > ? order by id limit +?', after, limit).map(positionFrom);
}

export function listPositionTypes(views: Views, { after = '', limit }: Page): readonly PositionType[] {
  return views.all<PositionTypeRow>('select * from position_types where id > ? order by id limit +?', after, limit).map(positionTypeFrom);
}

export function positionTypeOf(views: Views, id: string): PositionType | undefined {
  const row = views.get<PositionTypeRow>('select * from position_types where id = ?', id);
  return row && positionTypeFrom(row);
}

interface UnitRow {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
}
interface PositionRow {
  readonly id: string;
  readonly title: string;
  readonly superior: string | null;
  readonly unit: string | null;
}
interface PositionTypeRow {
  readonly id: string;
  readonly name: string;
  readonly unit_mandatory: number;
  readonly manager_mandatory: number;
  readonly may_request_learning: number;
  readonly aspirational: number;
  readonly at_most: number | null;
}

function unitFrom({ id, name, parent }: UnitRow): Unit {
  return present({ id, name, parent: parent ?? undefined });
}

function positionTypeFrom(row: PositionTypeRow): PositionType {
  return present({
    id: row.id,
    name: row.name,
    unitMandatory: row.unit_mandatory === 1,
    managerMandatory: row.manager_mandatory === 1,
    mayRequestLearning: row.may_request_learning === 1,
    aspirational: row.aspirational === 1,
    atMost: row.at_most ?? undefined,
  });
}

function positionFrom({ id, title, superior, unit }: PositionRow): Position {
  return present({ id, title, superior: superior ?? undefined, unit: unit ?? undefined });
}

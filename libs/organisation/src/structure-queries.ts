// The trees and the position types, for reading.
import type { Views } from '@app/kernel';
import { ask, LAST_DAY, type Page } from './hierarchy-queries';
import { present } from './interval';
import type { Position } from './position-tree';
import type { PositionType } from './position-types';
import type { Unit } from './unit-tree';

/** A page of nodes as they are on a day; one that begins later is left out. */
export interface DayPage extends Page {
  readonly asOf?: string;
}

export function unitOf(views: Views, id: string, asOf = LAST_DAY): Unit | undefined {
  const row = views.get<UnitRow>('select * from units where id = ? and valid_from <= ? order by valid_from desc limit 1', id, asOf);
  return row && unitFrom(row);
}

export function listUnits(views: Views, { after = '', limit, asOf = LAST_DAY }: DayPage): readonly Unit[] {
  return views.all<UnitRow>(pageOf('units'), after, asOf, limit).map(unitFrom);
}

export function positionOf(views: Views, id: string, asOf = LAST_DAY): Position | undefined {
  const row = views.get<PositionRow>('select * from positions where id = ? and valid_from <= ? order by valid_from desc limit 1', id, asOf);
  return row && positionFrom(row);
}

export function listPositions(views: Views, { after = '', limit, asOf = LAST_DAY }: DayPage): readonly Position[] {
  return views.all<PositionRow>(pageOf('positions'), after, asOf, limit).map(positionFrom);
}

export function listPositionTypes(views: Views, { after = '', limit }: Page): readonly PositionType[] {
  return views.all<PositionTypeRow>('select * from position_types where id > ? order by id limit +?', after, limit).map(positionTypeFrom);
}

export function positionTypeOf(views: Views, id: string): PositionType | undefined {
  const [row] = ask<PositionTypeRow>(views, 'select * from position_types where id = ?', id);
  return row && positionTypeFrom(row);
}

function pageOf(tree: 'units' | 'positions'): string {
  return `select * from ${tree} n where id > ?1 and valid_from = (
    select v.valid_from from ${tree} v where v.id = n.id and v.valid_from <= ?2 order by v.valid_from desc limit 1) order by id limit +?3`;
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

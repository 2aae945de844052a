// The trees and the position types, for reading.
import type { Row, Views } from '@app/kernel';
import { ask, type Page } from './hierarchy-queries';
import { LAST_DAY, present } from './interval';
import type { Position } from './position-tree';
import type { PositionType } from './position-types';
import type { ModeChoice, ReportingMode } from './reporting-modes';
import type { Unit } from './unit-tree';

/** A page of nodes as they are on a day; one that begins later is left out. */
export interface DayPage extends Page {
  readonly asOf?: string;
}

export function unitOf(views: Views, id: string, asOf = LAST_DAY): Unit | undefined {
  const [row] = ask<UnitRow>(views, 'select * from units where id = ? and valid_from <= ? order by valid_from desc limit 1', id, asOf);
  return row && row.ended === 0 ? unitFrom(row) : undefined;
}

/** Whether anything was ever recorded of it: one that is not there yet, or any more, is known too. */
export function isKnown(views: Views, tree: 'units' | 'positions', id: string): boolean {
  return ask(views, `select 1 as yes from ${tree} where id = ? limit 1`, id).length > 0;
}

/** The day on which it ended for good, as far as is known. */
export function endOf(views: Views, tree: 'units' | 'positions', id: string): string | undefined {
  const [last] = ask<{ day: string; ended: number }>(
    views,
    `select valid_from as day, ended from ${tree} where id = ? order by valid_from desc limit 1`,
    id,
  );
  return last?.ended === 1 ? last.day : undefined;
}

export function listUnits(views: Views, { after = '', limit, asOf = LAST_DAY }: DayPage): readonly Unit[] {
  return views.all<UnitRow>(pageOf('units'), after, asOf, limit).map(unitFrom);
}

export function positionOf(views: Views, id: string, asOf = LAST_DAY): Position | undefined {
  const sql = 'select * from positions where id = ? and valid_from <= ? order by valid_from desc limit 1';
  const [row] = ask<PositionRow>(views, sql, id, asOf);
  return row && row.ended === 0 ? positionFrom(row) : undefined;
}

/** Positions directly below one on the day. */
export function positionsUnder(views: Views, superior: string, asOf: string): readonly string[] {
  const sql = `select id from positions n where superior = ?1 and valid_from = (
    select v.valid_from from positions v where v.id = n.id and v.valid_from <= ?2 order by v.valid_from desc limit 1) order by id`;
  return ask<{ id: string }>(views, sql, superior, asOf).map(({ id }) => id);
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

/** A choice that a unit makes from a day on. */
export interface ModeFrom {
  readonly unit: string;
  readonly from: string;
  readonly mode: ModeChoice;
}

/** What the unit itself has chosen by the day. */
export function modeChosen(views: Views, unit: string, asOf: string): ModeChoice | undefined {
  const sql = 'select mode from reporting_modes where unit = ? and valid_from <= ? order by valid_from desc limit 1';
  return ask<{ mode: ModeChoice }>(views, sql, unit, asOf)[0]?.mode;
}

/** Whether position codes answer anywhere on any day. */
export function usesPositionCodes(views: Views): boolean {
  return usesMode(views, 'position-code');
}

/** Whether person-to-person was ever chosen anywhere; it answers without that too. */
export function choosesPersons(views: Views): boolean {
  return usesMode(views, 'person-to-person');
}

function usesMode(views: Views, mode: ReportingMode): boolean {
  return ask(views, 'select 1 as yes from reporting_modes where mode = ? limit 1', mode).length > 0;
}

/**
 * A page of the choices ever made, or of those in effect on a day, by unit and day; `after` is `<day> <unit>` of the last one
 * of the page before.
 */
export function listModes(views: Views, { after = ' ', limit, asOf }: Page & { readonly asOf?: string | undefined }): readonly ModeFrom[] {
  const blank = after.indexOf(' ');
  return views.all<ModeFrom & Row>(
    `select unit, valid_from as "from", mode from reporting_modes m
     where (unit, valid_from) > (?1, ?2) and (?3 is null or valid_from = (
       select v.valid_from from reporting_modes v where v.unit = m.unit and v.valid_from <= ?3 order by v.valid_from desc limit 1))
     order by unit, valid_from limit +?4`,
    after.slice(blank + 1),
    after.slice(0, blank),
    asOf ?? null,
    limit,
  );
}

function pageOf(tree: 'units' | 'positions'): string {
  return `select * from ${tree} n where id > ?1 and ended = 0 and valid_from = (
    select v.valid_from from ${tree} v where v.id = n.id and v.valid_from <= ?2 order by v.valid_from desc limit 1) order by id limit +?3`;
}

interface UnitRow {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  readonly ended: number;
}
interface PositionRow {
  readonly id: string;
  readonly title: string;
  readonly superior: string | null;
  readonly ended: number;
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

// The tree of positions: who is above whom by the code of the job, whoever holds it.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, isSo, overlaid, requireTree, type Versions } from './tree';

export interface Position {
  readonly id: string;
  readonly title: string;
  readonly superior?: string;
  readonly unit?: string;
}

/** Without an effective day the positions always were as they are named. */
export type PositionTreeCommand = { type: 'RecordPositions'; positions: readonly Position[]; effective?: string };
export type PositionTreeEvent = { type: 'PositionsRecorded'; positions: readonly Position[]; effective?: string };

export const positionTree: Decider<Versions<Position>, PositionTreeCommand, PositionTreeEvent> = {
  name: 'positionTree',
  initial: Map(),
  events: { PositionsRecorded: { positions: 'list', effective: 'text?' } },
  decide({ positions, effective }, state) {
    const wanted = positions.map(({ id, title, superior, unit }): Position => present({ id, title, superior, unit }));
    const other = wanted.filter((position) => !isSo(state.get(position.id), effective, (known) => same(position, known)));
    const above = ({ superior }: Position) => superior;
    requireTree(overlaid(state, other, effective), other, { effective, above, unknown: 'unknown-superior', loop: 'position-loop' });
    return inEvents(other).map((part): PositionTreeEvent => present({ type: 'PositionsRecorded', positions: part, effective }));
  },
  evolve: (state, { positions, effective }) => overlaid(state, positions, effective),
};

function same(one: Position, other: Position): boolean {
  return one.title === other.title && one.superior === other.superior && one.unit === other.unit;
}

// The tree of positions: who is above whom by the code of the job, whoever holds it.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, overlaid, requireTree } from './tree';

export interface Position {
  readonly id: string;
  readonly title: string;
  readonly superior?: string;
  readonly unit?: string;
}

export type PositionTreeCommand = { type: 'RecordPositions'; positions: readonly Position[] };
export type PositionTreeEvent = { type: 'PositionsRecorded'; positions: readonly Position[] };

export const positionTree: Decider<Map<string, Position>, PositionTreeCommand, PositionTreeEvent> = {
  name: 'positionTree',
  initial: Map(),
  events: { PositionsRecorded: { positions: 'list' } },
  decide({ positions }, state) {
    const wanted = positions.map(({ id, title, superior, unit }): Position => present({ id, title, superior, unit }));
    const other = wanted.filter((position) => !same(position, state.get(position.id)));
    requireTree(overlaid(state, other), other, { above: ({ superior }) => superior, unknown: 'unknown-superior', loop: 'position-loop' });
    return inEvents(other).map((part): PositionTreeEvent => ({ type: 'PositionsRecorded', positions: part }));
  },
  evolve: (state, { positions }) => overlaid(state, positions),
};

function same(one: Position, other: Position | undefined): boolean {
  return one.title === other?.title && one.superior === other.superior && one.unit === other.unit;
}

// The tree of positions: who is above whom by the code of the job, whoever holds it.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, isSo, otherEnds, overlaid, requireTree, requireUnused, withEnds, type NodeEnd, type Versions } from './tree';

export interface Position {
  readonly id: string;
  readonly title: string;
  readonly superior?: string;
  readonly unit?: string;
}

/** Without an effective day the positions always were as they are named. */
export type PositionTreeCommand =
  { type: 'RecordPositions'; positions: readonly Position[]; effective?: string } | { type: 'EndPositions'; positions: readonly NodeEnd[] };
export type PositionTreeEvent =
  | { type: 'PositionsRecorded'; positions: readonly Position[]; effective?: string }
  | { type: 'PositionsEnded'; positions: readonly NodeEnd[] };

export const positionTree: Decider<Versions<Position>, PositionTreeCommand, PositionTreeEvent> = {
  name: 'positionTree',
  initial: Map(),
  events: { PositionsRecorded: { positions: 'list', effective: 'text?' }, PositionsEnded: { positions: 'list' } },
  decide(command, state) {
    switch (command.type) {
      case 'RecordPositions':
        return recorded(command, state);
      case 'EndPositions':
        return ended(command.positions, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'PositionsRecorded':
        return overlaid(state, event.positions, event.effective);
      case 'PositionsEnded':
        return withEnds(state, event.positions);
    }
  },
};

const above = ({ superior }: Position) => superior;
const CODES = { unknown: 'unknown-superior', loop: 'position-loop' };

function recorded(
  { positions, effective }: { readonly positions: readonly Position[]; readonly effective?: string },
  state: Versions<Position>,
): readonly PositionTreeEvent[] {
  const wanted = positions.map(({ id, title, superior, unit }): Position => present({ id, title, superior, unit }));
  const other = wanted.filter((position) => !isSo(state.get(position.id), effective, (known) => same(position, known)));
  requireTree(overlaid(state, other, effective), other, { effective, above, ...CODES });
  return inEvents(other).map((part): PositionTreeEvent => present({ type: 'PositionsRecorded', positions: part, effective }));
}

function ended(ends: readonly NodeEnd[], state: Versions<Position>): readonly PositionTreeEvent[] {
  const other = otherEnds(
    state,
    ends.map(({ id, to }): NodeEnd => present({ id, to })),
    'unknown-position',
  );
  const after = withEnds(state, other);
  requireUnused(after, other, { above, used: 'position-in-use' });
  // What is there longer than it was is below something that may have ended meanwhile.
  const again = other.flatMap(({ id }) => after.get(id)?.findLast(({ node }) => node)?.node ?? []);
  requireTree(after, again, { effective: undefined, above, ...CODES });
  return inEvents(other).map((part): PositionTreeEvent => ({ type: 'PositionsEnded', positions: part }));
}

function same(one: Position, other: Position): boolean {
  return one.title === other.title && one.superior === other.superior && one.unit === other.unit;
}

// The tree of units: companies, departments, locations.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, isSo, otherEnds, overlaid, requireTree, requireUnused, withEnds, type NodeEnd, type Versions } from './tree';

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly parent?: string;
}

/** Without an effective day the units always were as they are named. */
export type UnitTreeCommand =
  { type: 'RecordUnits'; units: readonly Unit[]; effective?: string } | { type: 'EndUnits'; units: readonly NodeEnd[] };
export type UnitTreeEvent =
  { type: 'UnitsRecorded'; units: readonly Unit[]; effective?: string } | { type: 'UnitsEnded'; units: readonly NodeEnd[] };

export const unitTree: Decider<Versions<Unit>, UnitTreeCommand, UnitTreeEvent> = {
  name: 'unitTree',
  initial: Map(),
  events: { UnitsRecorded: { units: 'list', effective: 'text?' }, UnitsEnded: { units: 'list' } },
  decide(command, state) {
    switch (command.type) {
      case 'RecordUnits':
        return recorded(command, state);
      case 'EndUnits':
        return ended(command.units, state);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'UnitsRecorded':
        return overlaid(state, event.units, event.effective);
      case 'UnitsEnded':
        return withEnds(state, event.units);
    }
  },
};

const above = ({ parent }: Unit) => parent;
const CODES = { unknown: 'unknown-parent', loop: 'unit-loop' };

function recorded(
  { units, effective }: { readonly units: readonly Unit[]; readonly effective?: string },
  state: Versions<Unit>,
): readonly UnitTreeEvent[] {
  const wanted = units.map(({ id, name, parent }): Unit => present({ id, name, parent }));
  const other = wanted.filter((unit) => !isSo(state.get(unit.id), effective, (known) => same(unit, known)));
  requireTree(overlaid(state, other, effective), other, { effective, above, ...CODES });
  return inEvents(other).map((part): UnitTreeEvent => present({ type: 'UnitsRecorded', units: part, effective }));
}

function ended(ends: readonly NodeEnd[], state: Versions<Unit>): readonly UnitTreeEvent[] {
  const other = otherEnds(
    state,
    ends.map(({ id, to }): NodeEnd => present({ id, to })),
    'unknown-unit',
  );
  const after = withEnds(state, other);
  requireUnused(after, other, { above, used: 'unit-in-use' });
  // What is there longer than it was is below something that may have ended meanwhile.
  const again = other.flatMap(({ id }) => after.get(id)?.findLast(({ node }) => node)?.node ?? []);
  requireTree(after, again, { effective: undefined, above, ...CODES });
  return inEvents(other).map((part): UnitTreeEvent => ({ type: 'UnitsEnded', units: part }));
}

function same(one: Unit, other: Unit): boolean {
  return one.name === other.name && one.parent === other.parent;
}

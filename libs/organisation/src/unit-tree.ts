// The tree of units: companies, departments, locations.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, isSo, overlaid, requireTree, type Versions } from './tree';

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly parent?: string;
}

/** Without an effective day the units always were as they are named. */
export type UnitTreeCommand = { type: 'RecordUnits'; units: readonly Unit[]; effective?: string };
export type UnitTreeEvent = { type: 'UnitsRecorded'; units: readonly Unit[]; effective?: string };

export const unitTree: Decider<Versions<Unit>, UnitTreeCommand, UnitTreeEvent> = {
  name: 'unitTree',
  initial: Map(),
  events: { UnitsRecorded: { units: 'list', effective: 'text?' } },
  decide({ units, effective }, state) {
    const wanted = units.map(({ id, name, parent }): Unit => present({ id, name, parent }));
    const other = wanted.filter((unit) => !isSo(state.get(unit.id), effective, (known) => same(unit, known)));
    const above = ({ parent }: Unit) => parent;
    requireTree(overlaid(state, other, effective), other, { effective, above, unknown: 'unknown-parent', loop: 'unit-loop' });
    return inEvents(other).map((part): UnitTreeEvent => present({ type: 'UnitsRecorded', units: part, effective }));
  },
  evolve: (state, { units, effective }) => overlaid(state, units, effective),
};

function same(one: Unit, other: Unit): boolean {
  return one.name === other.name && one.parent === other.parent;
}

// The tree of units: companies, departments, locations.
import { Map } from 'immutable';
import type { Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents, overlaid, requireTree } from './tree';

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly parent?: string;
}

export type UnitTreeCommand = { type: 'RecordUnits'; units: readonly Unit[] };
export type UnitTreeEvent = { type: 'UnitsRecorded'; units: readonly Unit[] };

export const unitTree: Decider<Map<string, Unit>, UnitTreeCommand, UnitTreeEvent> = {
  name: 'unitTree',
  initial: Map(),
  events: { UnitsRecorded: { units: 'list' } },
  decide({ units }, state) {
    const wanted = units.map(({ id, name, parent }): Unit => present({ id, name, parent }));
    const other = wanted.filter((unit) => !same(unit, state.get(unit.id)));
    requireTree(overlaid(state, other), other, { above: ({ parent }) => parent, unknown: 'unknown-parent', loop: 'unit-loop' });
    return inEvents(other).map((part): UnitTreeEvent => ({ type: 'UnitsRecorded', units: part }));
  },
  evolve: (state, { units }) => overlaid(state, units),
};

function same(one: Unit, other: Unit | undefined): boolean {
  return one.name === other?.name && one.parent === other.parent;
}

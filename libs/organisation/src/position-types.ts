// The site's kinds of assignment, named by its administrators, each with rules for the fields (O2).
import { Map } from 'immutable';
import { reject, type Decider } from '@app/kernel';
import { present } from './interval';
import { inEvents } from './tree';

export interface PositionType {
  readonly id: string;
  readonly name: string;
  readonly unitMandatory: boolean;
  readonly managerMandatory: boolean;
  readonly mayRequestLearning: boolean;
  /** A position that a person aims at, not one that is held. */
  readonly aspirational: boolean;
  /** Most assignments of this type that one person may hold at a time. */
  readonly atMost?: number;
}

export type PositionTypesCommand = { type: 'RecordPositionTypes'; types: readonly PositionType[] };
export type PositionTypesEvent = { type: 'PositionTypesRecorded'; types: readonly PositionType[] };

export const positionTypes: Decider<Map<string, PositionType>, PositionTypesCommand, PositionTypesEvent> = {
  name: 'positionTypes',
  initial: Map(),
  events: { PositionTypesRecorded: { types: 'list' } },
  decide({ types }, state) {
    for (const { id, atMost } of types) {
      if (atMost !== undefined && !(Number.isInteger(atMost) && atMost > 0)) reject('invalid', 'bad-limit', { id, atMost });
    }
    const other = types.map(fieldsOf).filter((one) => !same(one, state.get(one.id)));
    return inEvents(other).map((part): PositionTypesEvent => ({ type: 'PositionTypesRecorded', types: part }));
  },
  evolve: (state, { types }) => state.withMutations((all) => types.forEach((type) => all.set(type.id, type))),
};

function fieldsOf({ id, name, unitMandatory, managerMandatory, mayRequestLearning, aspirational, atMost }: PositionType): PositionType {
  return present({ id, name, unitMandatory, managerMandatory, mayRequestLearning, aspirational, atMost });
}

function same(one: PositionType, other: PositionType | undefined): boolean {
  return (
    one.name === other?.name &&
    one.unitMandatory === other.unitMandatory &&
    one.managerMandatory === other.managerMandatory &&
    one.mayRequestLearning === other.mayRequestLearning &&
    one.aspirational === other.aspirational &&
    one.atMost === other.atMost
  );
}

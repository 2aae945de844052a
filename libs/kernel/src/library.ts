// What a domain library brings to the runtime: its three shapes.
import type { AnyDecider } from './decider';
import type { AnyProjection } from './projection';
import type { AnySaga } from './saga';

export interface Library {
  readonly deciders: readonly AnyDecider[];
  readonly projections: readonly AnyProjection[];
  readonly sagas: readonly AnySaga[];
}

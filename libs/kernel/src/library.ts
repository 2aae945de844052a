// What a domain library brings to the runtime: its three shapes.
import type { AnyDecider } from './decider';
import type { Guard } from './guard';
import type { AnyProjection, Views } from './projection';
import type { AnySaga } from './saga';

export interface Library {
  readonly deciders: readonly AnyDecider[];
  readonly projections: readonly AnyProjection[];
  readonly sagas: readonly AnySaga[];
  /** Rules that span streams. */
  readonly guards?: readonly Guard[];
  /** What waits for a person here, for whoever is about to take him away and may not know of this library. */
  readonly waitingFor?: (views: Views, person: string) => readonly OpenItem[];
  /** What would be cancelled here with a job that ends. */
  readonly cancelledWith?: (views: Views, assignment: string) => readonly OpenItem[];
}

export interface OpenItem {
  readonly request: string;
  readonly step: number;
  readonly learner: string;
}

import type { Library } from '@app/kernel';
import { hierarchy } from './hierarchy';
import { loopGuard } from './loop-guard';
import { ownerGuard } from './owner-guard';
import { person } from './person';
import { placeGuard } from './place-guard';
import { positionTree } from './position-tree';
import { positionTypes } from './position-types';
import { reporting } from './reporting';
import { reportingModes } from './reporting-modes';
import { unitTree } from './unit-tree';

export * from './as-known';
export * from './chart';
export * from './day';
export * from './hierarchy';
export * from './hierarchy-queries';
export * from './interval';
export * from './loop-guard';
export * from './managed';
export * from './manager-gaps';
export * from './manager-link';
export * from './managers';
export { searchPeople } from './people-search';
export * from './person';
export * from './position-tree';
export * from './position-types';
export * from './reporting';
export * from './reporting-graph';
export * from './reporting-line';
export * from './reporting-loops';
export * from './reporting-modes';
export { maskOf } from './responsibility-mask';
export { ownSeats } from './self-benefit';
export * from './structure-queries';
export * from './team';
export { TeamEdges } from './team-edges';
export { NODES_PER_EVENT_MAX, treeLoop } from './tree';
export * from './two-times';
export * from './unit-tree';
export * from './visibility';

/** Who is who, where, and under whom. */
export const organisation: Library = {
  deciders: [person, reporting, reportingModes, unitTree, positionTree, positionTypes],
  projections: [hierarchy],
  sagas: [],
  guards: [ownerGuard, loopGuard, placeGuard],
};

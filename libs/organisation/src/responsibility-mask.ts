// Responsibilities as bits, so that one indexed row answers for all of them.
import { RESPONSIBILITIES, type Responsibility } from './manager-link';

export function maskOf(responsibilities: readonly Responsibility[]): number {
  return responsibilities.reduce((mask, one) => mask | (1 << RESPONSIBILITIES.indexOf(one)), 0);
}

export function responsibilitiesOf(mask: number): readonly Responsibility[] {
  return RESPONSIBILITIES.filter((_, bit) => mask & (1 << bit));
}

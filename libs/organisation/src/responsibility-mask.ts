// Responsibilities as bits, so that one indexed row answers for all of them.
import { RESPONSIBILITY_SETS, type Responsibility } from './manager-link';

export { bitsOf as maskOf } from './manager-link';

export function responsibilitiesOf(mask: number): readonly Responsibility[] {
  return RESPONSIBILITY_SETS[mask]!;
}

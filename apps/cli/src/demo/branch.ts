// One way that requests go, and what all ways share.
import type { Scene, Stage } from './stage';

export type Ending = 'granted' | 'denied' | 'withdrawn' | 'open';
export interface Branch {
  readonly name: string;
  readonly times: number;
  readonly ending: Ending;
  /** Heading under which the first of these requests is told as a story. */
  readonly story?: string;
  /** Each after the one before, because it changes the organisation for the next. */
  readonly inTurn?: true;
  readonly play: (stage: Stage, nth: number) => Promise<Scene>;
}

const COURSES = [
  'ADVANCED-LIFE-SUPPORT',
  'INFECTION-PREVENTION',
  'DEMENTIA-CARE',
  'SAFE-MEDICATION',
  'WARD-LEADERSHIP',
  'PALLIATIVE-CARE',
  'WOUND-CARE',
  'CLINICAL-COACHING',
];
/** The course of the nth request of a branch. */
export function courseOf(nth: number): { course: string } {
  return { course: COURSES[nth % COURSES.length]! };
}

const FORTNIGHT_MS = 14 * 86_400_000;

/** What the operator sends to let somebody stand in for a fortnight. */
export function standInFrom(from: string, manager: string) {
  const to = new Date(Date.parse(from) + FORTNIGHT_MS).toISOString().slice(0, 10);
  return { manager, kind: 'temporary', responsibilities: ['approval'], from, to };
}

// What becomes of a request when the job in whose name it was made has ended (E11).
import type { Reviewed } from './decision-review';

/** The job has ended; `endedOn` is the first day without it. */
interface Ended {
  readonly because: 'assignment-ended';
  readonly assignment: string;
  readonly endedOn: string;
  /** The day, where the organisation is, on which that was so. */
  readonly on: string;
}
export type JobCommand = { type: 'Cancel' } & Ended;
export type JobEvent = { type: 'RequestCancelled' } & Ended;

/** What the rules look at. */
export interface AskedInJob extends Reviewed {
  /** The job in whose name the request stands. */
  readonly assignment: string;
  readonly cancelled?: Ended;
}

/** A saga may come late: to a request that is over, or stands in the name of another job by now. */
export function jobEnded(command: JobCommand, state: AskedInJob): readonly JobEvent[] {
  const { because, assignment, endedOn, on } = command;
  if (state.status !== 'open' || state.assignment !== assignment) return [];
  return [{ type: 'RequestCancelled', because, assignment, endedOn, on }];
}

/** Nobody is asked any more. */
export function afterJobEnded<State extends AskedInJob>(state: State, event: JobEvent): State {
  const { because, assignment, endedOn, on } = event;
  return { ...state, status: 'cancelled', slate: [], grounds: [], cancelled: { because, assignment, endedOn, on } };
}

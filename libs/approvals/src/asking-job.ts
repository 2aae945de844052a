// What becomes of a request when the job in whose name it was made has ended (E11).
import { reject, type EventFields } from '@app/kernel';
import type { Reviewed } from './decision-review';

/** The job has ended; `endedOn` is the first day without it. */
interface Ended {
  readonly assignment: string;
  readonly endedOn: string;
  /** The day, where the organisation is, on which that was so. */
  readonly on: string;
}
interface Cause extends Ended {
  readonly because: 'assignment-ended';
}
export type JobCommand = ({ type: 'Cancel' } & Cause) | ({ type: 'ReportJobEnded' } & Ended) | Move;
/** The learner, or whoever asked for him, wants the request to go on in the name of another job. */
export interface Move {
  readonly type: 'Move';
  readonly assignment: string;
  readonly by: string;
  readonly at: string;
  readonly on: string;
  /** Whether the present job ends and the site lets requests move then, as far as it is known at that moment. */
  readonly chance: 'given' | 'job-goes-on' | 'policy';
  /** What the organisation knows of the other job. */
  readonly standing: 'fit' | 'not-his' | 'nobody';
}
export type JobEvent =
  | ({ type: 'RequestCancelled' } & Cause)
  | ({ type: 'AskingJobEnded' } & Ended)
  | { type: 'RequestMoved'; assignment: string; by: string; at: string; on: string };

export const jobEventFields: EventFields<JobEvent> = {
  RequestCancelled: { because: 'text', assignment: 'text', endedOn: 'text', on: 'text' },
  AskingJobEnded: { assignment: 'text', endedOn: 'text', on: 'text' },
  RequestMoved: { assignment: 'text', by: 'text', at: 'text', on: 'text' },
};

/** What the rules look at. */
export interface AskedInJob extends Reviewed {
  /** The job in whose name the request stands. */
  readonly assignment: string;
  /** The end of which its learner was told. */
  readonly told?: Omit<Ended, 'on'>;
  readonly cancelled?: Cause;
}

/** A saga may come late: to a request that is over, or stands in the name of another job by now. */
export function jobEnded(command: Exclude<JobCommand, Move>, state: AskedInJob): readonly JobEvent[] {
  const { assignment, endedOn, on } = command;
  if (state.status !== 'open' || state.assignment !== assignment) return [];
  if (command.type === 'Cancel') return [{ type: 'RequestCancelled', because: command.because, assignment, endedOn, on }];
  const { told } = state;
  if (told?.assignment === assignment && told.endedOn === endedOn) return [];
  return [{ type: 'AskingJobEnded', assignment, endedOn, on }];
}

/** Of an open request, by somebody whose request it is. */
export function moved({ assignment, by, at, on, chance, standing }: Move, state: AskedInJob): readonly JobEvent[] {
  if (assignment === state.assignment) return [];
  if (chance !== 'given') reject('conflict', 'not-movable', { because: chance });
  if (standing === 'not-his') reject('invalid', 'not-your-assignment', { assignment });
  if (standing === 'nobody') reject('invalid', 'no-approver', { assignment, detail: 'Nobody above that job can decide this request.' });
  return [{ type: 'RequestMoved', assignment, by, at, on }];
}

export function afterJobEvent<State extends AskedInJob>(state: State, event: JobEvent): State {
  const { assignment, on } = event;
  switch (event.type) {
    case 'RequestCancelled': {
      const { because, endedOn } = event;
      return { ...state, status: 'cancelled', slate: [], grounds: [], cancelled: { because, assignment, endedOn, on } };
    }
    case 'AskingJobEnded':
      return { ...state, told: { assignment, endedOn: event.endedOn } };
    case 'RequestMoved':
      return { ...state, assignment };
  }
}

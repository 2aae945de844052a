// People with so many jobs that one append may not take them all: their step in parts, each of which has its own answer.
import type { SyncPerson } from '@app/organisation';
import type { Step } from './plan';
import type { Row } from './sheet';

/** Far below what an append takes. */
const JOBS_PER_STEP = 250;

/** The step, and where it is long its parts: first who the person is, then the jobs with the rows that are about them. */
export function dividedPerson(step: Step & { readonly command: SyncPerson }, rowsOf: (assignment: string) => readonly Row[]): Step {
  const { command, subject } = step;
  const { assignments, details, active, ...rest } = command;
  if (assignments.length <= JOBS_PER_STEP) return step;
  const partOf = (part: SyncPerson, more: Pick<Step, 'subject' | 'rows'>): Step => ({ ...step, command: part, ...more });
  const parts = (): readonly Step[] => {
    const jobs = Array.from({ length: Math.ceil(assignments.length / JOBS_PER_STEP) }, (_, at) => {
      const part = assignments.slice(at * JOBS_PER_STEP, (at + 1) * JOBS_PER_STEP);
      const rows = part.flatMap(({ assignment }) => rowsOf(assignment));
      return partOf({ ...rest, assignments: part }, { subject: `${subject}/${at}`, rows });
    });
    if (!details && !active) return jobs;
    const ofJobs = new Set(jobs.flatMap(({ rows }) => rows));
    const others = step.rows.filter((row) => !ofJobs.has(row));
    return [partOf({ ...command, assignments: [] }, { subject, rows: others }), ...jobs];
  };
  return { ...step, parts };
}

// Totara's job assignments: one row for each job, its managers in columns of their own.
import type { Views } from '@app/kernel';
import { assignmentOf, type NamedManager } from '@app/organisation';
import { assignmentIn, deletedIn, NO_DRAFTS, taken, type AssignmentDraft, type Drafts } from './drafts';
import { mapped, type Piecewise } from './piecewise';
import type { Row, Sheet } from './sheet';

export function* jobDrafts({ rows }: Sheet, views: Views): Piecewise<Drafts> {
  const idOf = jobIds(rows, views);
  const assignments = yield* mapped(taken(rows), (row): AssignmentDraft => {
    const { person, assignment, fields } = assignmentIn(row);
    const managers = row.has('manager') || row.has('standIn') || row.has('appraiser') ? managersIn(row, idOf) : undefined;
    return { row, person, assignment: idOf(person, assignment), fields, ...deletedIn(row), ...(managers && { managers }), whole: true };
  });
  return { ...NO_DRAFTS, assignments };
}

/**
 * Totara's number of a job is unique for its person only, ours for everybody. It is taken as it is unless somebody else
 * has it; then the person is put before it. What was chosen once is found again.
 */
function jobIds(rows: readonly Row[], views: Views): (person: string, job: string) => string {
  const owners = new Map<string, string>();
  const doubled = new Set<string>();
  for (const row of taken(rows)) {
    const [job, person] = [row.text('assignment')!, row.text('person')!];
    if ((owners.get(job) ?? person) !== person) doubled.add(job);
    owners.set(job, person);
  }
  return (person, job) => {
    const longer = `${person}:${job}`;
    if (assignmentOf(views, longer)) return longer;
    const owner = assignmentOf(views, job)?.person;
    if (owner === person) return job;
    return owner !== undefined || doubled.has(job) ? longer : job;
  };
}

/** The manager, who also appraises when he is the appraiser; another appraiser is an alternate for that alone. */
function managersIn(row: Row, idOf: (person: string, job: string) => string): readonly NamedManager[] {
  const [manager, appraiser, standIn, standInTo] = [row.text('manager'), row.text('appraiser'), row.text('standIn'), row.text('standInTo')];
  const jobOf = (person: string, field: string) => {
    const job = row.text(field);
    return job === undefined ? {} : { managerAssignment: idOf(person, job) };
  };
  const managers: NamedManager[] = [];
  if (manager !== undefined) {
    const responsibilities =
      appraiser === manager ? (['approval', 'reporting', 'appraisal'] as const) : (['approval', 'reporting'] as const);
    managers.push({ manager, ...jobOf(manager, 'managerAssignment'), kind: 'direct', responsibilities });
  }
  if (appraiser !== undefined && appraiser !== manager)
    managers.push({ manager: appraiser, kind: 'alternate', responsibilities: ['appraisal'] });
  if (standIn !== undefined) {
    const to = standInTo === undefined ? {} : { to: standInTo };
    managers.push({ manager: standIn, ...jobOf(standIn, 'standInAssignment'), kind: 'temporary', responsibilities: ['approval'], ...to });
  }
  return managers;
}

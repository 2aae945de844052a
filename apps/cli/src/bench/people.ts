// A small organisation with a real reporting line: learners, their managers, and finance beside the line.
import { newId } from '@app/platform';
import type { Ask } from './side';

export const MANAGERS = 40;
export const FINANCE = 40;
export const LEARNERS_PER_MANAGER = 10;
export const SINCE = '2025-01-01';

export interface Employee {
  readonly id: string;
  readonly assignment: string;
  readonly manager?: string;
}

/** Everybody, managers before those whom they manage. */
export const EMPLOYEES: readonly Employee[] = [
  employee('director'),
  ...people('finance', FINANCE).map((id) => employee(id, 'director')),
  ...people('manager', MANAGERS).map((id) => employee(id, 'director')),
  ...people('learner', MANAGERS * LEARNERS_PER_MANAGER).map((id, at) => employee(id, `manager-${at % MANAGERS}`)),
];

const LEARNERS = EMPLOYEES.filter(({ id }) => id.startsWith('learner'));

/** The next asks, learners and approvers in turn. */
export function* asks(): Generator<Ask, never> {
  for (let count = 0; ; count++) {
    const { id: learner, assignment, manager } = LEARNERS[count % LEARNERS.length]!;
    const finance = `finance-${count % FINANCE}`;
    yield { request: newId(), course: `course-${count}`, learner, assignment, manager: manager!, finance };
  }
}

function people(role: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${role}-${at}`);
}

function employee(id: string, manager?: string): Employee {
  return { id, assignment: `${id}-job`, ...(manager && { manager }) };
}

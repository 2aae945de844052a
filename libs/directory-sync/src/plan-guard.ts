// What stops an import before its first event: it would end much, or change the place of whoever sends it, or a row of it
// cannot be taken and the whole is wanted.
import { reject } from '@app/kernel';
import type { RejectedRow } from './change-set';
import type { Plan } from './plan';
import type { Sheet } from './sheet';

/** So few may always end. */
export const ENDS_FREE = 10;
export const ENDS_MAX = 500;
export const ENDS_PERCENT_MAX = 10;

/** A job that the files end within so many days counts as one that they end. */
const ENDS_SOON_DAYS = 31;

/** The last day on which a job ends soon, seen from the day on which the files come, or from which they hold where that is later. */
export function soonAfter(effective: string, today: string): string {
  const from = today > effective ? today : effective;
  const soon = Temporal.PlainDate.from(from).add({ days: ENDS_SOON_DAYS }).toString();
  // A year has four digits as long as days are compared as text.
  return soon.length === from.length ? soon : from;
}

export interface Guarded {
  readonly plan: Plan;
  readonly waiting: readonly unknown[];
}

export interface Leave {
  /** Why more may end than the guard lets pass. */
  readonly reason: string | undefined;
  /** Who planned the same; nobody when there is no such plan of somebody else. */
  readonly plannedBy: string | undefined;
}

/**
 * Each open request that loses its approver or its job counts as one more that ends.
 * @throws Rejection `too-many-ends`, or `second-administrator` when nobody but whoever forces it has planned it
 */
export function requireGuard({ plan, waiting }: Guarded, { reason, plannedBy }: Leave): void {
  const { ends, known } = plan;
  const counted = ends + waiting.length;
  const beyond = counted > ENDS_FREE && (counted > ENDS_MAX || counted * 100 > known * ENDS_PERCENT_MAX);
  if (!beyond) return;
  const facts = { ends, known, ...(waiting.length > 0 && { waiting: waiting.length }) };
  if (reason === undefined) {
    const most = `more than ${ENDS_MAX}, or than ${ENDS_PERCENT_MAX} % of what the files speak of`;
    const work = waiting.length > 0 ? ` and ${waiting.length} requests wait for those who would go, or fall with their job` : '';
    const detail = `${ends} of ${known} would end within ${ENDS_SOON_DAYS} days${work}, ${most}: plan it, and let another administrator commit it with force and a reason`;
    return reject('conflict', 'too-many-ends', { ...facts, detail });
  }
  if (plannedBy !== undefined) return;
  const detail = 'no other administrator has planned what the files come to now';
  reject('forbidden', 'second-administrator', { ...facts, detail });
}

/** So many of the caller's own things are named. */
const OWN_NAMED_MAX = 10;

/**
 * Nobody changes his own jobs, who manages him or whom he manages alone, by files no more than by hand (A26).
 * @throws Rejection `second-administrator` with the first of his `own` that would change
 */
export function requireOthers(own: readonly string[], how: string): void {
  if (own.length === 0) return;
  const named = own.slice(0, OWN_NAMED_MAX);
  const detail = `it changes your own jobs, who manages you or whom you manage (${named.join(', ')}): ${how}`;
  reject('forbidden', 'second-administrator', { own: named, detail });
}

/** So many of the rows are named. */
const FAULTS_NAMED_MAX = 100;

/**
 * All rows or none, where the caller chose so (E48).
 * @throws Rejection `rows-rejected` with the first rows that cannot be taken, and how many there are
 */
export function requireWhole({ sheets }: { readonly sheets: readonly Sheet[] }): void {
  const rejected = sheets.flatMap(({ rows }) => rows.flatMap(({ fault }): RejectedRow[] => (fault ? [fault] : [])));
  if (rejected.length === 0) return;
  const detail = `${rejected.length} rows cannot be taken, and the whole was wanted or nothing`;
  reject('invalid', 'rows-rejected', { detail, rejectedCount: rejected.length, rejected: rejected.slice(0, FAULTS_NAMED_MAX) });
}

// What an administrator leaves to somebody else: his own jobs and managers, and whom he himself manages.
import { reject, type Views } from '@app/kernel';
import { assignmentsOf, linksOf, positionHolders } from './hierarchy-queries';
import type { Position } from './position-tree';
import { ReportingLines } from './reporting-line';
import { positionOf } from './structure-queries';
import type { Viewer } from './visibility';

type Asking = Pick<Viewer, 'person' | 'on'>;

/** @throws Rejection `self-benefit` where he is one of those whom it is about */
export function requireOthers({ person }: Asking, ...concerned: readonly string[]): void {
  if (person !== undefined && concerned.includes(person)) reject('forbidden', 'self-benefit');
}

/** @throws Rejection `self-benefit` for what is above or below a seat of his own, whenever it is to be so */
export function requireOtherSeats(views: Views, { person, on }: Asking, { id, superior }: Position): void {
  if (person === undefined) return;
  const own = ownSeats(views, person, on);
  if (own.size === 0) return;
  const known = views.all<{ superior: string | null }>('select distinct superior from positions where id = ? and ended = 0', id);
  const superiors = known.map((row) => row.superior ?? undefined);
  if (superiors.length > 0 && superiors.every((one) => one === superior)) return;
  if ([id, superior, ...superiors].some((one) => one !== undefined && own.has(one))) reject('forbidden', 'self-benefit');
}

/** The positions that the person holds on the day or is to hold later; whoever only aims at one does neither. */
export function ownSeats(views: Views, person: string, on: string): ReadonlySet<string> {
  return new Set(views.all<{ position: string }>(OWN_SEATS, person, on).map(({ position }) => position));
}
const OWN_SEATS = `
  select a.position from assignments a where a.person = ?1 and a.position is not null and (a.valid_to is null or a.valid_to > ?2)
    and not exists (select 1 from position_types t where t.id = a.position_type and t.aspirational = 1)`;

/** @throws Rejection `self-benefit` for the account of one of his managers: without it somebody else decides for him */
export function requireOtherAccount(views: Views, { person, on }: Asking, id: string): void {
  if (person === undefined) return;
  const manages = assignmentsOf(views, person, on).some((job) => {
    if (linksOf(views, job.id).some(({ manager, to }) => manager === id && (to === undefined || on < to))) return true;
    return ReportingLines.on(views, on).modeOf(job.id).mode === 'position-code' && sitsAbove(views, job.position, { id, on });
  });
  if (manages) reject('forbidden', 'self-benefit');
}

/** Whether the person has the first seat above that anybody holds, or one that would be it if he were active. */
function sitsAbove(views: Views, position: string | undefined, { id, on }: { readonly id: string; readonly on: string }): boolean {
  const seats = new Set(assignmentsOf(views, id, on).map((job) => job.position));
  const above = (seat: string | undefined) => (seat === undefined ? undefined : positionOf(views, seat, on)?.superior);
  for (let seat = above(position); seat !== undefined; seat = above(seat)) {
    if (seats.has(seat)) return true;
    if (positionHolders(views, seat, on).length > 0) return false;
  }
  return false;
}

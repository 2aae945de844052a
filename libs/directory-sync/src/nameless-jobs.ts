// Jobs in files that give them no id: each is the recorded one in the same place, or gets an id made of person and place.
import type { Views } from '@app/kernel';
import { mapped, type Piecewise } from './piecewise';

/** A job as far as such a file describes it. */
export interface NamelessJob {
  readonly person: string;
  readonly position: string | undefined;
  readonly unit: string | undefined;
  readonly from: string | undefined;
  /** What of the place the file does not say, so that it leaves what is recorded. */
  readonly open: { readonly position: boolean; readonly unit: boolean };
}
export type Recognised = { readonly id: string } | { readonly among: readonly string[] };

interface Recorded {
  readonly id: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

/** The id of each job; where several recorded ones fit it is never "the first". */
export function* recognised(views: Views, jobs: readonly NamelessJob[], effective: string): Piecewise<readonly Recognised[]> {
  const spells = new Map<string, Set<string>>();
  for (const job of jobs) {
    const starts = spells.get(placeId(job)) ?? new Set();
    spells.set(placeId(job), starts.add(job.from ?? ''));
  }
  const exact = yield* mapped(jobs, (job) => fitting(job, recordedThere(views, job), effective));
  const named = new Set(exact.flatMap((one) => (one && 'id' in one ? one.id : [])));
  return yield* mapped(jobs, (job, at): Recognised => {
    const found =
      exact[at] ??
      fitting(
        job,
        recordedAbout(views, job).filter(({ id }) => !named.has(id)),
        effective,
      );
    if (found) return found;
    const day = job.from ?? effective;
    const id = placeId(job);
    // Who comes back to a place has a second job there, and so has who is there twice in the file.
    const again = spells.get(id)!.size > 1 || views.get('select 1 from assignments where id = ?', id) !== undefined;
    return { id: again ? `${id}:${day}` : id };
  });
}

/** Of the recorded ones that which begins on the same day, else that which is in effect on it. */
function fitting({ from }: NamelessJob, there: readonly Recorded[], effective: string): Recognised | undefined {
  const day = from ?? effective;
  const sameDay = there.filter(({ valid_from }) => valid_from === from);
  const [first, ...others] =
    sameDay.length > 0 ? sameDay : there.filter(({ valid_from, valid_to }) => valid_from <= day && (valid_to === null || valid_to > day));
  if (!first) return undefined;
  return others.length === 0 ? { id: first.id } : { among: [first, ...others].map(({ id }) => id) };
}

function recordedThere(views: Views, { person, position, unit }: NamelessJob): readonly Recorded[] {
  return views.all<Recorded>(
    `select id, valid_from, valid_to from assignments
      where person = ? and ifnull(position, '') = ? and ifnull(unit, '') = ? and (valid_to is null or valid_to > valid_from) order by id`,
    person,
    position ?? '',
    unit ?? '',
  );
}

/** Those in the place as far as the file says it; nobody where it says all of it. */
function recordedAbout(views: Views, { person, position, unit, open }: NamelessJob): readonly Recorded[] {
  if (!open.position && !open.unit) return [];
  return views.all<Recorded>(
    `select id, valid_from, valid_to from assignments
      where person = ?1 and (?2 is null or ifnull(position, '') = ?2) and (?3 is null or ifnull(unit, '') = ?3)
      and (valid_to is null or valid_to > valid_from) order by id`,
    person,
    open.position ? null : (position ?? ''),
    open.unit ? null : (unit ?? ''),
  );
}

function placeId({ person, position = '-', unit = '-' }: NamelessJob): string {
  return `${person}:${position}:${unit}`;
}

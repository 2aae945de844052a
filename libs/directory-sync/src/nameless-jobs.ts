// Jobs in files that give them no id: each is the recorded one in the same place, or gets an id made of person and place.
import type { Views } from '@app/kernel';
import { mapped, type Piecewise } from './piecewise';

/** A job as far as such a file describes it. */
export interface NamelessJob {
  readonly person: string;
  readonly position: string | undefined;
  readonly unit: string | undefined;
  readonly from: string | undefined;
}
export type Recognised = { readonly id: string } | { readonly among: readonly string[] };

interface Recorded {
  readonly id: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

/** The id of each job; where several recorded ones fit it is never "the first". */
export function recognised(views: Views, jobs: readonly NamelessJob[], effective: string): Piecewise<readonly Recognised[]> {
  const spells = new Map<string, Set<string>>();
  for (const job of jobs) {
    const starts = spells.get(placeId(job)) ?? new Set();
    spells.set(placeId(job), starts.add(job.from ?? ''));
  }
  return mapped(jobs, (job): Recognised => {
    const there = recordedThere(views, job);
    const found = there.find(({ valid_from }) => valid_from === job.from);
    if (found) return { id: found.id };
    const day = job.from ?? effective;
    const fitting = there.filter(({ valid_from, valid_to }) => valid_from <= day && (valid_to === null || valid_to > day));
    if (fitting.length > 1) return { among: fitting.map(({ id }) => id) };
    if (fitting.length === 1) return { id: fitting[0]!.id };
    const id = placeId(job);
    // Who comes back to a place has a second job there, and so has who is there twice in the file.
    const again = spells.get(id)!.size > 1 || views.get('select 1 from assignments where id = ?', id) !== undefined;
    return { id: again ? `${id}:${day}` : id };
  });
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

function placeId({ person, position = '-', unit = '-' }: NamelessJob): string {
  return `${person}:${position}:${unit}`;
}

// What a plan comes to: a digest by which it is known again, and the page of its changes that somebody wants to see.
import type { Views } from '@app/kernel';
import { changesOf, type Change } from './changes';
import { Digest } from './packed-file';
import type { Piecewise } from './piecewise';
import type { Plan } from './plan';
import type { Sheet } from './sheet';

export interface Summary {
  /** Over what it would record, over what, and what it says of every row: two plans with one digest do the same. */
  readonly digest: string;
  /** Those of the page, and how many there are. */
  readonly changes: readonly Change[];
  readonly count: number;
}

export function* summaryOf(
  views: Views,
  { plan, sheets }: { readonly plan: Plan; readonly sheets: readonly Sheet[] },
  { after, limit }: { readonly after: number; readonly limit: number },
): Piecewise<Summary> {
  const digest = new Digest();
  const changes: Change[] = [];
  let count = 0;
  for (const { decider, id, command, fresh } of [plan.trees, plan.people, plan.managers].values().flatMap((steps) => steps)) {
    yield;
    digest.add(JSON.stringify([decider.name, id, command]));
    if (fresh !== undefined) {
      digest.add(`${fresh} new`);
      count += fresh;
      // Nobody looks at most of what is new, and to tell it field by field takes as long as all the rest.
      if (count <= after || count - fresh >= after + limit) continue;
    }
    let at = count - (fresh ?? 0);
    for (const change of changesOf(views, command)) {
      yield;
      if (fresh === undefined) digest.add(JSON.stringify(change));
      if (at >= after && at < after + limit) changes.push(change);
      at++;
    }
    count = at;
  }
  for (const { rows } of sheets) {
    digest.add(JSON.stringify(rows[0]!.file));
    for (const { line, verdict, fault } of rows) {
      yield;
      digest.add(fault ? `${line} ${verdict} ${fault.code}` : `${line} ${verdict}`);
    }
  }
  return { digest: digest.end(), changes, count };
}

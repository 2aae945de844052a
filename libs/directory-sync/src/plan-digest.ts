// What a plan comes to: a digest by which it is known again, and the page of its changes that somebody wants to see.
import type { Views } from '@app/kernel';
import { changesOf, type Change } from './changes';
import { Digest } from './packed-file';
import type { Piecewise } from './piecewise';
import type { Plan } from './plan-import';
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
  for (const { decider, id, command } of [plan.trees, plan.people, plan.managers].values().flatMap((steps) => steps)) {
    digest.add(JSON.stringify([decider.name, id, command]));
    yield;
  }
  const changes: Change[] = [];
  let count = 0;
  for (const change of changesOf(views, plan)) {
    digest.add(JSON.stringify(change));
    if (count >= after && count < after + limit) changes.push(change);
    count++;
    yield;
  }
  for (const { file, line, verdict, fault } of sheets.values().flatMap(({ rows }) => rows)) {
    digest.add(JSON.stringify([file, line, verdict, fault?.code]));
    yield;
  }
  return { digest: digest.end(), changes, count };
}

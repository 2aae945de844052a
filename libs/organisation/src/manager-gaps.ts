// Assignments that nobody manages directly on a day: their requests go to alternates, upwards, or to the fallback approver (E35).
import type { Views } from '@app/kernel';
import { activeSql, type Page } from './hierarchy-queries';
import { present } from './interval';
import type { Responsibility } from './manager-link';
import { maskOf } from './responsibility-mask';

export interface ManagerGap {
  readonly assignment: string;
  readonly person: string;
  readonly positionType: string;
  readonly unit?: string;
  /** Whether the type of the assignment demands a manager (O2). */
  readonly mandatory: boolean;
  /** Whether somebody stands in, or is an alternate, for the same. */
  readonly covered: boolean;
}

const LINK = `
  l.assignment = a.id and l.responsibilities & ?2 and l.valid_from <= ?1 and (l.valid_to is null or l.valid_to > ?1)`;
const GAPS = `
  select a.id as assignment, a.person, a.position_type as positionType, a.unit,
    exists (select 1 from position_types t where t.id = a.position_type and t.manager_mandatory = 1) as mandatory,
    exists (select 1 from manager_links l where ${LINK}) as covered
  from assignments a join people p on p.id = a.person and ${activeSql('?1')}
  where a.id > ?3 and a.valid_from <= ?1 and (a.valid_to is null or a.valid_to > ?1)
    and not exists (select 1 from manager_links l where l.kind = 'direct' and ${LINK})
  order by a.id limit +?4`;

/** A page of them, by assignment; `after` is the last one of the page before. */
export function managerGaps(
  views: Views,
  { asOf, responsibility, after = '', limit }: Page & { readonly asOf: string; readonly responsibility: Responsibility },
): readonly ManagerGap[] {
  return views
    .all<GapRow>(GAPS, asOf, maskOf([responsibility]), after, limit)
    .map(({ unit, mandatory, covered, ...row }) =>
      present({ ...row, unit: unit ?? undefined, mandatory: mandatory === 1, covered: covered === 1 }),
    );
}

interface GapRow {
  readonly assignment: string;
  readonly person: string;
  readonly positionType: string;
  readonly unit: string | null;
  readonly mandatory: number;
  readonly covered: number;
}

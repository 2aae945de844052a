// Who manages an assignment on a day, as the reporting mode of its unit says.
import type { Views } from '@app/kernel';
import { activeSql, ask, fullName, nameOf } from './hierarchy-queries';
import { inEffect, present } from './interval';
import type { LinkKind, Responsibility } from './manager-link';
import { ReportingLines } from './reporting-line';
import { maskOf } from './responsibility-mask';

/** A manager of one assignment, and the link that makes him one. */
export interface Manager {
  readonly person: string;
  readonly name: string;
  readonly kind: LinkKind;
  readonly link: string;
  /** The seat that he holds, where it is the seat that manages. */
  readonly position?: string;
  readonly from?: string;
  readonly to?: string;
}
// What it is ordered by is selected too: else SQLite reads all that was known earlier, instead of looking it up by its indexes.
const MANAGERS = `
  select l.manager as person, p.given_name, p.family_name, l.kind, l.id as link, l.valid_from, l.valid_to,
    case l.kind when 'temporary' then 0 when 'direct' then 1 else 2 end as turn
  from assignments a
  join manager_links l on l.assignment = a.id
  join people p on p.id = l.manager and ${activeSql('?3')}
  where a.id = ?1 and a.valid_from <= ?3 and (a.valid_to is null or a.valid_to > ?3)
    and l.responsibilities & ?2 and l.valid_from <= ?3 and (l.valid_to is null or l.valid_to > ?3)
    and (l.manager_assignment is null or exists (
      select 1 from assignments m where m.id = l.manager_assignment and m.valid_from <= ?3 and (m.valid_to is null or m.valid_to > ?3)))
  order by turn, link`;

/**
 * Who manages the assignment on the day for any of the responsibilities: whoever stands in, then the direct manager, then the
 * alternates. People without an active account are left out, and so is a link to a job that the manager does not hold then.
 * Where position codes answer, whoever holds the seat above.
 */
export function managersOf(views: Views, { assignment, responsibilities, asOf }: Managed): readonly Manager[] {
  const lines = ReportingLines.on(views, asOf);
  if (lines.modeOf(assignment).mode === 'position-code') return holdersAbove(lines, assignment);
  return ask<ManagerRow>(views, MANAGERS, assignment, maskOf(responsibilities), asOf).map(
    ({ person, given_name, family_name, kind, link, valid_from, valid_to }) =>
      present({ person, name: fullName(given_name, family_name), kind, link, from: valid_from || undefined, to: valid_to ?? undefined }),
  );
}

/** What of an assignment is managed, and on which day. */
export interface Managed {
  readonly assignment: string;
  readonly responsibilities: readonly Responsibility[];
  readonly asOf: string;
}

function holdersAbove(lines: ReportingLines, assignment: string): readonly Manager[] {
  const { views, on } = lines.day;
  const job = lines.day.assignment(assignment);
  if (!job || !inEffect(job, on)) return [];
  return lines
    .lineOf(assignment)
    .links.map(({ manager, kind, id, position, from, to }) =>
      present({ person: manager, name: nameOf(views, manager) ?? '', kind, link: id, position, from, to }),
    );
}

interface ManagerRow {
  readonly person: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly kind: LinkKind;
  readonly link: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

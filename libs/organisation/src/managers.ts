// Who manages an assignment on a day, as the reporting mode of its unit says.
import type { Views } from '@app/kernel';
import { activeSql, ask, nameOf } from './hierarchy-queries';
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
// What belongs to a link is looked up inside it: a join of what was known earlier would ask for each half of one table with each of the others.
const MANAGERS = `
  select l.manager as person, l.kind, l.id as link, l.valid_from, l.valid_to,
    (select p.given_name || ' ' || p.family_name from people p where p.id = l.manager and ${activeSql('?3')}) as name
  from manager_links l
  where l.assignment = ?1 and l.responsibilities & ?2 and l.valid_from <= ?3 and (l.valid_to is null or l.valid_to > ?3)
    and exists (select 1 from assignments a where a.id = l.assignment and a.valid_from <= ?3 and (a.valid_to is null or a.valid_to > ?3))
    and (l.manager_assignment is null or exists (
      select 1 from assignments m where m.id = l.manager_assignment and m.valid_from <= ?3 and (m.valid_to is null or m.valid_to > ?3)))
  order by l.id`;
/** Whoever stands in, then the direct manager, then the alternates. */
const KINDS: readonly LinkKind[] = ['temporary', 'direct', 'alternate'];

/**
 * Who manages the assignment on the day for any of the responsibilities: whoever stands in, then the direct manager, then the
 * alternates. People without an active account are left out, and so is a link to a job that the manager does not hold then.
 * Where position codes answer, whoever holds the seat above.
 */
export function managersOf(views: Views, { assignment, responsibilities, asOf }: Managed): readonly Manager[] {
  const lines = ReportingLines.on(views, asOf);
  if (lines.modeOf(assignment).mode === 'position-code') return holdersAbove(lines, assignment);
  const rows = ask<ManagerRow>(views, MANAGERS, assignment, maskOf(responsibilities), asOf);
  return KINDS.flatMap((kind) => rows.filter((row) => row.kind === kind && row.name !== null)).map(
    ({ person, name, kind, link, valid_from, valid_to }) =>
      present({ person, name: name!.trim(), kind, link, from: valid_from || undefined, to: valid_to ?? undefined }),
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
  /** Of whoever has an active account on the day. */
  readonly name: string | null;
  readonly kind: LinkKind;
  readonly link: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
}

// Who may see whom: the one scope function behind every page that shows a person (S5).
import { reject, type Views } from '@app/kernel';
import { personOf, type Person } from './hierarchy-queries';
import { reportsTo } from './reporting-line';

export interface Viewer {
  readonly person?: string;
  readonly role: string;
  readonly on: string;
}

/** Administrators and auditors see everybody. */
export function isOfficer({ role }: Pick<Viewer, 'role'>): boolean {
  return role === 'admin' || role === 'auditor';
}

/**
 * The person, to himself, to those above him today, to administrators and auditors; to others as if not there. What is
 * shown may be of another day or of earlier knowledge; who may see it is a question of today.
 * @throws Rejection `unknown-person`
 */
export function visiblePerson(views: Views, id: string, viewer: Viewer): Person {
  const person = personOf(views, id, viewer.on);
  const visible = person && (isOfficer(viewer) || viewer.person === id || isAbove(views, id, viewer));
  return visible ? person : reject('not-found', 'unknown-person');
}

function isAbove(views: Views, person: string, { person: manager, on: asOf }: Viewer): boolean {
  return manager !== undefined && reportsTo(views, { person, manager, asOf });
}

// Direct managers of one job beside each other: one of them stays, the others become alternates, where the caller says so (E35).
import { shared, type ManagerLink, type NamedManager } from '@app/organisation';
import { managerKey } from './plan-assignments';

/**
 * Who is direct already stays, then who begins first; the order of rows says nothing. Whoever is beside him for the same, on
 * any day, becomes an alternate for as long as he is named.
 */
export function demoted(links: readonly NamedManager[], recorded: readonly ManagerLink[]): readonly NamedManager[] {
  const isRecorded = ({ manager, managerAssignment }: NamedManager) =>
    recorded.some((link) => link.kind === 'direct' && link.manager === manager && link.managerAssignment === managerAssignment);
  const rank = (link: NamedManager) => `${isRecorded(link) ? 0 : 1} ${link.from ?? ''} ${managerKey(link)}`;
  const direct: NamedManager[] = [];
  for (const link of links.filter(({ kind }) => kind === 'direct').toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))) {
    if (!direct.some((other) => beside(link, other))) direct.push(link);
  }
  return links.map((link) => (link.kind !== 'direct' || direct.includes(link) ? link : { ...link, kind: 'alternate' }));
}

function beside(one: NamedManager, other: NamedManager): boolean {
  return shared(one, other) !== undefined && one.responsibilities.some((each) => other.responsibilities.includes(each));
}

// Units and positions as they are recorded on all their days, and jobs of a file that would be in them after their end.
import type { Views } from '@app/kernel';
import { isAlive } from './plan-managers';
import { sameFields, type PlannedAssignment } from './plan-assignments';
import type { Piecewise } from './piecewise';
import type { NodeVersion, TreeQuestion } from './plan-tree';

const VERSIONS = {
  units: 'select valid_from, name, parent as above, null as unit, ended from units where id = ? order by valid_from',
  positions: 'select valid_from, title as name, superior as above, unit, ended from positions where id = ? order by valid_from',
};
interface VersionRow {
  readonly valid_from: string;
  readonly name: string;
  readonly above: string | null;
  readonly unit: string | null;
  readonly ended: number;
}

/** The versions of each node, looked up once, and the days after the effective one on which any of them begins. */
export function recordedTree(views: Views, tree: 'units' | 'positions', effective: string): Pick<TreeQuestion, 'versions' | 'laterDays'> {
  const known = new Map<string, readonly NodeVersion[]>();
  const days = views.all<{ day: string }>(`select distinct valid_from as day from ${tree} where valid_from > ? order by 1`, effective);
  return {
    laterDays: days.map(({ day }) => day),
    versions: (id) => {
      const read = known.get(id) ?? views.all<VersionRow & Record<string, string | number | null>>(VERSIONS[tree], id).map(versionFrom);
      known.set(id, read);
      return read;
    },
  };
}

function versionFrom({ valid_from: from, name, above, unit, ended }: VersionRow): NodeVersion {
  return ended === 1 ? { from } : { from, fields: { name, above: above ?? undefined, unit: unit ?? undefined } };
}

/** Nobody has a job in a unit or at a position after its end. */
export function* refuseInEnded(
  planned: ReadonlyMap<string, PlannedAssignment>,
  endOf: Readonly<Record<'unit' | 'position', (id: string) => string | undefined>>,
): Piecewise<void> {
  for (const one of planned.values()) {
    yield;
    const { assignment, current, wanted, drafts } = one;
    if (!isAlive(one) || sameFields(current, wanted)) continue;
    for (const kind of ['unit', 'position'] as const) {
      const place = wanted[kind];
      const end = place === undefined ? undefined : endOf[kind](place);
      if (end === undefined || (wanted.to !== undefined && (wanted.to <= end || wanted.to <= wanted.from))) continue;
      const detail = `${kind} ${place} ends on ${end}, and ${assignment} would be there after it`;
      for (const { row } of drafts) row.refuse(`${kind}-in-use`, detail);
    }
  }
}

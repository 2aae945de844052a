// Everything on which the choice of an approver rests, as it was known at a position or an instant (N1).
import type { Views } from '@app/kernel';
import { asKnown, HIERARCHY, positionAt, recordedAfter } from '@app/organisation';
import { SETTINGS } from './approval-settings';

/** What answers in two times. */
export const FACTS = [...HIERARCHY, SETTINGS];

/** The organisation and the settings as they were known; as they are known now without. */
export function approvalsAsKnownAt(views: Views, at: string | undefined): Views {
  const position = knownPosition(views, at);
  return position === undefined ? views : asKnown(views, position, FACTS);
}

/** The last position that was known at a position or an instant; nothing where everything was. */
export function knownPosition(views: Views, at: string | undefined): number | undefined {
  return at === undefined ? undefined : positionAt(at, (instant) => firstChangeAfter(views, instant));
}

const SETTINGS_AFTER = `
  select min(recorded) as first from (
    select recorded, recorded_at from approval_settings union all select recorded, recorded_at from approval_settings_past)
  where recorded_at > ?`;

/** The first position at which something of it was recorded later than the instant. */
export function firstChangeAfter(views: Views, instant: string): number | undefined {
  const organisation = recordedAfter(views, instant) ?? Infinity;
  const settings = views.get<{ first: number | null }>(SETTINGS_AFTER, instant)!.first ?? Infinity;
  const first = Math.min(organisation, settings);
  return first === Infinity ? undefined : first;
}

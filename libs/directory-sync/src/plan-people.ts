// People of a file against those recorded.
import type { Views } from '@app/kernel';
import { activeFrom, personByUsername, personOf, type Person, type PersonDetails } from '@app/organisation';
import { lookOf } from './confusable-keys';
import type { PersonDraft } from './drafts';
import type { Piecewise } from './piecewise';
import { refuseDoubles } from './plan-tree';
import type { Row } from './sheet';

export interface PlannedPerson {
  readonly person: string;
  readonly current: Person | undefined;
  readonly details: PersonDetails;
  readonly active?: boolean;
  readonly rows: readonly Row[];
}
export interface PeoplePlan {
  /** Who differs, by id; ask once every row has its verdict, since a row may still fall with the job that it holds. */
  readonly people: () => Piecewise<ReadonlyMap<string, PlannedPerson>>;
  /** How many of the file are active now, and how many of those would be no more. */
  readonly active: () => number;
  readonly leaving: () => number;
  /** Refuses those who would have the user name of somebody who keeps it, now that his row has fallen; answers whether any does. */
  readonly keep: () => Piecewise<boolean>;
  /** Whether the person is registered, or will be. */
  readonly knows: (id: string) => boolean;
}

export function* planPeople(
  views: Views,
  drafts: readonly PersonDraft[],
  { repeats, effective }: { repeats: boolean; effective: string },
): Piecewise<PeoplePlan> {
  const wanted = new Map<string, PlannedPerson>();
  for (const [id, all] of Map.groupBy(drafts, ({ person }) => person)) {
    yield;
    const rows = all.map(({ row }) => row);
    if (!repeats && refuseDoubles(rows, id)) continue;
    const [{ fields, deleted }] = all as [PersonDraft];
    const current = personOf(views, id);
    if (!current && deleted) continue;
    const { username, givenName = '', familyName = '', email } = { ...current, ...fields };
    const details = { username: username!.trim(), givenName, familyName, ...(email !== undefined && { email }) };
    wanted.set(id, { person: id, current, details, ...(deleted !== undefined && { active: !deleted }), rows: repeats ? rows : [rows[0]!] });
  }
  const stands = ({ rows }: PlannedPerson) => repeats || rows.some(({ rejected }) => !rejected);
  // Whose row falls, for whatever reason, keeps the user name that is recorded; so whoever was to have it falls too.
  const keepers = new Map<string, string>();
  const drop = ({ person, current }: PlannedPerson) => {
    wanted.delete(person);
    if (current) keepers.set(lookOf(current.username), person);
  };
  (yield* refuseSharedUsernames(views, wanted)).forEach(drop);
  const keep = function* () {
    let refused = false;
    for (let before = -1; before !== wanted.size;) {
      before = wanted.size;
      for (const one of wanted.values()) if (!stands(one)) drop(one);
      for (const one of keepers.size > 0 ? wanted.values() : []) {
        yield;
        const keeper = keepers.get(lookOf(one.details.username));
        if (keeper === undefined || keeper === one.person) continue;
        refuseUsername(one, keeper);
        drop(one);
        refused = true;
      }
    }
    return refused;
  };
  yield* keep();
  const spokenOf = () =>
    [...wanted.values()].filter((planned) => planned.active !== undefined && stands(planned) && planned.current?.active === true);
  return {
    active: () => spokenOf().length,
    leaving: () => spokenOf().filter(({ active }) => !active).length,
    people: function* () {
      const different = new Map<string, PlannedPerson>();
      for (const [id, planned] of wanted) {
        yield;
        if (stands(planned) && judged(planned, activeFrom(views, id, effective))) different.set(id, planned);
      }
      return different;
    },
    keep,
    knows: (id) => (wanted.has(id) && stands(wanted.get(id)!)) || personOf(views, id) !== undefined,
  };
}

/** Two people with one user name could not be told apart at sign-in. Answers who is refused. */
function* refuseSharedUsernames(views: Views, wanted: ReadonlyMap<string, PlannedPerson>): Piecewise<readonly PlannedPerson[]> {
  const refused: PlannedPerson[] = [];
  for (const all of Map.groupBy(wanted.values(), ({ details }) => lookOf(details.username)).values()) {
    yield;
    const holder = personByUsername(views, all[0]!.details.username);
    const elsewhere = holder && !wanted.has(holder.id) ? holder.id : undefined;
    if (all.length === 1 && elsewhere === undefined) continue;
    for (const one of all) refuseUsername(one, elsewhere ?? 'several people in the file');
    refused.push(...all);
  }
  return refused;
}

function refuseUsername({ details, rows }: PlannedPerson, holder: string): void {
  for (const row of rows) row.refuse('duplicate-username', `${details.username} is the user name of ${holder}`);
}

/** Gives the rows their verdict, and answers whether there is anything to record. */
function judged({ current, details, active, rows }: PlannedPerson, isActive: boolean | undefined): boolean {
  const sameDetails =
    current?.username === details.username &&
    current.givenName === details.givenName &&
    current.familyName === details.familyName &&
    current.email === details.email;
  const changes = current !== undefined && active !== undefined && active !== isActive;
  const leaves = changes && !active;
  if (sameDetails && !changes) return false;
  rows.forEach((row) => row.judge(!current ? 'added' : leaves ? 'ended' : 'changed'));
  return true;
}

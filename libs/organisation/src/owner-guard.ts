// The id of a job and a user name are one person's: each person is a stream of its own, and two may ask for the same at once.
import { reject, type Guard, type Typed, type Views } from '@app/kernel';
import { assignmentOf } from './hierarchy-queries';
import type { PersonEvent } from './person';

type Claim = Extract<PersonEvent, { type: 'AssignmentStarted' | 'PersonRegistered' | 'PersonDetailsChanged' }>;

const CLAIMS: Readonly<Record<Claim['type'], true>> = { AssignmentStarted: true, PersonRegistered: true, PersonDetailsChanged: true };

export const ownerGuard: Guard = {
  on: Object.keys(CLAIMS),
  check({ own, beside, views, supposing, settled }) {
    const claims = own.filter(isClaim);
    const keys = new Set(claims.map(keyOf));
    const rivals = beside.filter((other) => isClaim(other) && keys.has(keyOf(other)));
    if (rivals.length === 0 && !claims.some((claim) => isTaken(views, claim))) return undefined;
    settled();
    const taken = supposing('beside', (now) => claims.find((claim) => isTaken(now, claim)));
    if (taken?.type === 'AssignmentStarted') reject('conflict', 'assignment-exists', { assignment: taken.assignment });
    if (taken) reject('conflict', 'username-taken', { username: taken.username });
    return undefined;
  },
};

/** Whether somebody else has what is asked for. */
function isTaken(views: Views, claim: Claim): boolean {
  if (claim.type === 'AssignmentStarted') {
    const owner = assignmentOf(views, claim.assignment)?.person;
    return owner !== undefined && owner !== claim.person;
  }
  return views.get(OTHER_OF_NAME, claim.username, claim.person) !== undefined;
}

/**
 * People of one file may exchange their names: then whoever was changed last goes first, and who waits for him goes next. So
 * whoever has the name is in the way if he was changed later, as one is who has just been given it. What stays is no claim.
 */
const OTHER_OF_NAME = `
  select 1 as yes from people other left join people own on own.id = ?2
  where other.username = ?1 and other.id <> ?2 and (own.id is null or (own.username <> ?1 and own.recorded < other.recorded)) limit 1`;

function keyOf(claim: Claim): string {
  return claim.type === 'AssignmentStarted' ? `job ${claim.assignment}` : `name ${claim.username}`;
}

function isClaim(event: Typed): event is Claim {
  return event.type in CLAIMS;
}

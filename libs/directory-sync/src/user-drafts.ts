// Files of users: one row for each person, with the jobs and their managers in columns of their own.
import type { Views } from '@app/kernel';
import { personByUsername, personOf, type NamedManager } from '@app/organisation';
import { deletedIn, fed, NO_DRAFTS, taken, type AssignmentDraft, type Drafts, type PersonDraft } from './drafts';
import { recognised, type NamelessJob } from './nameless-jobs';
import type { Piecewise } from './piecewise';
import { isId, type Row, type Sheet } from './sheet';

const MANAGER_FIELDS = ['manager', 'managerUsername', 'alternateUsernames', 'appraiser'];
const JOB_FIELD = new RegExp(`^(position|unit|title|from|to|${MANAGER_FIELDS.join('|')})(#|$)`);
const PERSON = { username: 'username', givenName: 'givenName', familyName: 'familyName', email: 'email' };

/** Who has the user name, in the file or recorded. */
type PersonIds = (username: string) => string | undefined;
type NamelessDraft = Omit<AssignmentDraft, 'assignment'> & { readonly job: NamelessJob };

export function* userDrafts({ rows, fields }: Sheet, views: Views, effective: string): Piecewise<Drafts> {
  const idOf = personIds(rows, views);
  // Of numbered columns each number is a job; columns without a number are one job.
  const numbers = [...new Set(fields.filter((field) => JOB_FIELD.test(field)).map((field) => field.replace(/^[^#]*/, '')))];
  const people: PersonDraft[] = [];
  const jobs: NamelessDraft[] = [];
  for (const row of taken(rows)) {
    yield;
    const person = personIn(row, idOf, views);
    if (person === undefined) continue;
    people.push({ row, person, fields: fed(row, PERSON), ...deletedIn(row) });
    jobs.push(...numbers.flatMap((number) => jobIn(row, { person, number, idOf }) ?? []));
  }
  const ids = yield* recognised(
    views,
    jobs.map(({ job }) => job),
    effective,
  );
  const assignments = jobs.flatMap(({ job, ...draft }, at): AssignmentDraft[] => {
    const found = ids[at]!;
    if ('among' in found) draft.row.refuse('ambiguous-job', `${job.person} has the jobs ${found.among.join(' and ')} there`);
    else if (!isId(found.id)) draft.row.refuse('bad-id', `no id can be made of the job: ${found.id}`);
    else return [{ ...draft, assignment: found.id }];
    return [];
  });
  return { ...NO_DRAFTS, people, assignments };
}

function personIds(rows: readonly Row[], views: Views): PersonIds {
  const inFile = new Map<string, string>();
  for (const row of taken(rows)) {
    const username = row.text('username')!.trim();
    inFile.set(username, row.text('person') ?? personByUsername(views, username)?.id ?? username.normalize('NFC'));
  }
  return (username) => inFile.get(username) ?? personByUsername(views, username)?.id;
}

/** A file without ids knows people by their user names; whoever is new gets his as his id. */
function personIn(row: Row, idOf: PersonIds, views: Views): string | undefined {
  const stated = row.text('person');
  if (stated !== undefined) return stated;
  const username = row.text('username')!.trim();
  const id = idOf(username)!;
  const holder = personOf(views, id);
  if (!isId(id)) row.refuse('bad-id', `no id can be made of the user name ${username}`);
  else if (holder && holder.username !== username) row.refuse('id-of-another', `${id} is the id of ${holder.username}`);
  else return id;
  return undefined;
}

function jobIn(row: Row, { person, number, idOf }: { person: string; number: string; idOf: PersonIds }): NamelessDraft | undefined {
  const place = { position: `position${number}`, unit: `unit${number}`, title: `title${number}`, from: `from${number}` };
  const managed = MANAGER_FIELDS.map((field) => `${field}${number}`);
  if ([...Object.values(place), ...managed].every((field) => row.text(field) === undefined)) return undefined;
  const managers = managersIn(row, number, idOf);
  return {
    row,
    person,
    fields: fed(row, { ...place, to: `to${number}` }),
    ...deletedIn(row),
    ...(managers && { managers }),
    whole: true,
    job: {
      person,
      position: row.text(place.position),
      unit: row.text(place.unit),
      from: row.text(place.from),
      open: { position: !row.has(place.position), unit: !row.has(place.unit) },
    },
  };
}

/** Managers by id or by user name, alternates as a list with commas; an appraiser who is not the manager appraises only. */
function managersIn(row: Row, number: string, idOf: PersonIds): readonly NamedManager[] | undefined {
  const columns = MANAGER_FIELDS.map((field) => `${field}${number}`);
  if (!columns.some((field) => row.has(field))) return undefined;
  const [byId, byName, alternates = '', appraiser] = columns.map((field) => row.text(field)?.trim());
  const named = (username: string): string => {
    const id = idOf(username);
    if (id === undefined) row.refuse('unknown-manager', `nobody has the user name ${username}`);
    return id ?? username;
  };
  const direct = byId ?? (byName === undefined ? undefined : named(byName));
  const others = new Set(alternates.split(',').map((one) => one.trim()));
  const managers: NamedManager[] = [];
  if (direct !== undefined) {
    const appraises = appraiser === direct ? (['appraisal'] as const) : [];
    managers.push({ manager: direct, kind: 'direct', responsibilities: ['approval', 'reporting', ...appraises] });
  }
  for (const username of others) {
    if (username !== '') managers.push({ manager: named(username), kind: 'alternate', responsibilities: ['approval', 'reporting'] });
  }
  if (appraiser !== undefined && appraiser !== direct)
    managers.push({ manager: appraiser, kind: 'alternate', responsibilities: ['appraisal'] });
  return managers;
}

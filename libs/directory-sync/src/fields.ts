// What a row may say, element by element. Presets and saved mappings only choose the columns that say it.

export const ELEMENTS = ['organisations', 'positions', 'people', 'assignments', 'jobs', 'posts', 'users'] as const;
/**
 * What one row of a file says. A `job` carries its managers in columns of its own, a `post` its place and its holder, and a
 * `user` his jobs and their managers.
 */
export type Element = (typeof ELEMENTS)[number];

export interface Field {
  readonly kind: 'id' | 'date' | 'text';
  /** Whether its column must be there and its cell not blank. */
  readonly must?: true;
  readonly says: string;
  readonly example: string;
}

const PERSON: Field = { kind: 'id', says: 'Id of the person; the same person has it in every file.', example: 'P000123' };
const USERNAME: Field = { kind: 'text', must: true, says: 'Name at sign-in; nobody else has it.', example: 'ann.lee' };
const NAMES = {
  givenName: { kind: 'text', says: 'Given name.', example: 'Ann' },
  familyName: { kind: 'text', says: 'Family name.', example: 'Lee' },
  email: { kind: 'text', says: 'E-mail address.', example: 'ann.lee@hospital.example' },
} as const satisfies Record<string, Field>;
const DELETED: Field = {
  kind: 'text',
  says: '`1` ends the account or the job on the effective day; `0` or `no` reopens accounts.',
  example: '0',
};
/** What a cell of yes or no may say, in any case; a blank one is no. Any other word is refused, as it may mean either. */
export const YES: readonly string[] = ['1', 'true', 'yes', 'y'];
export const NO: readonly string[] = ['0', 'false', 'no', 'n'];

const NODE: Field = { kind: 'id', must: true, says: 'Id of the unit or position.', example: 'W12' };
const NODE_NAME: Field = { kind: 'text', must: true, says: 'Its name.', example: 'Ward 12' };
const ABOVE: Field = { kind: 'id', says: 'Id of what is above it; blank at the top.', example: 'SURGERY' };
const ASSIGNMENT: Field = { kind: 'id', must: true, says: 'Id of the job; the same job has it in every file.', example: 'P000123-A' };
const PLACE = {
  unit: { kind: 'id', says: 'Id of the unit.', example: 'W12' },
  position: { kind: 'id', says: 'Id of the position.', example: 'NURSE' },
  title: { kind: 'text', says: 'Title of the job.', example: 'Staff nurse' },
} as const satisfies Record<string, Field>;
const FROM: Field = { kind: 'date', says: 'First day.', example: '2026-11-21' };
const TO: Field = { kind: 'date', says: 'Day after the last; blank for no end.', example: '2027-01-01' };
const MANAGER: Field = { kind: 'id', says: 'Id of the manager.', example: 'P000007' };
const APPRAISER: Field = { kind: 'id', says: 'Id of who appraises.', example: 'P000009' };

export const FIELDS: Readonly<Record<Element, Readonly<Record<string, Field>>>> = {
  organisations: { id: NODE, name: NODE_NAME, above: ABOVE },
  positions: { id: NODE, name: NODE_NAME, above: ABOVE, unit: PLACE.unit },
  people: { person: { ...PERSON, must: true }, username: USERNAME, ...NAMES, deleted: DELETED },
  assignments: {
    person: { ...PERSON, must: true },
    assignment: ASSIGNMENT,
    positionType: { kind: 'id', says: 'Kind of job; `substantive` where there is none.', example: 'substantive' },
    ...PLACE,
    from: { ...FROM, must: true },
    to: TO,
    costCentre: { kind: 'id', says: 'Who pays.', example: 'CC-4711' },
    manager: {
      kind: 'text',
      says: 'The manager: `person`, or `person/assignment`. Several managers of a job are several rows.',
      example: 'P000007/P000007-A',
    },
    managerKind: { kind: 'text', says: '`direct`, `alternate` or `temporary`; blank is direct.', example: 'direct' },
    managerResponsibilities: {
      kind: 'text',
      says: 'Of `approval`, `reporting`, `appraisal`, `goals`, `notification`, with semicolons; blank is approval and reporting.',
      example: 'approval;reporting',
    },
    managerFrom: {
      kind: 'date',
      says: 'First day of the manager; blank for the first day of a new job, or the effective day.',
      example: '2026-11-21',
    },
    managerTo: { kind: 'date', says: 'Day after the last; a temporary manager must have one.', example: '2027-01-01' },
    deleted: DELETED,
  },
  jobs: {
    person: { ...PERSON, must: true },
    assignment: ASSIGNMENT,
    ...PLACE,
    from: FROM,
    to: TO,
    appraiser: APPRAISER,
    manager: MANAGER,
    managerAssignment: { kind: 'id', says: 'Job in which the manager manages.', example: 'P000007-A' },
    standIn: { kind: 'id', says: 'Id of the temporary manager.', example: 'P000008' },
    standInAssignment: { kind: 'id', says: 'Job of the temporary manager.', example: 'P000008-A' },
    standInTo: { kind: 'date', says: 'Day after his last.', example: '2027-01-01' },
    deleted: DELETED,
  },
  posts: {
    post: { kind: 'id', must: true, says: 'Id of the post, which is a position.', example: '2HOS03' },
    holder: { kind: 'text', says: 'Name of who holds it; blank, or a word for nobody, is nobody.', example: 'Ann Lee' },
    title: PLACE.title,
    organisation: { kind: 'text', says: 'Name of the highest unit.', example: 'Home Office' },
    unit: { kind: 'text', says: 'Name of the unit within it.', example: 'Finance' },
    superior: { kind: 'id', says: 'Id of the post above; blank, or a word for none, is none.', example: '2HOS01' },
    fte: { kind: 'text', says: 'Full-time equivalent; one of nothing is noted.', example: '1.0' },
  },
  users: {
    person: PERSON,
    username: USERNAME,
    ...NAMES,
    deleted: DELETED,
    ...PLACE,
    from: FROM,
    to: TO,
    manager: MANAGER,
    managerUsername: { kind: 'text', says: 'User name of the direct manager.', example: 'bob.fox' },
    alternateUsernames: { kind: 'text', says: 'User names of alternate managers, with commas.', example: 'cat.ray, dan.orr' },
    appraiser: APPRAISER,
  },
};

/** The field that a column feeds, without the number that tells one job from the next. */
export function fieldOfElement(element: Element, field: string): Field | undefined {
  const [plain] = field.split('#');
  return Object.hasOwn(FIELDS[element], plain!) ? FIELDS[element][plain!] : undefined;
}

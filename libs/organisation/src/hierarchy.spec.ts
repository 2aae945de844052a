// The read model on a real database, fed by real commands over a log in memory.
import { eventId, MemoryEventLog, ReadModels } from '@app/event-log';
import { createRunCommand, type AnyDecider, type Typed } from '@app/kernel';
import {
  assignmentOf,
  assignmentsOf,
  linkOfId,
  linksOf,
  listPositions,
  listPositionTypes,
  listUnits,
  managerGaps,
  managersOf,
  organisation,
  person,
  personByUsername,
  personOf,
  positionHolders,
  positionTree,
  positionTypes,
  reporting,
  searchPeople,
  SITE,
  team,
  unitTree,
} from '.';

const log = new MemoryEventLog();
const views = new ReadModels(':memory:', organisation.projections);
const run = createRunCommand({ log, eventId });
let count = 0;

async function when(decider: AnyDecider, id: string, command: Typed): Promise<void> {
  const { position } = await run(decider, id, command, { command: `c${++count}`, actor: 'admin', at: '2026-01-01T00:00:00Z' });
  views.apply(await log.readAll({ after: views.position }));
  expect(views.position).toBe(position);
}

const link = (assignment: string, manager: string, more: object) =>
  when(reporting, SITE, {
    type: 'AssignManager',
    assignment,
    person: assignment.slice(0, 3),
    manager,
    responsibilities: ['approval', 'reporting'],
    ...more,
  } as Typed);

beforeAll(async () => {
  await when(unitTree, SITE, {
    type: 'RecordUnits',
    units: [
      { id: 'H', name: 'Hospital' },
      { id: 'W', name: 'Ward', parent: 'H' },
    ],
  } as Typed);
  await when(positionTree, SITE, {
    type: 'RecordPositions',
    positions: [
      { id: 'HEAD', title: 'Head' },
      { id: 'NURSE', title: 'Nurse', superior: 'HEAD' },
    ],
  } as Typed);
  await when(positionTypes, SITE, {
    type: 'RecordPositionTypes',
    types: [
      { id: 'bank', name: 'Bank', unitMandatory: true, managerMandatory: false, mayRequestLearning: true, aspirational: false, atMost: 2 },
    ],
  } as Typed);
  for (const [id, family] of [
    ['ann', 'Lee'],
    ['bob', 'Fox'],
    ['cat', 'Ray'],
    ['dan', 'Orr'],
    ['eve', 'Poe'],
  ]) {
    await when(person, id!, { type: 'RegisterPerson', person: id, username: `${id}.1`, givenName: id, familyName: family } as Typed);
    const fields = {
      positionType: 'substantive',
      position: id === 'ann' ? 'HEAD' : 'NURSE',
      unit: 'W',
      title: 'Nurse',
      from: '2024-01-01',
    };
    await when(person, id!, { type: 'StartAssignment', person: id, assignment: `${id}-A`, ...fields } as Typed);
  }
  await when(person, 'bob', {
    type: 'StartAssignment',
    person: 'bob',
    assignment: 'bob-B',
    positionType: 'bank',
    from: '2025-01-01',
    to: '2026-01-01',
  } as Typed);
  await link('bob-A', 'ann', { kind: 'direct' });
  await link('bob-A', 'cat', { kind: 'alternate' });
  await link('bob-A', 'eve', { kind: 'temporary', responsibilities: ['approval'], from: '2025-06-01', to: '2025-07-01' });
  await link('bob-B', 'cat', { kind: 'direct' });
  await link('cat-A', 'ann', { kind: 'direct' });
  await link('dan-A', 'bob', { managerAssignment: 'bob-A', kind: 'direct' });
  await link('eve-A', 'bob', { managerAssignment: 'bob-B', kind: 'direct' });
});
afterAll(() => views.close());

const managers = (assignment: string, asOf: string, responsibility: 'approval' | 'reporting' | 'goals' = 'approval') =>
  managersOf(views, { assignment, responsibilities: [responsibility], asOf }).map((one) => `${one.kind} ${one.person}`);
const teamOf = (id: string, scope: 'direct' | 'all', asOf: string, after?: string, limit = 10) =>
  team(views, { person: id, scope, asOf, responsibility: 'approval', after, limit }).map(
    ({ assignment, depth }) => `${assignment} ${depth}`,
  );

test('people are found by id, username and a part of their name', () => {
  const ann = { id: 'ann', username: 'ann.1', name: 'ann Lee', givenName: 'ann', familyName: 'Lee', active: true };
  expect(personOf(views, 'ann')).toEqual(ann);
  expect(personByUsername(views, 'ann.1')).toEqual(ann);
  expect(personOf(views, 'zoe')).toBeUndefined();
  expect(searchPeople(views, { search: 'LEE', limit: 10 })).toEqual([ann]);
  expect(searchPeople(views, { search: '%', limit: 10 })).toEqual([]);
  expect(searchPeople(views, { after: 'bob', limit: 2 }).map(({ id }) => id)).toEqual(['cat', 'dan']);
});
test('assignments are those in effect on the day, the last day not included (O8)', () => {
  expect(assignmentsOf(views, 'bob', '2025-12-31').map(({ id }) => id)).toEqual(['bob-A', 'bob-B']);
  expect(assignmentsOf(views, 'bob', '2026-01-01').map(({ id }) => id)).toEqual(['bob-A']);
  expect(assignmentOf(views, 'bob-B')).toEqual({ id: 'bob-B', person: 'bob', positionType: 'bank', from: '2025-01-01', to: '2026-01-01' });
});
test('managers come in the order in which they are asked: who stands in, the direct one, alternates (O3, O5, O9)', () => {
  expect(managers('bob-A', '2025-06-15')).toEqual(['temporary eve', 'direct ann', 'alternate cat']);
  expect(managers('bob-A', '2025-07-01')).toEqual(['direct ann', 'alternate cat']);
});
test('managers answer for their responsibilities only (O4)', () => {
  expect(managers('bob-A', '2025-06-15', 'reporting')).toEqual(['direct ann', 'alternate cat']);
  expect(managers('bob-A', '2025-06-15', 'goals')).toEqual([]);
});
test('an assignment that is not in effect has no managers', () => {
  expect(managers('bob-B', '2024-12-31')).toEqual([]);
  expect(managers('bob-B', '2025-01-01')).toEqual(['direct cat']);
  expect(managers('nobody-A', '2025-01-01')).toEqual([]);
});
test('a manager named in one of his jobs is one while he holds it (O10)', () => {
  expect(managers('eve-A', '2025-12-31')).toEqual(['direct bob']);
  expect(managers('eve-A', '2026-01-01')).toEqual([]);
});
test('a manager without an active account is left out (E3)', async () => {
  await when(person, 'cat', { type: 'DeactivatePerson', person: 'cat', on: '2025-03-01' } as Typed);
  expect(managers('bob-A', '2025-07-01')).toEqual(['direct ann']);
  expect(positionHolders(views, 'NURSE', '2025-07-01').map(({ id }) => id)).toEqual(['bob-A', 'dan-A', 'eve-A']);
  await when(person, 'cat', { type: 'ReactivatePerson', person: 'cat' } as Typed);
  expect(managers('bob-A', '2025-07-01')).toEqual(['direct ann', 'alternate cat']);
});
test('a position has any number of holders at a time, or none (O15)', () => {
  const holders = (position: string, asOf: string) => positionHolders(views, position, asOf).map((one) => one.person);
  expect(holders('NURSE', '2025-01-01')).toEqual(['bob', 'cat', 'dan', 'eve']);
  expect(holders('HEAD', '2023-12-31')).toEqual([]);
});

test('a team is direct reports, or everybody below (S1, S2)', () => {
  expect(teamOf('ann', 'direct', '2025-06-15')).toEqual(['bob-A 1', 'cat-A 1']);
  expect(teamOf('ann', 'all', '2025-06-15')).toEqual(['bob-A 1', 'dan-A 2', 'cat-A 1', 'bob-B 2', 'eve-A 3']);
  expect(teamOf('ann', 'all', '2026-01-01')).toEqual(['bob-A 1', 'dan-A 2', 'cat-A 1']);
  expect(teamOf('cat', 'all', '2025-06-15')).toEqual(['bob-B 1', 'eve-A 2']);
});
test('a team comes in pages', () => {
  expect(teamOf('ann', 'all', '2025-06-15', undefined, 2)).toEqual(['bob-A 1', 'dan-A 2']);
  expect(teamOf('ann', 'all', '2025-06-15', 'dan-A', 2)).toEqual(['cat-A 1', 'bob-B 2']);
  expect(teamOf('ann', 'direct', '2025-06-15', 'bob-A', 2)).toEqual(['cat-A 1']);
});
test('whoever has no direct manager on the day is listed (E35)', () => {
  const gaps = (asOf: string, after?: string) =>
    managerGaps(views, { asOf, responsibility: 'approval', limit: 2, after }).items.map(
      ({ assignment, covered }) => `${assignment} ${covered}`,
    );
  expect(gaps('2025-06-15')).toEqual(['ann-A false']);
  expect(gaps('2023-01-01')).toEqual([]);
  expect(managerGaps(views, { asOf: '2025-06-15', responsibility: 'goals', limit: 2, after: 'ann-A' }).items).toEqual([
    { assignment: 'bob-A', person: 'bob', positionType: 'substantive', unit: 'W', mandatory: false, covered: false },
    { assignment: 'bob-B', person: 'bob', positionType: 'bank', mandatory: false, covered: false },
  ]);
});
test('links are kept with their ends', async () => {
  await when(reporting, SITE, { type: 'EndManagerLink', link: 'bob-A/alternate/cat/-', to: '2025-08-01' } as Typed);
  expect(managers('bob-A', '2025-08-01')).toEqual(['direct ann']);
  expect(linksOf(views, 'bob-A')).toHaveLength(3);
  expect(linkOfId(views, 'bob-A/alternate/cat/-')).toEqual({
    id: 'bob-A/alternate/cat/-',
    assignment: 'bob-A',
    person: 'bob',
    manager: 'cat',
    kind: 'alternate',
    responsibilities: ['approval', 'reporting'],
    to: '2025-08-01',
  });
});
test('units, positions and types are listed', () => {
  expect(listUnits(views, { limit: 10 })).toEqual([
    { id: 'H', name: 'Hospital' },
    { id: 'W', name: 'Ward', parent: 'H' },
  ]);
  expect(listPositions(views, { after: 'HEAD', limit: 10 })).toEqual([{ id: 'NURSE', title: 'Nurse', superior: 'HEAD' }]);
  expect(listPositionTypes(views, { limit: 10 })[0]).toMatchObject({ id: 'bank', unitMandatory: true, managerMandatory: false, atMost: 2 });
});
test('a rebuild from the log gives the same rows', async () => {
  const again = new ReadModels(':memory:', organisation.projections);
  again.apply(await log.readAll());
  for (const table of organisation.projections.flatMap(({ tables }) => tables)) {
    expect(again.all(`select * from ${table}`)).toEqual(views.all(`select * from ${table}`));
  }
  again.close();
});

import { scenario } from '@app/kernel';
import { person } from './person';

const { given } = scenario(person);
const ann = { type: 'PersonRegistered', person: 'p1', username: 'ann', givenName: 'Ann', familyName: 'Lee' } as const;
const ward = {
  type: 'AssignmentStarted',
  assignment: 'p1-A',
  person: 'p1',
  positionType: 'substantive',
  title: 'Nurse',
  from: '2024-01-01',
} as const;

test('a person is registered with details and no assignment', () =>
  given().when({ type: 'RegisterPerson', person: 'p1', username: 'ann', givenName: 'Ann', familyName: 'Lee' }).thenEvents(ann));
test('a person is registered once', () =>
  given(ann)
    .when({ type: 'RegisterPerson', person: 'p1', username: 'bob', givenName: 'Bob', familyName: 'Lee' })
    .thenRejected('person-exists'));
test('a person may hold several assignments at once, all equal (O1)', () =>
  given(ann, ward)
    .when({
      type: 'StartAssignment',
      person: 'p1',
      assignment: 'p1-B',
      positionType: 'bank',
      unit: 'CARD',
      from: '2024-02-01',
      to: '2025-01-01',
    })
    .thenEvents({
      type: 'AssignmentStarted',
      assignment: 'p1-B',
      person: 'p1',
      positionType: 'bank',
      unit: 'CARD',
      from: '2024-02-01',
      to: '2025-01-01',
    }));
test('nobody unknown gets an assignment', () =>
  given()
    .when({ type: 'StartAssignment', person: 'p1', assignment: 'p1-A', positionType: 'bank', from: '2024-02-01' })
    .thenRejected('unknown-person'));
test('an assignment starts once', () =>
  given(ann, ward)
    .when({ type: 'StartAssignment', person: 'p1', assignment: 'p1-A', positionType: 'bank', from: '2024-02-01' })
    .thenRejected('assignment-exists', { assignment: 'p1-A' }));
test('an assignment lasts at least a day', () =>
  given(ann)
    .when({ type: 'StartAssignment', person: 'p1', assignment: 'p1-A', positionType: 'bank', from: '2024-02-01', to: '2024-02-01' })
    .thenRejected('ends-before-it-starts'));
test('an assignment cannot be ended before it starts', () =>
  given(ann, ward)
    .when({ type: 'EndAssignment', person: 'p1', assignment: 'p1-A', to: '2023-12-31' })
    .thenRejected('ends-before-it-starts'));
test('an assignment that is not there cannot be ended', () =>
  given(ann).when({ type: 'EndAssignment', person: 'p1', assignment: 'p1-Z', to: '2023-12-31' }).thenRejected('unknown-assignment'));
test('ending an assignment on the same day again changes nothing', () =>
  given(ann, ward, { type: 'AssignmentEnded', assignment: 'p1-A', person: 'p1', to: '2025-01-01' })
    .when({ type: 'EndAssignment', person: 'p1', assignment: 'p1-A', to: '2025-01-01' })
    .thenNothing());
test('a change of an assignment is recorded whole', () =>
  given(ann, ward)
    .when({
      type: 'ChangeAssignment',
      person: 'p1',
      assignment: 'p1-A',
      positionType: 'substantive',
      title: 'Head nurse',
      from: '2024-01-01',
    })
    .thenEvents({
      type: 'AssignmentChanged',
      assignment: 'p1-A',
      person: 'p1',
      positionType: 'substantive',
      title: 'Head nurse',
      from: '2024-01-01',
    }));
test('a person leaves and comes back', () => {
  const left = { type: 'PersonDeactivated', person: 'p1', on: '2025-03-01' } as const;
  given(ann).when({ type: 'DeactivatePerson', person: 'p1', on: '2025-03-01' }).thenEvents(left);
  given(ann, left).when({ type: 'DeactivatePerson', person: 'p1', on: '2025-04-01' }).thenNothing();
  given(ann, left).when({ type: 'ReactivatePerson', person: 'p1' }).thenEvents({ type: 'PersonReactivated', person: 'p1' });
});
test('who is to leave later leaves at once, or on another day, when that is said (E3, E34)', () => {
  const planned = { type: 'PersonDeactivated', person: 'p1', on: '2027-06-01' } as const;
  const today = { type: 'PersonDeactivated', person: 'p1', on: '2026-11-22' } as const;
  given(ann, planned).when({ type: 'DeactivatePerson', person: 'p1', on: '2026-11-22' }).thenEvents(today);
  given(ann, planned).when({ type: 'DeactivatePerson', person: 'p1', on: '2027-09-01' }).thenNothing();
  given(ann, planned)
    .when({ type: 'DeactivatePerson', person: 'p1', on: '2027-09-01', exactly: true })
    .thenEvents({ type: 'PersonDeactivated', person: 'p1', on: '2027-09-01' });
  given(ann, planned).when({ type: 'DeactivatePerson', person: 'p1', on: '2027-06-01', exactly: true }).thenNothing();
  given(ann, planned)
    .when({ type: 'SyncPerson', person: 'p1', assignments: [], active: { is: false, on: '2026-11-22' } })
    .thenEvents(today);
  given(ann, today)
    .when({ type: 'SyncPerson', person: 'p1', assignments: [], active: { is: false, on: '2026-11-23' } })
    .thenNothing();
});
test('who is to come back later comes back at once, or on another day, or never was away, when that is said', () => {
  const left = { type: 'PersonDeactivated', person: 'p1', on: '2026-01-01' } as const;
  const back = { type: 'PersonReactivated', person: 'p1', on: '2027-06-01' } as const;
  given(ann, left, back)
    .when({ type: 'ReactivatePerson', person: 'p1', on: '2026-11-22' })
    .thenEvents({ type: 'PersonReactivated', person: 'p1', on: '2026-11-22' });
  given(ann, left, back).when({ type: 'ReactivatePerson', person: 'p1', on: '2027-09-01' }).thenNothing();
  given(ann, left, back)
    .when({ type: 'ReactivatePerson', person: 'p1', on: '2027-09-01', exactly: true })
    .thenEvents({ type: 'PersonReactivated', person: 'p1', on: '2027-09-01' });
  given(ann, left, back).when({ type: 'ReactivatePerson', person: 'p1' }).thenEvents({ type: 'PersonReactivated', person: 'p1' });
  given(ann, left, { type: 'PersonReactivated', person: 'p1' }).when({ type: 'ReactivatePerson', person: 'p1' }).thenNothing();
  given(ann).when({ type: 'ReactivatePerson', person: 'p1', on: '2026-11-22', exactly: true }).thenNothing();
  given(ann, left, back)
    .when({ type: 'SyncPerson', person: 'p1', assignments: [], active: { is: true, on: '2026-11-22' } })
    .thenEvents({ type: 'PersonReactivated', person: 'p1', on: '2026-11-22' });
});
test('a change of details to what they are changes nothing', () =>
  given(ann).when({ type: 'ChangePersonDetails', person: 'p1', username: 'ann', givenName: 'Ann', familyName: 'Lee' }).thenNothing());
test('a change leaves alone what it does not name, whoever has changed that meanwhile', () => {
  const moved = { ...ward, type: 'AssignmentChanged', unit: 'CARD', to: '2027-01-01' } as const;
  given(ann, ward, moved)
    .when({ type: 'ChangeAssignment', person: 'p1', assignment: 'p1-A', costCentre: 'C-1' })
    .thenEvents({ ...moved, costCentre: 'C-1' });
  const { to: _to, ...open } = moved;
  given(ann, ward, moved).when({ type: 'ChangeAssignment', person: 'p1', assignment: 'p1-A', to: null }).thenEvents(open);
  const addressed = { ...ann, type: 'PersonDetailsChanged', email: 'ann@x.example' } as const;
  given(ann, addressed)
    .when({ type: 'ChangePersonDetails', person: 'p1', familyName: 'Ray' })
    .thenEvents({ ...addressed, familyName: 'Ray' });
  given(ann, addressed)
    .when({ type: 'ChangePersonDetails', person: 'p1', email: null })
    .thenEvents({ ...ann, type: 'PersonDetailsChanged' });
  given(ann).when({ type: 'ChangePersonDetails', person: 'p1', username: 'bob', nameTaken: true }).thenRejected('username-taken');
});

describe('a sync', () => {
  const lee = { username: 'ann', givenName: 'Ann', familyName: 'Lee' } as const;
  const wardFields = { assignment: 'p1-A', positionType: 'substantive', title: 'Nurse', from: '2024-01-01' } as const;
  const bank = { assignment: 'p1-B', positionType: 'bank', from: '2024-02-01' } as const;

  test('registers a new person with every assignment', () =>
    given()
      .when({ type: 'SyncPerson', person: 'p1', details: lee, assignments: [wardFields, bank] })
      .thenEvents(ann, ward, { type: 'AssignmentStarted', person: 'p1', assignment: 'p1-B', positionType: 'bank', from: '2024-02-01' }));
  test('that says the same again changes nothing', () =>
    given(ann, ward)
      .when({ type: 'SyncPerson', person: 'p1', details: lee, assignments: [wardFields] })
      .thenNothing());
  test('records only what differs', () =>
    given(ann, ward)
      .when({
        type: 'SyncPerson',
        person: 'p1',
        details: { ...lee, email: 'ann@example.org' },
        assignments: [{ ...wardFields, to: '2026-01-01' }],
      })
      .thenEvents(
        { type: 'PersonDetailsChanged', person: 'p1', username: 'ann', givenName: 'Ann', familyName: 'Lee', email: 'ann@example.org' },
        { type: 'AssignmentEnded', assignment: 'p1-A', person: 'p1', to: '2026-01-01' },
      ));
  test('leaves assignments that it does not name alone', () =>
    given(ann, ward).when({ type: 'SyncPerson', person: 'p1', assignments: [] }).thenNothing());
  test('takes an end back', () =>
    given(ann, ward, { type: 'AssignmentEnded', assignment: 'p1-A', person: 'p1', to: '2026-01-01' })
      .when({ type: 'SyncPerson', person: 'p1', assignments: [wardFields] })
      .thenEvents({
        type: 'AssignmentChanged',
        person: 'p1',
        assignment: 'p1-A',
        positionType: 'substantive',
        title: 'Nurse',
        from: '2024-01-01',
      }));
  test('of somebody unknown needs details', () =>
    given()
      .when({ type: 'SyncPerson', person: 'p1', assignments: [bank] })
      .thenRejected('unknown-person'));
});

describe('the rules of a type (O2)', () => {
  const registered = { type: 'PersonRegistered', person: 'p', username: 'p', givenName: 'P', familyName: '' } as const;
  const held = (assignment: string, from: string, to?: string) =>
    ({ type: 'AssignmentStarted', person: 'p', assignment, positionType: 'bank', from, ...(to && { to }) }) as const;
  const start = (from: string, atMost: number, more: object = {}) =>
    ({
      type: 'StartAssignment',
      person: 'p',
      assignment: 'new',
      positionType: 'bank',
      from,
      rules: { unitMandatory: false, atMost },
      ...more,
    }) as const;

  test('an assignment names a unit where its type demands one', () => {
    const rules = { unitMandatory: true };
    given(registered)
      .when(start('2026-01-01', 1, { rules }))
      .thenRejected('unit-required');
    given(registered)
      .when(start('2026-01-01', 1, { rules, unit: 'U' }))
      .thenEvents({ ...held('new', '2026-01-01'), unit: 'U' });
  });
  test('at most so many are held on any day, a later one included', () => {
    given(registered, held('a', '2026-06-01'))
      .when(start('2026-01-01', 1))
      .thenRejected('too-many-of-type', { held: ['a'], on: '2026-06-01' });
    given(registered, held('a', '2026-01-01'), held('b', '2026-03-01', '2026-04-01'))
      .when(start('2026-02-01', 2))
      .thenRejected('too-many-of-type', { held: ['a', 'b'], on: '2026-03-01' });
  });
  test('one after the other, or of another type, is fine', () => {
    given(registered, held('a', '2025-01-01', '2026-01-01'))
      .when(start('2026-01-01', 1))
      .thenEvents(held('new', '2026-01-01'));
    given(registered, { ...held('a', '2025-01-01'), positionType: 'other' })
      .when(start('2026-01-01', 1))
      .thenEvents(held('new', '2026-01-01'));
    // Two that follow one another are never held at once.
    given(registered, held('a', '2026-01-01', '2026-02-01'), held('b', '2026-02-01'))
      .when(start('2026-01-01', 2))
      .thenEvents(held('new', '2026-01-01'));
  });
  test('a change keeps them too', () =>
    given(registered, held('a', '2025-01-01'), held('b', '2024-01-01', '2025-01-01'))
      .when({ ...start('2024-01-01', 1), type: 'ChangeAssignment', assignment: 'b', to: null } as never)
      .thenRejected('too-many-of-type', { held: ['a'] }));
});

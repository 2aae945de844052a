import { scenario } from '@app/kernel';
import type { ManagerLink, NamedManager } from './manager-link';
import { reporting } from './reporting';

const { given } = scenario(reporting);
const approval = ['approval'] as const;
const bobUnderAnn: ManagerLink = {
  id: 'bob-A/direct/ann/-',
  assignment: 'bob-A',
  person: 'bob',
  manager: 'ann',
  kind: 'direct',
  responsibilities: approval,
};
const annUnderCat: ManagerLink = {
  id: 'ann-A/direct/cat/-',
  assignment: 'ann-A',
  person: 'ann',
  manager: 'cat',
  kind: 'direct',
  responsibilities: approval,
};
const assigned = (...links: ManagerLink[]) => ({ type: 'ManagersAssigned', links }) as const;
const assign = (assignment: string, named: NamedManager) =>
  ({ type: 'AssignManager', assignment, person: assignment.slice(0, 3), ...named }) as const;
const sync = (effective: string, assignment: string, ...links: NamedManager[]) =>
  ({ type: 'SyncManagers', effective, assignments: [{ assignment, person: assignment.slice(0, 3), fresh: false, links }] }) as const;

test('a manager is assigned under a deterministic id', () =>
  given()
    .when(assign('bob-A', { manager: 'ann', kind: 'direct', responsibilities: approval }))
    .thenEvents(assigned(bobUnderAnn)));
test('nobody manages himself, not even over another job (E15)', () =>
  given()
    .when(assign('bob-A', { manager: 'bob', managerAssignment: 'bob-B', kind: 'direct', responsibilities: approval }))
    .thenRejected('self-manager'));
test('whoever stands in does so until a day (O9)', () =>
  given()
    .when(assign('bob-A', { manager: 'ann', kind: 'temporary', responsibilities: approval }))
    .thenRejected('temporary-needs-end'));
test('a manager is there for something', () =>
  given()
    .when(assign('bob-A', { manager: 'ann', kind: 'direct', responsibilities: [] }))
    .thenRejected('no-responsibility'));
test('two direct managers at once for the same are refused (E35)', () =>
  given(assigned(bobUnderAnn))
    .when(assign('bob-A', { manager: 'cat', kind: 'direct', responsibilities: ['approval', 'goals'], from: '2025-01-01' }))
    .thenRejected('direct-overlap', { other: 'ann' }));
test('two direct managers for different responsibilities, or one after the other, are fine', () => {
  given(assigned(bobUnderAnn))
    .when(assign('bob-A', { manager: 'cat', kind: 'direct', responsibilities: ['goals'] }))
    .thenEvents(assigned({ ...bobUnderAnn, id: 'bob-A/direct/cat/-', manager: 'cat', responsibilities: ['goals'] }));
  given(assigned({ ...bobUnderAnn, to: '2025-01-01' }))
    .when(assign('bob-A', { manager: 'cat', kind: 'direct', responsibilities: approval, from: '2025-01-01' }))
    .thenEvents(assigned({ ...bobUnderAnn, id: 'bob-A/direct/cat/2025-01-01', manager: 'cat', from: '2025-01-01' }));
});
test('a link that another system makes last longer closes no loop either (E13)', () => {
  const until = { ...bobUnderAnn, to: '2025-06-01' };
  const back = { ...annUnderCat, id: 'ann-A/direct/bob/2025-06-01', manager: 'bob', from: '2025-06-01' };
  given(assigned(until, back))
    .when(sync('2025-01-01', 'bob-A', { manager: 'ann', kind: 'direct', responsibilities: approval, to: '2026-01-01' }))
    .thenRejected('manager-loop', { path: ['bob-A', 'ann-A', 'bob-A'], from: '2025-06-01', to: '2026-01-01' });
});
test('a link ends, and ends once; a later end makes it last longer, if that closes no loop', () => {
  const end = { type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '2025-01-01' }] } as const;
  given(assigned(bobUnderAnn)).when({ type: 'EndManagerLink', link: bobUnderAnn.id, to: '2025-01-01' }).thenEvents(end);
  given(assigned(bobUnderAnn), end).when({ type: 'EndManagerLink', link: bobUnderAnn.id, to: '2025-01-01' }).thenNothing();
  const later = { type: 'EndManagerLink', link: bobUnderAnn.id, to: '2025-06-01' } as const;
  given(assigned(bobUnderAnn), end)
    .when(later)
    .thenEvents(assigned({ ...bobUnderAnn, to: '2025-06-01' }));
  const back = { ...annUnderCat, id: 'ann-A/direct/bob/2025-01-01', manager: 'bob', from: '2025-01-01' };
  given(assigned(bobUnderAnn), end, assigned(back)).when(later).thenRejected('manager-loop', { from: '2025-01-01', to: '2025-06-01' });
  given().when({ type: 'EndManagerLink', link: 'nothing', to: '2025-01-01' }).thenRejected('unknown-link');
});

describe('a loop of managers', () => {
  test('is refused with its path (E13, O11)', () =>
    given(assigned(bobUnderAnn, annUnderCat))
      .when(assign('cat-A', { manager: 'bob', kind: 'direct', responsibilities: approval }))
      .thenRejected('manager-loop', { path: ['cat-A', 'bob-A', 'ann-A', 'cat-A'] }));
  test('is refused when it would exist in the future only, and the days are named (E14)', () =>
    given(assigned({ ...annUnderCat, to: '2030-01-01' }))
      .when(assign('cat-A', { manager: 'ann', kind: 'direct', responsibilities: approval, from: '2029-01-01' }))
      .thenRejected('manager-loop', { path: ['cat-A', 'ann-A', 'cat-A'], from: '2029-01-01', to: '2030-01-01' }));
  test('needs a day on which all its links hold', () =>
    given(assigned({ ...annUnderCat, to: '2029-01-01' }))
      .when(assign('cat-A', { manager: 'ann', kind: 'direct', responsibilities: approval, from: '2029-01-01' }))
      .thenEvents(
        assigned({
          id: 'cat-A/direct/ann/2029-01-01',
          assignment: 'cat-A',
          person: 'cat',
          manager: 'ann',
          kind: 'direct',
          responsibilities: approval,
          from: '2029-01-01',
        }),
      ));
  test('is not made by alternates: peers may stand in for each other', () =>
    given(assigned({ ...bobUnderAnn, id: 'bob-A/alternate/ann/-', kind: 'alternate' }))
      .when(assign('ann-A', { manager: 'bob', kind: 'alternate', responsibilities: approval }))
      .thenEvents(assigned({ ...annUnderCat, id: 'ann-A/alternate/bob/-', manager: 'bob', kind: 'alternate' })));
  test('is not made by a link to another of the manager’s jobs', () =>
    given(assigned(bobUnderAnn))
      .when(assign('ann-B', { manager: 'bob', managerAssignment: 'bob-B', kind: 'direct', responsibilities: approval }))
      .thenEvents(
        assigned({
          id: 'ann-B/direct/bob/bob-B/-',
          assignment: 'ann-B',
          person: 'ann',
          manager: 'bob',
          managerAssignment: 'bob-B',
          kind: 'direct',
          responsibilities: approval,
        }),
      ));
});

describe('a sync', () => {
  const ann = { manager: 'ann', kind: 'direct', responsibilities: approval } as const;
  const cat = { manager: 'cat', kind: 'direct', responsibilities: approval } as const;

  test('that says the same again changes nothing, on whatever day', () =>
    given(assigned({ ...bobUnderAnn, from: '2024-01-01' }))
      .when(sync('2026-01-01', 'bob-A', ann))
      .thenNothing());
  test('replaces a manager from the effective day on', () =>
    given(assigned(bobUnderAnn))
      .when(sync('2026-01-01', 'bob-A', cat))
      .thenEvents(
        { type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '2026-01-01' }] },
        assigned({ ...bobUnderAnn, id: 'bob-A/direct/cat/2026-01-01', manager: 'cat', from: '2026-01-01' }),
      ));
  test('gives other responsibilities from the effective day on', () =>
    given(assigned(bobUnderAnn))
      .when(sync('2026-01-01', 'bob-A', { ...ann, responsibilities: ['goals', 'approval'] }))
      .thenEvents(
        { type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '2026-01-01' }] },
        assigned({ ...bobUnderAnn, id: 'bob-A/direct/ann/2026-01-01', responsibilities: ['approval', 'goals'], from: '2026-01-01' }),
      ));
  test('leaves what has ended before as it was', () =>
    given(assigned({ ...bobUnderAnn, to: '2025-01-01' }))
      .when(sync('2026-01-01', 'bob-A', cat))
      .thenEvents(assigned({ ...bobUnderAnn, id: 'bob-A/direct/cat/2026-01-01', manager: 'cat', from: '2026-01-01' })));
  test('takes back what was planned and is named no more', () =>
    given(assigned({ ...bobUnderAnn, from: '2027-01-01' }))
      .when(sync('2026-01-01', 'bob-A'))
      .thenEvents({ type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '2027-01-01' }] }));
  test('may turn a hierarchy round: only the end counts (I5)', () =>
    given(assigned(bobUnderAnn))
      .when({
        type: 'SyncManagers',
        effective: '2026-01-01',
        assignments: [
          {
            assignment: 'ann-A',
            person: 'ann',
            fresh: false,
            links: [{ manager: 'bob', kind: 'direct', responsibilities: approval, from: '2026-01-01' }],
          },
          { assignment: 'bob-A', person: 'bob', fresh: false, links: [] },
        ],
      })
      .thenEvents(
        { type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '2026-01-01' }] },
        assigned({ ...annUnderCat, id: 'ann-A/direct/bob/2026-01-01', manager: 'bob', from: '2026-01-01' }),
      ));
  test('lets managers without a start begin on the effective day, or with an assignment that is new', () => {
    const fresh = {
      type: 'SyncManagers',
      effective: '2026-01-01',
      assignments: [{ assignment: 'bob-A', person: 'bob', fresh: true, links: [ann] }],
    } as const;
    given().when(fresh).thenEvents(assigned(bobUnderAnn));
    given()
      .when(sync('2026-01-01', 'bob-A', ann))
      .thenEvents(assigned({ ...bobUnderAnn, id: 'bob-A/direct/ann/2026-01-01', from: '2026-01-01' }));
  });
});

describe('a correction', () => {
  const dated = { ...bobUnderAnn, id: 'bob-A/direct/ann/2024-01-01', from: '2024-01-01', to: '2025-01-01' } as const;

  test('of the end or of what the link is for is the same link anew', () => {
    given(assigned(dated))
      .when({ type: 'CorrectManagerLink', link: dated.id, to: '2024-06-01', responsibilities: ['goals'] })
      .thenEvents(assigned({ ...dated, to: '2024-06-01', responsibilities: ['goals'] }));
    const { to: _, ...open } = dated;
    given(assigned(dated)).when({ type: 'CorrectManagerLink', link: dated.id, to: null }).thenEvents(assigned(open));
  });
  test('of the start makes another link, and the old one never was', () => {
    given(assigned(dated))
      .when({ type: 'CorrectManagerLink', link: dated.id, from: '2023-01-01' })
      .thenEvents(
        { type: 'ManagersEnded', links: [{ id: dated.id, to: '2024-01-01' }] },
        assigned({ ...dated, id: 'bob-A/direct/ann/2023-01-01', from: '2023-01-01' }),
      );
    given(assigned(bobUnderAnn))
      .when({ type: 'CorrectManagerLink', link: bobUnderAnn.id, from: '2023-01-01' })
      .thenEvents(
        { type: 'ManagersEnded', links: [{ id: bobUnderAnn.id, to: '0000-01-01' }] },
        assigned({ ...bobUnderAnn, id: 'bob-A/direct/ann/2023-01-01', from: '2023-01-01' }),
      );
  });
  test('of what is so already is nothing', () =>
    given(assigned(dated)).when({ type: 'CorrectManagerLink', link: dated.id, to: '2025-01-01', from: '2024-01-01' }).thenNothing());
  test('keeps every rule: no loop, no second direct manager (E13, E35)', () => {
    given(
      assigned(
        { ...bobUnderAnn, to: '2024-01-01' },
        { ...annUnderCat, id: 'ann-A/direct/bob/2024-01-01', manager: 'bob', from: '2024-01-01' },
      ),
    )
      .when({ type: 'CorrectManagerLink', link: bobUnderAnn.id, to: null })
      .thenRejected('manager-loop');
    given(assigned({ ...bobUnderAnn, to: '2024-01-01' }, { ...dated, id: 'bob-A/direct/cat/2024-01-01', manager: 'cat' }))
      .when({ type: 'CorrectManagerLink', link: bobUnderAnn.id, to: '2024-02-01' })
      .thenRejected('direct-overlap');
  });
});
describe('a direct manager beside another (E35)', () => {
  const second = {
    type: 'AssignManager',
    assignment: 'bob-A',
    person: 'bob',
    manager: 'cat',
    kind: 'direct',
    responsibilities: bobUnderAnn.responsibilities,
  } as const;
  test('is refused, unless he is to be an alternate then', () => {
    given(assigned(bobUnderAnn)).when(second).thenRejected('direct-overlap');
    given(assigned(bobUnderAnn))
      .when({ ...second, overlap: 'refuse' })
      .thenRejected('direct-overlap');
    const { type: _, ...link } = second;
    given(assigned(bobUnderAnn))
      .when({ ...second, overlap: 'demote' })
      .thenEvents(assigned({ ...link, id: 'bob-A/alternate/cat/-', kind: 'alternate' }));
  });
  test('stays direct where nobody is beside him', () => {
    const { type: _, ...link } = second;
    given()
      .when({ ...second, overlap: 'demote' })
      .thenEvents(assigned({ ...link, id: 'bob-A/direct/cat/-' }));
  });
});

import { scenario } from '@app/kernel';
import { positionTree } from './position-tree';
import { positionTypes } from './position-types';
import { treeLoop } from './tree';
import { unitTree } from './unit-tree';

const units = scenario(unitTree);
const positions = scenario(positionTree);
const types = scenario(positionTypes);
const hospital = { id: 'H', name: 'Hospital' } as const;
const ward = { id: 'W', name: 'Ward', parent: 'H' } as const;

test('units are recorded in any order, the parent may come last', () =>
  units
    .given()
    .when({ type: 'RecordUnits', units: [ward, hospital] })
    .thenEvents({ type: 'UnitsRecorded', units: [ward, hospital] }));
test('only units that differ are recorded', () =>
  units
    .given({ type: 'UnitsRecorded', units: [hospital, ward] })
    .when({ type: 'RecordUnits', units: [hospital, { ...ward, name: 'Ward 1' }] })
    .thenEvents({ type: 'UnitsRecorded', units: [{ ...ward, name: 'Ward 1' }] }));
test('a parent must be known', () =>
  units
    .given()
    .when({ type: 'RecordUnits', units: [ward] })
    .thenRejected('unknown-parent', { id: 'W', above: 'H' }));
test('no unit is below itself; the path is named', () =>
  units
    .given({ type: 'UnitsRecorded', units: [hospital, ward] })
    .when({ type: 'RecordUnits', units: [{ ...hospital, parent: 'W' }] })
    .thenRejected('unit-loop', { path: ['H', 'W', 'H'] }));
test('a line of units of any length is looked at once, also where it leads into a loop', () => {
  const line = Array.from({ length: 500 }, (_, at) => ({ id: `U${at}`, name: 'U', parent: `U${at + 1}` }));
  const top = { id: 'U500', name: 'U' };
  let steps = 0;
  const uppers = new Map<string, string>(line.map(({ id, parent }) => [id, parent]));
  const above = (id: string) => {
    steps += 1;
    return uppers.get(id);
  };
  const loops = (all: readonly { readonly id: string }[]) => {
    const inNone = new Set<string>();
    return all.flatMap(({ id }) => treeLoop(above, id, inNone) ?? []);
  };
  expect(loops([...line, top])).toEqual([]);
  expect(steps).toBe(line.length + 1);
  uppers.set('U500', 'U499');
  steps = 0;
  expect(loops([...line, top])).toEqual(['U499', 'U500', 'U499', 'U500', 'U499', 'U500']);
  expect(steps).toBeLessThan(2 * line.length);
  units
    .given({ type: 'UnitsRecorded', units: [top, ...line] })
    .when({ type: 'RecordUnits', units: [{ ...top, parent: 'U499' }] })
    .thenRejected('unit-loop', { path: ['U500', 'U499', 'U500'] });
});
test('two units may change places in one command', () =>
  units
    .given({ type: 'UnitsRecorded', units: [hospital, ward] })
    .when({
      type: 'RecordUnits',
      units: [
        { ...hospital, parent: 'W' },
        { id: 'W', name: 'Ward' },
      ],
    })
    .thenEvents({
      type: 'UnitsRecorded',
      units: [
        { ...hospital, parent: 'W' },
        { id: 'W', name: 'Ward' },
      ],
    }));

test('a position hangs below its superior', () =>
  positions
    .given({ type: 'PositionsRecorded', positions: [{ id: 'CEO', title: 'Chief' }] })
    .when({ type: 'RecordPositions', positions: [{ id: 'CFO', title: 'Finance', superior: 'CEO', unit: 'H' }] })
    .thenEvents({ type: 'PositionsRecorded', positions: [{ id: 'CFO', title: 'Finance', superior: 'CEO', unit: 'H' }] }));
test('a superior must be known', () =>
  positions
    .given()
    .when({ type: 'RecordPositions', positions: [{ id: 'CFO', title: 'Finance', superior: 'CEO' }] })
    .thenRejected('unknown-superior'));
test('no position is its own superior', () =>
  positions
    .given()
    .when({ type: 'RecordPositions', positions: [{ id: 'CFO', title: 'Finance', superior: 'CFO' }] })
    .thenRejected('position-loop', { path: ['CFO', 'CFO'] }));

const bank = {
  id: 'bank',
  name: 'Bank',
  unitMandatory: true,
  managerMandatory: false,
  mayRequestLearning: true,
  aspirational: false,
} as const;

test('position types carry their rules, and only differences are recorded', () => {
  types
    .given()
    .when({ type: 'RecordPositionTypes', types: [bank] })
    .thenEvents({ type: 'PositionTypesRecorded', types: [bank] });
  types
    .given({ type: 'PositionTypesRecorded', types: [bank] })
    .when({ type: 'RecordPositionTypes', types: [bank] })
    .thenNothing();
});
test('a limit of assignments is a whole number above zero', () =>
  types
    .given()
    .when({ type: 'RecordPositionTypes', types: [{ ...bank, atMost: 0 }] })
    .thenRejected('bad-limit'));

describe('from a day on', () => {
  const since = (effective: string, ...nodes: object[]) => ({ type: 'PositionsRecorded', positions: nodes, effective }) as never;
  const boss = { id: 'B', title: 'Boss' };

  test('a position is another, and was as it was before', () =>
    positions
      .given({ type: 'PositionsRecorded', positions: [boss, { id: 'N', title: 'Nurse' }] })
      .when({ type: 'RecordPositions', positions: [{ id: 'N', title: 'Nurse', superior: 'B' }], effective: '2025-01-01' })
      .thenEvents(since('2025-01-01', { id: 'N', title: 'Nurse', superior: 'B' })));
  test('what is so on that day already is not recorded again', () =>
    positions
      .given({ type: 'PositionsRecorded', positions: [boss] }, since('2025-01-01', { ...boss, title: 'Head' }))
      .when({ type: 'RecordPositions', positions: [{ ...boss, title: 'Head' }], effective: '2026-01-01' })
      .thenNothing());
  test('no position is below itself on any later day (E14)', () =>
    positions
      .given({ type: 'PositionsRecorded', positions: [boss, { id: 'N', title: 'Nurse' }] }, since('2025-01-01', { ...boss, superior: 'N' }))
      .when({ type: 'RecordPositions', positions: [{ id: 'N', title: 'Nurse', superior: 'B' }], effective: '2024-01-01' })
      .thenRejected('position-loop', { from: '2025-01-01' }));
  test('two may change places on a day', () =>
    positions
      .given({ type: 'PositionsRecorded', positions: [boss, { id: 'N', title: 'Nurse', superior: 'B' }] })
      .when({
        type: 'RecordPositions',
        positions: [
          { ...boss, superior: 'N' },
          { id: 'N', title: 'Nurse' },
        ],
        effective: '2025-01-01',
      })
      .thenEvents(since('2025-01-01', { ...boss, superior: 'N' }, { id: 'N', title: 'Nurse' })));
});

describe('the end of a unit or a position', () => {
  const recorded = {
    type: 'PositionsRecorded',
    positions: [
      { id: 'HEAD', title: 'Head' },
      { id: 'NURSE', title: 'Nurse', superior: 'HEAD' },
    ],
  } as const;
  const end = (id: string, to?: string) => ({ type: 'EndPositions', positions: [{ id, ...(to && { to }) }] }) as const;
  const ended = (id: string, to?: string) => ({ type: 'PositionsEnded', positions: [{ id, ...(to && { to }) }] }) as const;

  test('is recorded once, moved, and taken back', () => {
    positions.given(recorded).when(end('NURSE', '2025-01-01')).thenEvents(ended('NURSE', '2025-01-01'));
    positions.given(recorded, ended('NURSE', '2025-01-01')).when(end('NURSE', '2025-01-01')).thenNothing();
    positions.given(recorded, ended('NURSE', '2025-01-01')).when(end('NURSE', '2026-01-01')).thenEvents(ended('NURSE', '2026-01-01'));
    positions.given(recorded, ended('NURSE', '2025-01-01')).when(end('NURSE')).thenEvents(ended('NURSE'));
    positions.given(recorded).when(end('NURSE')).thenNothing();
  });
  test('waits until nothing is below it on any day after', () => {
    positions
      .given(recorded)
      .when(end('HEAD', '2025-01-01'))
      .thenRejected('position-in-use', { id: 'HEAD', to: '2025-01-01', below: ['NURSE'] });
    positions.given(recorded, ended('NURSE', '2025-01-01')).when(end('HEAD', '2025-01-01')).thenEvents(ended('HEAD', '2025-01-01'));
    positions.given(recorded, ended('NURSE', '2025-01-01')).when(end('HEAD', '2024-12-31')).thenRejected('position-in-use');
    const both = {
      type: 'EndPositions',
      positions: [...end('HEAD', '2025-01-01').positions, ...end('NURSE', '2025-01-01').positions],
    } as const;
    positions.given(recorded).when(both).thenEvents({ type: 'PositionsEnded', positions: both.positions });
  });
  test('lets nothing come below it, nor come back below it', () => {
    const closed = [recorded, ended('NURSE', '2025-01-01'), ended('HEAD', '2025-01-01')];
    positions
      .given(...closed)
      .when(end('NURSE', '2026-01-01'))
      .thenRejected('unknown-superior', { above: 'HEAD', ended: '2025-01-01' });
    const aide = { id: 'AIDE', title: 'Aide', superior: 'HEAD' };
    positions
      .given(...closed)
      .when({ type: 'RecordPositions', positions: [aide], effective: '2024-01-01' })
      .thenRejected('unknown-superior');
  });
  test('is of something that was there', () => {
    units
      .given()
      .when({ type: 'EndUnits', units: [{ id: 'W', to: '2025-01-01' }] })
      .thenRejected('unknown-unit');
    units
      .given({ type: 'UnitsRecorded', units: [hospital], effective: '2025-01-01' })
      .when({ type: 'EndUnits', units: [{ id: 'H', to: '2025-01-01' }] })
      .thenRejected('ends-before-it-starts');
  });
});

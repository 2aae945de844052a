import type { Rejection } from '@app/kernel';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { askingAssignment } from './submission';

let world: ChainWorld;
beforeEach(async () => {
  world = await openChain();
  for (const id of ['ceo', 'mel', 'ann']) await world.hire(id);
});
afterEach(() => world.close());

describe('in whose name (E9, E10, E54)', () => {
  const asking = (beneficiary: string, assignment?: string) =>
    askingAssignment(world.models, { beneficiary, requester: beneficiary, assignment, on: TODAY });
  test('the only job needs no question', async () => {
    await world.hire('lea', ['mel']);
    expect(asking('lea')).toBe('lea/1');
  });
  test('several jobs with different managers: the learner must say', async () => {
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['ann'], 'lea/bank');
    expect(() => asking('lea')).toThrow(expect.objectContaining({ code: 'assignment-required' }));
    expect(asking('lea', 'lea/bank')).toBe('lea/bank');
    expect(() => asking('lea', 'mel/1')).toThrow(expect.objectContaining({ code: 'not-your-assignment' }));
  });
  test('the job in whose name he asked last is offered, and never taken for an answer', async () => {
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['ann'], 'lea/bank');
    const told = () => {
      try {
        return asking('lea');
      } catch (error) {
        return (error as Rejection).facts;
      }
    };
    expect(told()).not.toHaveProperty('default');
    await world.submit('r1', 'lea', 'lea/bank');
    expect(told()).toMatchObject({ default: 'lea/bank', choices: [{ assignment: 'lea/1' }, { assignment: 'lea/bank' }] });
    await world.endJob('lea/bank', TODAY);
    expect(told()).toBe('lea/1');
  });
  test('several jobs with the same manager: no question', async () => {
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['mel'], 'lea/bank');
    expect(asking('lea')).toBe('lea/1');
  });
  test('several jobs that pay from different places: the learner must say', async () => {
    await world.hire('lea', ['mel'], 'lea/1', { costCentre: 'A' });
    await world.hire('lea', ['mel'], 'lea/bank', { costCentre: 'B' });
    expect(() => asking('lea')).toThrow(expect.objectContaining({ code: 'assignment-required' }));
  });
  test('a job that is over does not count', async () => {
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['ann'], 'lea/bank', { to: '2026-06-01' });
    expect(asking('lea')).toBe('lea/1');
  });
  test('no job at all', async () => {
    expect(() => asking('nobody')).toThrow(expect.objectContaining({ code: 'no-assignment' }));
  });
  test('nobody could decide: refused before anything is recorded', () => {
    expect(() => asking('ceo')).toThrow(expect.objectContaining({ code: 'no-approver' }));
  });
});

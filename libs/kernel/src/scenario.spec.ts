import { reject, scenario, type Decider } from '.';

type Command = { type: 'Add'; item: string } | { type: 'Empty' };
type Event = { type: 'ItemAdded'; item: string } | { type: 'Emptied' };
type State = { items: string[] };

const basket: Decider<State, Command, Event> = {
  name: 'basket',
  initial: { items: [] },
  events: { ItemAdded: { item: 'text' }, Emptied: {} },
  decide(command, { items }) {
    switch (command.type) {
      case 'Add':
        if (items.length >= 2) reject('conflict', 'basket-full', { most: 2 });
        return [{ type: 'ItemAdded', item: command.item }];
      case 'Empty':
        return items.length === 0 ? [] : [{ type: 'Emptied' }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'ItemAdded':
        return { items: [...state.items, event.item] };
      case 'Emptied':
        return { items: [] };
    }
  },
};
const { given } = scenario(basket);
const [pear, plum] = [
  { type: 'ItemAdded', item: 'pear' },
  { type: 'ItemAdded', item: 'plum' },
] as const;

describe('scenario passes', () => {
  test('when the command causes exactly the events', () => given(pear).when({ type: 'Add', item: 'plum' }).thenEvents(plum));
  test('when nothing was expected and nothing came', () => given().when({ type: 'Empty' }).thenNothing());
  test('when the rule says no under the code, with the facts', () =>
    given(pear, plum).when({ type: 'Add', item: 'fig' }).thenRejected('basket-full', { most: 2 }));
  test('whatever the order in which the fields were written', () =>
    given().when({ type: 'Add', item: 'pear' }).thenEvents({ item: 'pear', type: 'ItemAdded' }));
});

describe('scenario fails', () => {
  test('on other events', () => expect(() => given().when({ type: 'Add', item: 'pear' }).thenEvents(plum)).toThrow('pear'));
  test('on an event too few or too many', () => {
    const adding = given().when({ type: 'Add', item: 'pear' });
    expect(() => adding.thenEvents(pear, plum)).toThrow('expected');
    expect(() => adding.thenNothing()).toThrow('expected');
  });
  test('on another code', () =>
    expect(() => given(pear, plum).when({ type: 'Add', item: 'fig' }).thenRejected('too-heavy')).toThrow('basket-full'));
  test('on another fact', () =>
    expect(() => given(pear, plum).when({ type: 'Add', item: 'fig' }).thenRejected('basket-full', { most: 3 })).toThrow('3'));
  test('when a rejection was expected and events came', () =>
    expect(() => given().when({ type: 'Add', item: 'fig' }).thenRejected('basket-full')).toThrow('expected a rejection'));
  test('when events were expected and a rejection came', () =>
    expect(() => given(pear, plum).when({ type: 'Add', item: 'fig' }).thenEvents(plum)).toThrow('basket-full'));
  test('on a given event that is not in the schema', () =>
    expect(() =>
      given({ type: 'ItemAdded' } as never)
        .when({ type: 'Empty' })
        .thenNothing(),
    ).toThrow('ItemAdded.item is missing'));
});

describe('scenario catches a mutation', () => {
  const mutating = (change: Partial<Decider<State, Command, Event>>) => scenario({ ...basket, ...change });

  test('of the state by decide', () => {
    const { given } = mutating({
      decide(_command, state) {
        state.items.push('fig');
        return [];
      },
    });
    expect(() => given(pear).when({ type: 'Empty' }).thenNothing()).toThrow(TypeError);
  });
  test('of the state by evolve', () => {
    const { given } = mutating({
      evolve(state) {
        state.items.push('fig');
        return state;
      },
    });
    expect(() => given(pear).when({ type: 'Empty' }).thenNothing()).toThrow(TypeError);
  });
  test('of the command by decide', () => {
    const { given } = mutating({
      decide(command) {
        (command as { type: string }).type = 'Add';
        return [];
      },
    });
    expect(() => given().when({ type: 'Empty' }).thenNothing()).toThrow(TypeError);
  });
});

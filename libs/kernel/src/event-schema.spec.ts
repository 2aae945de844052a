import fc from 'fast-check';
import { checkEvent, type Decider, type FieldKind } from '.';

interface Sample {
  type: 'Sampled';
  text: string;
  number: number;
  flag: boolean;
  list: readonly string[];
  record: Readonly<Record<string, string>>;
  note?: string;
}

const sampler: Decider<null, Sample, Sample> = {
  name: 'sampler',
  initial: null,
  events: { Sampled: { text: 'text', number: 'number', flag: 'flag', list: 'list', record: 'record', note: 'text?' } },
  decide: (command) => [command],
  evolve: (state) => state,
};
const sampled: Sample = { type: 'Sampled', text: 'a', number: 1, flag: true, list: [], record: {} };
const check = (change: object) => () => checkEvent(sampler, { ...sampled, ...change });

test('an event with every field of its kind passes, with and without the optional one', () => {
  expect(check({})).not.toThrow();
  expect(check({ note: 'b' })).not.toThrow();
});
test('an event type without a schema is refused', () =>
  expect(check({ type: 'Guessed' })).toThrow('sampler: the event Guessed has no schema'));
test('a name that every object has is no schema', () => expect(check({ type: 'constructor' })).toThrow('has no schema'));
test('a field that is not named is refused', () => expect(check({ password: 'x' })).toThrow('Sampled.password is not in the schema'));
test('a missing field is refused', () => expect(check({ text: undefined })).toThrow('Sampled.text is missing'));

test.each<[FieldKind, unknown[]]>([
  ['text', [1, true, null, [], {}]],
  ['number', ['1', true, null, [], {}, NaN, Infinity, 1n]],
  ['flag', [1, 'true', null, [], {}]],
  ['list', [1, 'a', null, { length: 0 }]],
  ['record', [1, 'a', null, []]],
])('a field of kind %s takes no other kind of value', (kind, values) => {
  for (const value of values) expect(check({ [kind]: value })).toThrow(`Sampled.${kind} is not of kind ${kind}`);
});
test('an optional field takes no other kind of value either', () =>
  expect(check({ note: null })).toThrow('Sampled.note is not of kind text?'));

test('no name of a field that the schema lacks slips through', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', '__proto__')), (name) => {
      fc.pre(!Object.hasOwn(sampled, name) && name !== 'note');
      const event = Object.defineProperty({ ...sampled }, name, { value: 'x', enumerable: true });
      expect(() => checkEvent(sampler, event as never)).toThrow('is not in the schema');
    }),
  ));

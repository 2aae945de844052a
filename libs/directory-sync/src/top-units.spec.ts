import { topsBy } from './top-units';

test('a unit far below others is under the highest of them, however many there are', () => {
  const topOf = topsBy((id) => (id === '0' ? undefined : String(Number(id) - 1)));
  expect(['50000', '49999', '0', undefined].map((unit) => topOf(unit))).toEqual(['0', '0', '0', '']);
});

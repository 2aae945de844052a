import { Recent } from './recent';

const keys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}`);

test('what was set last is found, what was set long before is let go', () => {
  const recent = new Recent<number>(100);
  for (const [at, key] of keys(1_000).entries()) recent.set(key, at);
  const found = keys(1_000).filter((key) => recent.get(key) !== undefined);
  expect(found.length).toBeGreaterThanOrEqual(50);
  expect(found.length).toBeLessThanOrEqual(100);
  expect(found).toEqual(keys(1_000).slice(-found.length));
});

test('a value set again is the new one, and stays', () => {
  const recent = new Recent<number>(10);
  recent.set('mel', 1);
  for (const key of keys(4)) recent.set(key, 0);
  recent.set('mel', 2);
  for (const key of keys(4)) recent.set(key, 0);
  expect(recent.get('mel')).toBe(2);
});

test('a deleted value is gone from both generations', () => {
  const recent = new Recent<number>(4);
  recent.set('mel', 1);
  recent.set('fin', 1);
  recent.set('mel', 2);
  recent.delete('mel');
  expect([recent.get('mel'), recent.get('fin')]).toEqual([undefined, 1]);
  recent.clear();
  expect(recent.get('fin')).toBeUndefined();
});

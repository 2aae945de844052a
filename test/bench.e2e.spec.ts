// The bench asserts nothing about speed; here it has to run, both sides doing the whole work.
import { countersign, countersignWith } from './support/command-line';
import { EventStore } from './support/event-store';
import { temporaryFolder } from './support/folders';
import { startRedis } from './support/redis';

test('the bench measures approvals in process and over HTTP beside their references', async () => {
  const { exit, out, err } = await countersign(temporaryFolder(), 'bench', 'approvals', 'http', '--round', '50', '--json');
  expect([exit, err]).toEqual([0, '']);
  const { results } = JSON.parse(out) as {
    results: readonly { what: string; at: string; ours: { value: number }; its: { value: number } }[];
  };
  expect(results.map(({ what, at }) => `${what} at ${at}`)).toEqual([
    ...[1, 16, 64, 256].map((width) => `approvals at ${width} in flight`),
    ...[1, 16, 64, 256].map((width) => `approvals with notices at ${width} in flight`),
    ...[1, 16, 64, 256].map((width) => `http at ${width} connections`),
  ]);
  for (const { ours, its } of results) expect(Math.min(ours.value, its.value)).toBeGreaterThan(0);
});

test('it measures an import of every kind beside bare tables', async () => {
  const { exit, out, err } = await countersign(temporaryFolder(), 'bench', 'import', '--people', '300', '--round', '50', '--json');
  expect([exit, err]).toEqual([0, '']);
  const { results } = JSON.parse(out) as { results: readonly { what: string; ours: { value: number }; its: { value: number } }[] };
  expect(results.filter(({ what }) => !what.includes(':')).map(({ what }) => what)).toEqual([
    'import, dry run',
    'import, commit',
    'import, same again',
    'import, 1 % changed',
    'http beside an import',
  ]);
  for (const { ours, its } of results) expect(Math.min(ours.value, its.value)).toBeGreaterThan(0);
});

test('it measures a hierarchy of several sizes, and how each question grows', async () => {
  const { exit, out, err } = await countersign(temporaryFolder(), 'bench', 'hierarchy', '--people', '300,900', '--round', '30', '--json');
  expect([exit, err]).toEqual([0, '']);
  const { results } = JSON.parse(out) as {
    results: readonly { what: string; at: string; ours: { value: number }; its: { value: number } }[];
  };
  const questions = [
    'approvers',
    'approvers, as known earlier',
    'managers, now',
    'managers, as of a past day',
    'managers, as known earlier',
    'direct team',
    'whole team',
  ];
  const others = [
    'whole team, as known earlier',
    'search, a frequent word',
    'search, a rare name',
    'chart',
    'approvers, by seats',
    'whole team, by seats',
  ];
  const each = [...questions, ...others];
  const ofOne = [...each, 'events into rows', 'memory', 'file'].map((name) => `hierarchy, ${name}`);
  const growth = each.map((name) => `growth, ${name}`);
  const shape = ['approvers', 'approvers, as known earlier', 'direct team', 'whole team', 'whole team, as known earlier'].map(
    (name) => `shape, ${name}`,
  );
  expect(results.map(({ what }) => what)).toEqual([...ofOne, ...ofOne, ...growth, ...shape, ...shape]);
  expect(results.findLast(({ what }) => what.startsWith('growth'))!.at).toMatch(/^300: [\d.]+, 900: [\d.]+$/);
  for (const { ours, its } of results) expect(Math.min(ours.value, its.value)).toBeGreaterThan(0);
});

test('a number of people that is none is wrong usage', async () => {
  const { exit, err } = await countersign(temporaryFolder(), 'bench', 'hierarchy', '--people', '300,many');
  expect([exit, err]).toEqual([2, expect.stringContaining('no number of people')]);
});

test('it measures both tiers where there is an event store', async () => {
  const [store, redis] = await Promise.all([EventStore.start(3), startRedis()]);
  const cluster = { EVENT_STORE_URL: store.url, REDIS_URL: redis.url };
  const { exit, out, err } = await countersignWith(cluster, 'bench', 'tiers', '--round', '50', '--json');
  await Promise.all([store.stop(), redis.stop()]);
  expect([exit, err]).toEqual([0, '']);
  const { results } = JSON.parse(out) as { results: readonly { what: string; ours: { value: number }; its: { value: number } }[] };
  expect(results.map(({ what }) => what)).toEqual([...Array(3).fill('approvals in the cluster'), ...Array(3).fill('appends')]);
  for (const { ours, its } of results) expect(Math.min(ours.value, its.value)).toBeGreaterThan(0);
});

test('both tiers without an event store is wrong usage', async () => {
  const { exit, err } = await countersign(temporaryFolder(), 'bench', 'tiers');
  expect([exit, err]).toEqual([2, expect.stringContaining('tiers needs EVENT_STORE_URL')]);
});

test('an unknown metric is wrong usage', async () => {
  const { exit, err } = await countersign(temporaryFolder(), 'bench', 'speed');
  expect([exit, err]).toEqual([2, expect.stringContaining('no metric is called speed')]);
});

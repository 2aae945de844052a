// The bench asserts nothing about speed; here it has to run, both sides doing the whole work.
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';

jest.setTimeout(120_000);

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

test('an unknown metric is wrong usage', async () => {
  const { exit, err } = await countersign(temporaryFolder(), 'bench', 'speed');
  expect([exit, err]).toEqual([2, expect.stringContaining('no metric is called speed')]);
});

// The demo is what a visitor runs first: it has to tell the whole story, prove it, and say so by its exit code.
import { countersign, withoutProgress } from './support/command-line';
import { temporaryFolder } from './support/folders';

test('the demo plays every branch of the chain, proves the log and a replay, and wipes what it left before', async () => {
  const folder = temporaryFolder();
  const { exit, out, err } = await countersign(folder, 'demo');
  expect(withoutProgress(err)).toBe('');
  expect(out).not.toContain('FAIL');
  expect(exit).toBe(0);
  const words = out.replaceAll(/\s+/g, ' ');
  for (const line of [
    /ok {4}people: 2,300$/m,
    /ok {4}jobs in effect on 2026-11-21: 2,999$/m,
    /ok {4}managers, direct and alternate, of jobs looked at one by one: 52$/m,
    /ok {4}posts: 190$/m,
    /Story 1\. .+\n\n {2}learner .+, job P\d{6}-A since \d{4}-\d\d-\d\d\n {2}asks for .+\n {2}request {7}[0-9a-f-]{36}$/m,
    /told {10}.+: asked to decide \(rule asked\)/,
    /^ {2}all +200 +145 +35 +12 +8 +66$/m,
    /ok {4}requests that stand as their branch has to end: 200$/m,
    /The log is sound: [\d,]+ events/,
    /All read models are equal to a replay of the log\./,
    /All 19 checks hold\./,
  ]) {
    expect(out).toMatch(line);
  }
  for (const phrase of [
    'as further approver. “Good for the ward. Is there budget?”',
    'DENIED. “The training budget of this site is spent for this year.”',
    'was given the choice:',
    'Refused: 422 assignment-required.',
    'pressed at the same moment and is told: approved by',
    'Refused: 422 ineligible-nominee.',
    'Refused: 412 stale-revision.',
    'leaves; the slot is filled again. Step 1 asks',
  ]) {
    expect(words).toContain(phrase);
  }
  // A second time over the same folder: nothing of the first is left in it.
  const again = await countersign(folder, 'demo', '--json');
  const report = JSON.parse(again.out);
  expect(again.exit).toBe(0);
  expect(report).toMatchObject({ ok: true, proof: { events: expect.any(Number) }, replay: { different: [] } });
  expect(report.branches).toHaveLength(16);
  expect(report.checks.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
});

// The examples in docs are files that run: this runs them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { withoutProgress } from './support/command-line';
import { startServer } from './support/server';
import { textOf } from './support/sources';

/** Runs an example against a server of its own, once or oftener, and gives what it printed the last time. */
async function printedBy(example: string, { times = 1 } = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const server = await startServer(folder);
  try {
    let out = '';
    for (let time = 0; time < times; time++) {
      const child = spawn('sh', [`docs/examples/${example}`], { env: { ...process.env, NODE_OPTIONS: '', DATA_DIR: folder } });
      const [said, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      expect({ exit, err: withoutProgress(err).replace(/^For .*\n/gm, '') }).toEqual({ exit: 0, err: '' });
      out = said;
    }
    return out;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the first five minutes, and once more', async () => {
  const out = await printedBy('first-five-minutes.sh', { times: 2 });
  for (const line of ['422 assignment-required P001970-A or P001970-B', 'waits for P000225', '200 now waits for P000004', '200 granted']) {
    expect(out).toContain(line);
  }
  expect(out).toMatch(/RequestGranted by Roos Peters[\s\S]*The log is sound[\s\S]*equal to a replay/);
});

test('an organisation by hand, corrected, and drawn as of a day', async () => {
  const lines = (await printedBy('by-hand.sh')).split('\n');
  expect(lines.filter((line) => line.startsWith('Ward 7'))).toEqual([
    'Ward 7 (ward-7): Ward Manager (head-7): Ola Berg',
    'Ward 7 (ward-7): Ward Manager (head-7): Pia Cruz',
    'Ward 7, Surgery (ward-7): Ward Manager (head-7): Pia Cruz',
  ]);
  const managers = lines.filter((line) => /^ *managers/.test(line)).map((line) => /"name":"([^"]+)"/.exec(line)?.[1]);
  expect(managers.slice(-2)).toEqual(['Ola Berg', 'Pia Cruz']);
});

test('the README says the commands that the example runs', () => {
  const commands = textOf('docs/examples/first-five-minutes.sh').match(
    /countersign (?:verify|replay --check|token --for xenia\.nolen1970)/g,
  )!;
  expect(commands).toHaveLength(3);
  for (const command of commands) expect(textOf('README.md')).toContain(`npm run -s countersign -- ${command.replace('countersign ', '')}`);
});

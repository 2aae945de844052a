// docs/operating.md is true: its commands run, and its figures are those that a server shows.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { histories } from './golden/histories';
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { startServer } from './support/server';
import { textOf } from './support/sources';

const guide = textOf('docs/operating.md');
const example = textOf('docs/examples/backup.sh');

test('the example of a backup runs beside a server, and names one head throughout; the figures are all there', async () => {
  const [folder, backups] = [temporaryFolder(), temporaryFolder()];
  expect(await countersign(folder, 'restore', histories().at(-1)!)).toMatchObject({ exit: 0 });
  const server = await startServer(folder);
  try {
    const figures = await (await fetch(`${server.address}/metrics`)).text();
    const shown = [...figures.matchAll(/^# TYPE (countersign_\w+) /gm)].map(([, name]) => name!);
    const listed = [...guide.matchAll(/^\| `(countersign_\w+)` /gm)].map(([, name]) => name!);
    expect(listed.toSorted()).toEqual(shown.toSorted());

    const env = { ...process.env, NODE_OPTIONS: '', DATA_DIR: folder, BACKUPS: backups };
    const child = spawn('sh', ['docs/examples/backup.sh'], { env });
    const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const heads = out.match(/head [0-9a-f]{64}/g)!;
    expect(heads).toHaveLength(4);
    expect(new Set(heads).size).toBe(1);
    expect(out).toContain('All read models are equal to a replay of the log.');
  } finally {
    await server.stop();
  }
});

test('the guide names the commands that the example runs', () => {
  for (const verb of ['backup', 'verify', 'restore']) {
    expect(guide).toContain(`npm run -s countersign -- ${verb} FILE`);
    expect(example).toContain(`countersign ${verb} "$file"`);
  }
});

// What another system drops into a folder is taken over by itself, and nothing of it is lost (I3).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { startServer } from './support/server';
import { until } from './support/until';

const PEOPLE = 'idnumber,username,firstname,lastname,email\nlea,lea,Lea,Learner,lea@x.example\n=mel,mel,Mel,Manager,mel@x.example\n';
const HEADLESS = 'nothing,that,anybody,knows\n1,2,3,4\n';
let data: string;
let folder: string;
beforeEach(() => {
  data = join(temporaryFolder(), 'data');
  folder = temporaryFolder();
});

/** As a system does that wrote the file a while ago. */
function drop(name: string, rows: string): void {
  writeFileSync(join(folder, name), rows);
  const before = Date.now() / 1_000 - 60;
  utimesSync(join(folder, name), before, before);
}
async function look() {
  const { exit, out } = await countersign(data, 'import', 'drop', folder, '--preset', 'native', '--json');
  return { exit, taken: JSON.parse(out) };
}
const dropped = () => readdirSync(folder).filter((name) => name.endsWith('.csv'));

test('files that belong together are taken together, and lie in done/ with the verdict of every row', async () => {
  drop(
    'assignments.csv',
    'person_id,assignment_id,position_type,position_id,organisation_id,title,valid_from,valid_to\nlea,lea-1,substantive,,,Nurse,2026-01-01,\n',
  );
  drop('people.csv', PEOPLE);
  const { exit, taken } = await look();
  expect([exit, taken.files, taken.imported.added]).toEqual([0, ['assignments.csv', 'people.csv'], 3]);
  expect(dropped()).toEqual([]);
  expect(readdirSync(taken.folder).toSorted()).toEqual(['assignments.csv', 'people.csv', 'results.csv']);
  expect(readFileSync(join(taken.folder, 'results.csv'), 'utf8')).toContain('people.csv,2,added');
  drop('people.csv', PEOPLE);
  expect((await look()).taken.imported).toMatchObject({ added: 0, changed: 0, ended: 0, unchanged: 2 });
});

test('what cannot be read is put aside with the reason, and the next file is taken', async () => {
  drop('people.csv', HEADLESS);
  const { exit, taken } = await look();
  expect([exit, dropped()]).toEqual([1, []]);
  expect(readFileSync(join(taken.folder, 'why.txt'), 'utf8')).toContain(taken.refused.code);
  drop('people.csv', PEOPLE);
  expect((await look()).taken.imported.added).toBe(2);
});

test('a file that is still being written, and whatever is no CSV file, stays', async () => {
  writeFileSync(join(folder, 'people.csv'), PEOPLE);
  drop('README.txt', 'read me');
  mkdirSync(join(folder, 'folder.csv'));
  const { exit, taken } = await look();
  expect([exit, taken.files]).toEqual([0, []]);
  expect(readdirSync(folder).toSorted()).toEqual(['README.txt', 'folder.csv', 'people.csv']);
});

test('again and again beside a running server, until it is told to stop', async () => {
  const server = await startServer(data);
  const words = ['import', 'drop', folder, '--preset', 'native', '--every', '1'];
  const env = { PATH: process.env['PATH'], DATA_DIR: data };
  const child = spawn(process.execPath, [resolve(__dirname, '../dist/apps/cli/src/main.js'), ...words], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  for (const round of ['one', 'two']) {
    drop('people.csv', PEOPLE.replaceAll('lea', `lea-${round}`));
    await until(() => !existsSync(join(folder, 'people.csv')));
  }
  // As a terminal and npm do it together for one Ctrl-C, while it waits for the next look.
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) child.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(readdirSync(join(folder, 'done'))).toHaveLength(2);
  const { out } = await countersign(data, 'verify', '--json');
  expect(JSON.parse(out).fault).toBeUndefined();
  await server.stop();
});

test('a folder that is not there, and a look without a preset, are wrong usage', async () => {
  const { exit, err } = await countersign(data, 'import', 'drop', join(folder, 'nowhere'), '--preset', 'native');
  expect([exit, err]).toEqual([2, expect.stringContaining('cannot be read')]);
  expect((await countersign(data, 'import', 'drop', folder)).exit).toBe(2);
});

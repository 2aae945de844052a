// The embedded log among real processes: one writer at a time, and nothing that was acknowledged is lost to kill -9.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { SqliteEventLog, verifyLog } from '@app/event-log';
import { temporaryFolder } from '../support/folders';

const ROOT = resolve(__dirname, '../..');
const ROUNDS = 20;

const OPENER = `
  const { SqliteEventLog } = require(process.argv[1] + '/dist/libs/event-log/src');
  try {
    new SqliteEventLog(process.argv[2]);
    console.log('opened');
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }`;

/** Appends to eight streams at once, and tells of each acknowledgement before it goes on. */
const WRITER = `
  const { SqliteEventLog, eventId } = require(process.argv[1] + '/dist/libs/event-log/src');
  const { writeSync } = require('node:fs');
  const log = new SqliteEventLog(process.argv[2]);
  async function write(stream) {
    let revision = (await log.read(stream, { direction: 'backwards', max: 1 }))[0]?.revision ?? -1;
    for (;;) {
      const at = new Date().toISOString();
      const command = stream + '/' + (revision + 1);
      const id = eventId(command, at)(0);
      const events = [{ event: { type: 'Noted', text: 'x'.repeat(200) }, meta: { id, command, actor: 'writer', at } }];
      const receipt = await log.append(stream, revision, events);
      revision = receipt.revision;
      writeSync(1, receipt.position + ' ' + stream + ' ' + revision + ' ' + id + '\\n');
    }
  }
  for (let n = 0; n < 8; n++) write('note-' + n);`;

beforeAll(() =>
  execFileSync('./build.sh', { cwd: ROOT, env: { ...process.env, PATH: `${ROOT}/node_modules/.bin:${process.env['PATH']}` } }),
);

/** What a writer acknowledged until it was killed at a random instant. */
async function acknowledgedUntilKilled(folder: string): Promise<readonly string[]> {
  const writer = spawn(process.execPath, ['-e', WRITER, ROOT, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  writer.stdout.setEncoding('utf8').on('data', (part: string) => {
    if (text === '') setTimeout(() => writer.kill('SIGKILL'), randomInt(80));
    text += part;
  });
  const [, signal] = (await once(writer, 'close')) as [number | null, string];
  expect(signal).toBe('SIGKILL');
  return text.slice(0, text.lastIndexOf('\n')).split('\n');
}

test('a log that is open in one process is refused to another, and opens when that one is gone', async () => {
  const folder = temporaryFolder();
  const open = () => spawnSync(process.execPath, ['-e', OPENER, ROOT, folder], { encoding: 'utf8' }).stdout.trim();
  const log = new SqliteEventLog(folder);
  expect(open()).toMatch(/^LogRefused: .*log\.db is being written by another process$/);
  await log.close();
  expect(open()).toBe('opened');
});

test(`of ${ROUNDS} writers killed at random instants, every acknowledged event is in the log`, async () => {
  const folder = temporaryFolder();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await acknowledgedUntilKilled(folder)));
    expect(verifyLog(folder).fault).toBeUndefined();
  }
  const log = new SqliteEventLog(folder);
  const kept = new Set<string>();
  const stop = new AbortController();
  const { position: end } = await log.head();
  for await (const batch of log.subscribe(0, { signal: stop.signal })) {
    for (const { position, stream, revision, meta } of batch) kept.add(`${position} ${stream} ${revision} ${meta.id}`);
    if (batch.at(-1)!.position === end) stop.abort();
  }
  await log.close();
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  expect(acknowledged.filter((line) => !kept.has(line))).toEqual([]);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
});

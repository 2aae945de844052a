// A history moves from the embedded tier to the cluster and back, by the command line: the same events, hash and answers.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDbEventLog } from '@app/event-log';
import { LogFailed, Rejection, type Recorded, type Row } from '@app/kernel';
import { Runtime } from '@app/platform/runtime';
import { histories, libraries } from './golden/histories';
import { countersignWith } from './support/command-line';
import { Cluster } from './support/eventstoredb/cluster';
import { temporaryFolder } from './support/folders';
import { expected } from './support/http';
import { closeAll, found, hal, link, nora, World } from './support/mixed-hierarchies';
import { Server } from './support/server';
import { held } from './support/slow-log';

const [history] = histories().toReversed() as [string];
const closing = JSON.parse(readFileSync(history, 'utf8').trimEnd().split('\n').at(-1)!);
const proof = { events: closing.events, hash: closing.hash };
/** Nothing here needs it. */
const NO_REDIS = 'redis://127.0.0.1:1';
let cluster: Cluster;
beforeEach(async () => void (cluster = await Cluster.start(3)));
afterEach(() => {
  closeAll();
  return cluster.close();
});

async function inCluster(...words: readonly string[]) {
  const settings = { DATA_DIR: temporaryFolder(), EVENT_STORE_URL: cluster.url, REDIS_URL: NO_REDIS };
  const { exit, out } = await countersignWith(settings, ...words, '--json');
  return { exit, document: JSON.parse(out) };
}
async function embedded(folder: string, ...words: readonly string[]) {
  const { exit, out } = await countersignWith({ DATA_DIR: folder }, ...words, '--json');
  return { exit, document: JSON.parse(out) };
}

test('to the cluster and back, nothing is different', async () => {
  const [before, after] = [temporaryFolder(), temporaryFolder()];
  expect(await embedded(before, 'restore', history)).toMatchObject({ exit: 0, document: proof });
  expect(await inCluster('restore', history)).toMatchObject({ exit: 0, document: proof });
  expect(await inCluster('verify')).toEqual({ exit: 0, document: proof });
  const file = join(temporaryFolder(), 'of-the-cluster.jsonl');
  expect(await inCluster('backup', file)).toMatchObject({ exit: 0, document: proof });
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(history, 'utf8'));
  expect(await embedded(after, 'restore', file)).toMatchObject({ exit: 0, document: proof });
  expect(await embedded(after, 'verify')).toEqual(await embedded(before, 'verify'));
  const [here, there, back] = [await followed(before), await followed(temporaryFolder(), cluster.url), await followed(after)];
  expect(back).toEqual(here);
  expect(there).toEqual(here);
});

test('one run of the demo has the same read models in both tiers', async () => {
  const folder = temporaryFolder();
  const { exit, document } = await embedded(folder, 'demo');
  expect({ exit, ok: document.ok }).toEqual({ exit: 0, ok: true });
  const file = join(temporaryFolder(), 'demo.jsonl');
  expect(await embedded(document.folder, 'backup', file)).toMatchObject({ exit: 0 });
  expect(await inCluster('restore', file)).toMatchObject({ exit: 0, document: { events: document.proof.events } });
  expect(await followed(temporaryFolder(), cluster.url)).toEqual(await followed(document.folder));
});

test('what was admitted in a cluster is part of the history, and what was left open is carried out when it comes home', async () => {
  const log = new EventStoreDbEventLog(cluster.url);
  const dying = new World(
    held(log, (stream) => (stream === 'reporting-site' ? Promise.reject(new LogFailed('gone')) : undefined)),
    'among others',
  );
  await found(dying);
  for (const step of [nora, hal]) expect(await step(dying)).not.toBeInstanceOf(Rejection);
  await expect(link(dying)).rejects.toThrow('gone');
  closeAll();
  const [last] = await log.readAll({ direction: 'backwards', max: 1 });
  expect(last!.event).toMatchObject({ type: 'ChangeAdmitted', stream: 'reporting-site' });
  await log.close();
  const file = join(temporaryFolder(), 'of-the-cluster.jsonl');
  const { document: whole } = await inCluster('backup', file);
  const server = new Server();
  const { folder } = server;
  expect(await embedded(folder, 'restore', file)).toMatchObject({ exit: 0, document: { events: whole.events, hash: whole.hash } });
  expect(await followed(folder)).toEqual(await followed(temporaryFolder(), cluster.url));
  await server.start();
  expect(expected(200, await server.operator.get('/assignments/hal-1'))).toMatchObject({ managers: [{ person: 'nora' }] });
  await server.stop();
  expect(await embedded(folder, 'verify')).toMatchObject({ exit: 0 });
});

test('a restore is refused where there is something else, where the file has a fault, and where nobody answers', async () => {
  const lines = readFileSync(history, 'utf8').split('\n');
  const file = join(temporaryFolder(), 'bad.jsonl');
  writeFileSync(file, lines.with(99, lines[99]!.replace('"at":"2', '"at":"3')).join('\n'));
  expect(await inCluster('restore', file)).toMatchObject({ exit: 1, document: { code: 'bad-backup', line: 100 } });
  expect(await inCluster('verify')).toMatchObject({ document: { events: 0 } });
  await inCluster('restore', history);
  writeFileSync(file, `${JSON.stringify({ format: closing.format, events: 0, hash: '0'.repeat(64) })}\n`);
  expect(await inCluster('restore', file)).toMatchObject({ exit: 1, document: { code: 'not-empty' } });
  cluster.nemesis = () => 'error-before';
  expect(await inCluster('verify')).toMatchObject({ exit: 3, document: { code: 'unreachable' } });
});

/** What the read models hold after the whole log. Where they hold a position, it is counted: in a cluster positions are the server's. */
async function followed(folder: string, eventStore?: string) {
  const ignore = () => {};
  const cluster = eventStore === undefined ? undefined : { eventStore, redis: NO_REDIS, worker: false };
  const { log, models } = new Runtime({ folder, libraries, cluster, warn: ignore, fatal: ignore });
  const numbers = new Map<unknown, number>();
  for (let page: readonly Recorded[]; (page = await log.readAll({ after: models.position })).length > 0;) {
    for (const { position } of page) numbers.set(position, numbers.size + 1);
    models.apply(page);
  }
  const counted = (row: Row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, numbers.get(value) ?? value]));
  const rows = models.projections.map(({ name, tables }) => [name, tables.map((table) => [...models.rows(table)].map(counted))]);
  await log.close();
  models.close();
  return rows;
}

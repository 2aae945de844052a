// Backups under load, restored elsewhere: the log of the moment, whole, with the hash that the receipt names.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyLog } from '@app/event-log';
import { countersign } from '../support/command-line';
import { temporaryFolder } from '../support/folders';
import { expected, type Api, type Json } from '../support/http';
import { randomFrom, seedOf } from '../support/random';
import { Server } from '../support/server';
import { until } from '../support/until';
import { LEARNERS, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { accepted, Ledger } from './witness';

const ROUNDS = rounds(7, 100);
const WIDTH = 12;
const KILL_EVERY = 5;
/** Then begins another installation: each round reads the whole log several times. */
const ROUNDS_EACH = 20;

const random = randomFrom(seedOf());
let loaded: LoadedServer;
const found = { rounds: 0, acknowledged: 0, lost: 0, otherHash: 0, killed: 0, cutOff: 0, halfFiles: 0 };

test(`${ROUNDS} backups under load, restored elsewhere: all that was acknowledged, and the hash of the receipt (SEED=${random.seed})`, async () => {
  for (let round = 1; round <= ROUNDS; round++) {
    if (round % ROUNDS_EACH === 1) await begin();
    await oneRound(round % KILL_EVERY === 0);
  }
  console.log(JSON.stringify({ ...found, seed: random.seed }));
  expect(found).toMatchObject({ rounds: ROUNDS, lost: 0, otherHash: 0, halfFiles: 0 });
});

test('a server over a restored log answers as the first does, and adds nothing to it', async () => {
  const { server } = loaded;
  const head = await settled(server.operator);
  const file = join(temporaryFolder(), 'log.jsonl');
  await countersign(server.folder, 'backup', file);
  const other = new Server();
  expect(await countersign(other.folder, 'restore', file)).toMatchObject({ exit: 0 });
  await other.start();
  expect(await settled(other.operator)).toEqual(head);
  expect(expected(200, await other.operator.post('/audit/replay?check=true')).fresh).toEqual(
    expected(200, await server.operator.post('/audit/replay?check=true')).live,
  );
  const { items } = expected(200, await server.operator.get('/requests?limit=20'));
  const paths = items.flatMap(({ id }: Json) => [`/requests/${id}`, `/requests/${id}/history`]);
  for (const person of [LEARNERS[0]!, MANAGERS[0]!]) {
    const [here, there] = [loaded.as(person), other.anonymous.as(loaded.as(person).token)];
    for (const path of ['/me', '/requests?limit=50', ...paths]) {
      const [first, second] = [await here.get(path), await there.get(path)];
      expect({ path, status: second.status, body: bodyOf(second.body) }).toEqual({ path, status: first.status, body: bodyOf(first.body) });
    }
    const [first, second] = [await here.get('/inbox?limit=50'), await there.get('/inbox?limit=50')];
    expect(second.body.items).toEqual(first.body.items);
  }
  await other.stop();
});

async function begin(): Promise<void> {
  await loaded?.server.stop();
  loaded = new LoadedServer(random, {});
  await loaded.populate();
}

async function oneRound(kill: boolean): Promise<void> {
  const { server, load } = loaded;
  const done = load.run(WIDTH);
  await sleep(100 + random.below(200));
  const before = load.sent.filter(accepted);
  const file = join(temporaryFolder(), 'log.jsonl');
  const backup = countersign(server.folder, 'backup', file, '--json');
  if (kill) {
    await until(() => existsSync(`${file}.part`) || existsSync(file));
    await sleep(random.below(20));
    await server.kill();
  }
  const { exit, out, err } = await backup;
  load.stop();
  await done;
  if (kill) {
    await loaded.start();
    found.killed += 1;
    if (exit !== 0) found.cutOff += 1;
    if (exit !== 0 && existsSync(file)) found.halfFiles += 1;
  } else if (exit !== 0) throw new Error(`the backup failed: ${out}${err}`);
  if (exit === 0) await restoreAndCompare(file, JSON.parse(out), before);
  found.rounds += 1;
}

async function restoreAndCompare(file: string, receipt: Json, before: readonly Parameters<Ledger['timesOf']>[0][]): Promise<void> {
  const folder = join(temporaryFolder(), 'elsewhere');
  const restored = await countersign(folder, 'restore', file, '--json');
  expect(restored).toMatchObject({ exit: 0, err: '' });
  const { events, hash, fault } = verifyLog(folder);
  if (fault || hash !== receipt.hash || events !== receipt.events || JSON.parse(restored.out).hash !== hash) found.otherHash += 1;
  const ledger = new Ledger(folder);
  ledger.read();
  found.acknowledged += before.length;
  found.lost += before.filter((one) => ledger.timesOf(one) !== 1).length;
}

/** The end of the log, once all that follows from it is done. */
async function settled(operator: Api): Promise<Json> {
  let last: Json;
  await until(async () => {
    const proof = expected(200, await operator.get('/audit/proof'));
    if (proof.events === last?.events) return true;
    last = proof;
    await sleep(1_000);
    return false;
  });
  return last;
}

/** Without what each answer has of its own: a cursor is signed with the key of the installation, an instance names the request. */
function bodyOf({ next: _next, instance: _instance, ...body }: Json): Json {
  return body;
}

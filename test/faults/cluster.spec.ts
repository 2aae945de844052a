// A cluster under load whose parts are killed and frozen in turn: nothing acknowledged is lost or decided twice, everybody is told.
import { setTimeout as sleep } from 'node:timers/promises';
import { expected } from '../support/http';
import { quantile } from '../support/quantile';
import { randomFrom, seedOf } from '../support/random';
import { lostFrom } from './checkers';
import { ClusterWorld } from './cluster-world';
import { countMails } from './mail-ledger';
import { seconds } from './rounds';
import { accepted, Counted, type Sent } from './witness';

const SECONDS = seconds(20, 600);
const WIDTH = 6;
/** What was sent is answered in the end: the longest a part is away, and the time limits of the event store. */
const ANSWERED_MS_MAX = 60_000;
/** More than go out in a few seconds: who is told late would tell of too much work, and not of what was broken. */
const MAILS_DUE_MAX = 300;
/** A hand-over takes up to 6 s; with calls that meet a frozen node of the event store, 19 s were seen. */
const NOTICE_MS_MAX = 30_000;
/** Jobs of a worker that was killed or frozen come again after seconds; those that Redis forgot within half a minute. */
const STANDSTILL_MS_MAX = 60_000;

const random = randomFrom(seedOf());
let world: ClusterWorld;
beforeAll(async () => {
  world = await ClusterWorld.start(random);
});
afterAll(() => world.close());

/** Each breaks one part and mends it again. */
const FAULTS: Readonly<Record<string, (at: number) => Promise<void>>> = {
  'worker killed': async (at) => {
    const worker = world.workers[at % 2]!;
    await worker.kill();
    await sleep(2_000);
    await worker.start();
  },
  'server killed': async (at) => {
    const server = world.servers[at % 2]!;
    await server.kill();
    await sleep(500);
    await server.start();
    world.connect(server);
  },
  'Redis killed': async () => {
    await world.redis.kill();
    await sleep(1_000);
    await world.redis.start();
  },
  'node killed': async (at) => {
    await world.store.kill(at % 3);
    await sleep(1_000);
    await world.store.restart(at % 3);
  },
  'worker frozen': async (at) => {
    const worker = world.workers[(at + 1) % 2]!;
    worker.freeze();
    await sleep(6_500);
    worker.thaw();
  },
  'node frozen': async (at) => {
    await world.store.freeze((at + 1) % 3);
    await sleep(1_500);
    world.store.thaw((at + 1) % 3);
  },
};

let stopped = false;
const slow: number[] = [];

/** Sends, and sends the same again elsewhere, until it is answered for good; as fast as the mails of it go out. */
async function client(): Promise<void> {
  while (!stopped) {
    await world.fewerMailsDue(MAILS_DUE_MAX);
    for (const one of await world.load.once()) await settle(one);
    await sleep(20);
  }
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

function spreadOf(all: readonly number[]): Spread {
  const at = (part: number) => Math.round(quantile(all, part));
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

async function settle(one: Sent): Promise<void> {
  const start = performance.now();
  await world.load.settle(one, ANSWERED_MS_MAX);
  slow.push(performance.now() - start);
}

test(`${SECONDS} s of parts killed and frozen: 0 lost, 0 decided twice, every mail sent (SEED=${random.seed})`, async () => {
  const end = performance.now() + SECONDS * 1_000;
  const clients = Promise.all(Array.from({ length: WIDTH }, client));
  const faults: Record<string, number> = {};
  for (let at = 0; performance.now() < end; at++) {
    for (const [name, fault] of Object.entries(FAULTS)) {
      await Promise.race([fault(at), clients]);
      faults[name] = (faults[name] ?? 0) + 1;
      await sleep(500 + random.below(1_000));
    }
  }
  stopped = true;
  await clients;
  await world.settled(() => countMails(world.lines, world.smtp.mails).open, STANDSTILL_MS_MAX);

  const counted = new Counted();
  for (const line of world.lines) counted.take(line);
  const { sent } = world.load;
  const mails = countMails(world.lines, world.smtp.mails);
  const acknowledged = sent.filter(accepted).length;
  const [slowestMs, noticeMs] = [slow, world.noticesMs].map(spreadOf) as [Spread, Spread];
  const figures = { seed: random.seed, faults, sent: sent.length, acknowledged, events: world.lines.length, mails, slowestMs, noticeMs };
  console.log(`cluster: ${JSON.stringify(figures)}`);
  expect(lostFrom(counted, sent)).toEqual([]);
  expect([...counted.decidedTwice(), ...counted.commandsTwice(), ...counted.stuck()]).toEqual([]);
  expect(mails).toMatchObject({ open: 0, lost: 0, failed: 0 });
  expect(acknowledged).toBeGreaterThan(SECONDS);
  expect(Object.keys(faults)).toEqual(Object.keys(FAULTS));
  expect(noticeMs.most).toBeLessThan(NOTICE_MS_MAX);

  const replays = await Promise.all(
    world.servers.map(async ({ operator }) => expected(200, await operator.post('/audit/replay?check=true'))),
  );
  expect(replays.map(({ different }) => different)).toEqual([[], []]);
  expect(replays[0]).toEqual(replays[1]);
  expect(expected(200, await world.servers[0]!.operator.get('/audit/parked'))).toEqual({ items: [] });
  expect(expected(200, await world.servers[1]!.operator.get('/audit/proof'))).not.toHaveProperty('fault');
});

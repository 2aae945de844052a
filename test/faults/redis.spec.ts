// Redis dies, forgets, fills up or is set up wrongly: commands do not feel it, and every mail goes out once.
import { setTimeout as sleep } from 'node:timers/promises';
import { expected } from '../support/http';
import { randomFrom, seedOf } from '../support/random';
import { startRedis, type RedisServer } from '../support/redis';
import { Server } from '../support/server';
import { addressOf } from '../support/organisation';
import { startSmtp, type SmtpServer } from '../support/smtp';
import { until } from '../support/until';
import { MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { countMails } from './mail-ledger';
import { rounds } from './rounds';
import { together, told, Trickle, type Felt } from './trickle';

const FULL = process.env['FULL'] !== undefined;
/** For how many seconds, and how often: of too few commands the slowest says nothing. */
const OUTAGES: readonly (readonly [number, number])[] = FULL
  ? [
      [3, 20],
      [15, 4],
      [40, 2],
      [300, 1],
    ]
  : [[3, 1]];
const LOSSES = FULL ? (['flushed', 'lost'] as const) : (['lost'] as const);
const PENDING = rounds(200, 1_000);
const RESUME_MS_MAX = 25_000;
const REARM_MS_MAX = 60_000;
/** What waited for Redis goes out at the speed of the mail server, which here is this process. */
const SETTLE_MS_MAX = 180_000 + 2_000 * Math.max(...OUTAGES.map(([seconds]) => seconds));

const random = randomFrom(seedOf());
let redis: RedisServer;
let smtp: SmtpServer;
let loaded: LoadedServer;
let trickle: Trickle;
beforeAll(async () => {
  [redis, smtp] = await Promise.all([startRedis(), startSmtp()]);
  loaded = new LoadedServer(random, { REDIS_URL: redis.url, SMTP_URL: `${smtp.url}?mails-per-minute=60000` });
  await loaded.populate();
  trickle = new Trickle(random, (person) => loaded.as(person));
});
afterAll(() => Promise.all([redis.stop(), smtp.stop()]));

const email = async () => expected(200, await loaded.server.operator.get('/queues')).items[0];
const held = async () => {
  const { jobs } = await email();
  return jobs ? jobs.ready + jobs.delayed + jobs.running : 0;
};
const settled = () => until(async () => ((await email()).due.urgent + (await email()).due.usual === 0 ? true : undefined), SETTLE_MS_MAX);

/** Milliseconds until a mail comes that was not there. */
async function resumed(): Promise<number> {
  const [start, before] = [performance.now(), smtp.mails.length];
  await trickle.during(until(() => smtp.mails.length > before, RESUME_MS_MAX));
  return performance.now() - start;
}

/** So many mails that cannot be delivered yet, all of them in the queue. */
async function pending(): Promise<void> {
  for (const manager of MANAGERS) smtp.fail(addressOf(manager), { code: 451 });
  await trickle.submit(PENDING);
  await until(async () => (await held()) >= PENDING);
}

/** How long until the queue holds as many again, and until all of them are out. */
async function rearmed(): Promise<string> {
  const start = performance.now();
  await until(async () => (await held()) >= PENDING, REARM_MS_MAX);
  const armed = Math.round(performance.now() - start);
  smtp.heal();
  await settled();
  return `${PENDING} pending mails in the queue again after ${armed} ms, out after ${Math.round(performance.now() - start)} ms`;
}

test.each(OUTAGES)(
  'Redis killed and away for %d s, times %d: commands are answered, and mails resume by themselves',
  async (seconds, times) => {
    const felt: Record<'with' | 'without', Felt[]> = { with: [], without: [] };
    const resumedMs: number[] = [];
    for (let time = 0; time < times; time++) {
      felt.with.push(await trickle.during(sleep(seconds * 1_000)));
      await redis.kill();
      felt.without.push(await trickle.during(sleep(seconds * 1_000)));
      await redis.start();
      resumedMs.push(await resumed());
      await settled();
    }
    const slowest = Math.round(Math.max(...resumedMs));
    const commands = `commands with Redis ${told(together(felt.with))}, without ${told(together(felt.without))}`;
    console.log(`redis: away ${seconds} s, times ${times}: mails again after ${slowest} ms at most; ${commands}`);
    expect(slowest).toBeLessThan(RESUME_MS_MAX);
    expect(trickle.refused).toEqual([]);
  },
);

test.each(LOSSES)('the data of Redis %s with mails pending: they are in the queue again within a minute', async (how) => {
  await pending();
  if (how === 'lost') await redis.kill().then(() => redis.forget());
  await (how === 'lost' ? redis.start() : redis.flush());
  await until(async () => (await email()).jobs);
  console.log(`redis: data ${how}: ${await rearmed()}`);
});

test('FLUSHALL again and again while mails go out: none is lost, none goes out twice', async () => {
  const felt = await trickle.during(
    (async () => {
      for (let time = 0; time < 5; time++) {
        await sleep(300);
        await redis.flush();
      }
    })(),
  );
  await settled();
  console.log(`redis: five FLUSHALL under load: ${told(felt)}`);
});

test('at its maxmemory: commands are answered, the figures say so, and mails resume when there is room', async () => {
  await redis.set('maxmemory', '1mb');
  const felt = await trickle.during(sleep(3_000));
  expect((await email()).due.urgent).toBeGreaterThan(0);
  await redis.set('maxmemory', '0');
  const ms = await resumed();
  await settled();
  console.log(`redis: out of memory for 3 s: mails again after ${Math.round(ms)} ms; commands ${told(felt)}`);
  expect(trickle.refused).toEqual([]);
});

test('in the end every request is in the log, and every mail with the mail server, once', async () => {
  await loaded.server.stop();
  const count = countMails(loaded.server.folder, smtp.mails);
  console.log(`redis: ${JSON.stringify(count)}`);
  expect(count).toMatchObject({ requests: trickle.submitted.length, open: 0, lost: 0, failed: 0, twice: 0 });
  expect(count.sent).toBeGreaterThan(PENDING);
});

test('a Redis that drops keys stops the start, with the setting that is wrong', async () => {
  const careless = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
  const server = new Server({ REDIS_URL: careless.url });
  server.spawn();
  const { code, output } = await server.ended();
  expect(output).toContain('Redis has maxmemory-policy allkeys-lru, which drops jobs; set noeviction');
  expect(code).toBe(1);
  await careless.stop();
});

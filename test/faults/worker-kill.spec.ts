// kill -9 of the process that delivers, in the middle of a mail: it runs again soon, and goes out twice only under one id.
import { setTimeout as sleep } from 'node:timers/promises';
import { expected } from '../support/http';
import { addressOf } from '../support/organisation';
import { randomFrom, seedOf } from '../support/random';
import { startRedis, type RedisServer } from '../support/redis';
import { startSmtp, type SmtpServer } from '../support/smtp';
import { stopwatch } from '../support/stolen-time';
import { until } from '../support/until';
import { LEARNERS, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { countMails } from './mail-ledger';
import { rounds } from './rounds';

const ROUNDS = rounds(2, 20);
/** The promise is 10 s on a machine of one's own; the figure is printed. */
const RERUN_MS_MAX = 15_000;

let redis: RedisServer;
let smtp: SmtpServer;
let loaded: LoadedServer;
beforeAll(async () => {
  [redis, smtp] = await Promise.all([startRedis(), startSmtp()]);
  loaded = new LoadedServer(randomFrom(seedOf()), { REDIS_URL: redis.url, SMTP_URL: smtp.url });
  await loaded.populate();
});
afterAll(() => Promise.all([redis.stop(), smtp.stop()]));

/** Waits until the mail to the first manager hangs: at its recipient, or taken and not answered. */
async function hung(at: 'recipient' | 'message', round: number): Promise<void> {
  const [tries, mails] = [triesOf(), mailsTo()];
  smtp.fail(MEL, { at, delayMs: 14_000, times: 1 });
  expected(201, await loaded.as(LEARNERS[0]!).post('/requests', { kind: 'enrolment', course: `C-${round}` }));
  await until(() => (at === 'recipient' ? triesOf() > tries : mailsTo() > mails));
  await sleep(200); // The mails beside it are out by then, and recorded.
}

const MEL = addressOf(MANAGERS[0]!);
const triesOf = () => smtp.tries.get(MEL) ?? 0;
const mailsTo = () => smtp.mails.filter(({ envelopeTo }) => envelopeTo.includes(MEL)).length;
const nothingDue = async () => expected(200, await loaded.server.operator.get('/queues')).items[0].due.urgent === 0;

test(`${ROUNDS} workers killed inside a job: the mail is tried again`, async () => {
  const again: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Every other mail was taken when the worker dies, which then cannot know it.
    await hung(round % 2 === 0 ? 'message' : 'recipient', round);
    const tries = triesOf();
    await loaded.server.kill();
    const ms = stopwatch();
    await loaded.start();
    await until(() => triesOf() > tries, 3 * RERUN_MS_MAX);
    again.push(Math.round(ms()));
    await until(nothingDue);
  }
  await loaded.server.stop();
  const count = countMails(loaded.server.folder, smtp.mails);
  console.log(`worker-kill: ${ROUNDS} rounds, tried again after ${Math.max(...again)} ms at most; ${JSON.stringify(count)}`);
  expect(Math.max(...again)).toBeLessThan(RERUN_MS_MAX);
  expect(count).toMatchObject({ open: 0, lost: 0, failed: 0 });
  // SMTP has no way to ask, so what was taken goes out again, under the same id; nothing else does.
  expect(count.twice).toBe(Math.ceil(ROUNDS / 2));
});

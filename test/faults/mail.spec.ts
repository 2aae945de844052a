// A mail server that fails in every way: each mail arrives, or is given up where people see it and can retry it.
import { guarded } from '@app/notifications/circuit';
import { createBullMqQueue } from '@app/notifications/bullmq-queue';
import { countDue, undelivered } from '@app/notifications/delivery-ledger';
import { notice } from '@app/notifications/notice';
import { DeliveredWorld } from '../support/delivered-world';
import { randomFrom, seedOf } from '../support/random';
import { startRedis, type RedisServer } from '../support/redis';
import { startSmtp, type MailFault } from '../support/smtp';
import { until } from '../support/until';
import { rounds } from './rounds';

const SENDS = rounds(400, 10_000);
const SLATE = ['mel', 'alt', 'fin', 'fay'] as const;
/** Longer than the channel waits, which is 300 ms here. */
const PATIENCE_MS = 300;
const TOO_LONG_MS = 500;
const RETRY = { attemptsMax: 12, backoffMs: 20 };
const SETTLE_MS_MAX = 30_000 + SENDS * 60;

/** So many of a thousand mails meet it. What has no code is taken by the server all the same. */
const FAULTS: readonly (readonly [perMille: number, at: 'recipient' | 'message', fault: MailFault])[] = [
  [50, 'recipient', { code: 451 }],
  [20, 'recipient', { code: 421 }],
  [20, 'recipient', { hangUp: true }],
  [20, 'recipient', { delayMs: TOO_LONG_MS }],
  [50, 'recipient', { delayMs: 50 }],
  [50, 'message', { code: 451 }],
  [20, 'message', { code: 554 }],
  [20, 'message', { hangUp: true }],
  [20, 'message', { delayMs: TOO_LONG_MS }],
];

const at = new DeliveredWorld();
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
const onRedis = () => createBullMqQueue({ url: redis.url, warn: () => {} });
const channel = (server = at.smtp) => guarded(at.smtpChannel(server, PATIENCE_MS), () => performance.now());

async function order(sends: number): Promise<void> {
  for (let n = 0; n < sends / SLATE.length; n++) {
    await at.world.submit(`r${n}`);
    await at.world.ask(`r${n}`, { step: 1, slate: SLATE });
  }
}
const due = () => countDue(at.world.models, SENDS).urgent;
const settled = () => until(async () => (await at.world.settled()) && due() === 0, SETTLE_MS_MAX);
const failed = () => undelivered(at.world.models, { status: 'failed', limit: SENDS });
const sent = () =>
  at.world.models.get<{ found: number }>("select count(*) as found from deliveries where status = 'sent' and channel = 'email'")!.found;
const arrived = () => new Set(at.smtp.mails.map(({ messageId }) => messageId)).size;

test(`${SENDS} mails through faults of every kind: none is lost, and what was given up arrives when it is retried`, async () => {
  const random = randomFrom(seedOf());
  const met = new Map<string, number>();
  at.smtp.nemesis = (place) => {
    let left = random.below(1_000);
    const [, , fault] = FAULTS.filter(([, where]) => where === place).find(([perMille]) => (left -= perMille) < 0) ?? [];
    if (fault) met.set(`${place} ${JSON.stringify(fault)}`, (met.get(`${place} ${JSON.stringify(fault)}`) ?? 0) + 1);
    return fault;
  };
  at.deliver({ queue: onRedis(), channel: channel(), retry: RETRY });
  await order(SENDS);
  await settled();
  const dead = failed();
  expect(met.size).toBe(FAULTS.length);
  expect(sent() + dead.length).toBe(SENDS);
  expect(new Set(dead.map(({ reason }) => reason))).toEqual(new Set(['smtp-554']));

  at.smtp.heal();
  for (const { source, recipient } of dead) {
    const origin = { command: `retry ${source} ${recipient}`, actor: 'admin', at: '2026-11-21T12:00:00.000Z' };
    await at.world.run(notice, source, { type: 'RetryDelivery', recipient, channel: 'email' }, origin);
  }
  await settled();
  const twice = at.smtp.mails.length - arrived();
  const faults = [...met.values()].reduce((sum, times) => sum + times, 0);
  console.log(`mail: ${SENDS} sends, ${faults} faults, ${dead.length} given up and retried, ${SENDS - arrived()} lost, ${twice} twice`);
  expect(failed()).toEqual([]);
  expect(arrived()).toBe(SENDS);
});

test('a server that is gone is left alone, costs no mail, and is found again', async () => {
  const { port } = at.smtp;
  await at.smtp.stop();
  const guard = channel();
  at.deliver({ queue: onRedis(), channel: guard, retry: RETRY });
  await order(40);
  await until(() => guard.down);
  expect(due()).toBeGreaterThan(0);
  at.smtp = await startSmtp({ port });
  const back = performance.now();
  await settled();
  console.log(`mail: out ${Math.round(performance.now() - back)} ms after the server came back`);
  expect(guard.down).toBe(false);
  expect(arrived()).toBe(40);
  expect(failed()).toEqual([]);
});

test('a server whose certificate nobody knows gets nothing; the right one gets all', async () => {
  const wrong = await startSmtp({ secure: true });
  const guard = channel(wrong);
  at.deliver({ queue: onRedis(), channel: guard, retry: RETRY });
  await order(40);
  await until(() => guard.down);
  await at.deliveries.close();
  expect(wrong.mails).toEqual([]);
  expect(failed()).toEqual([]);
  at.deliver({ queue: onRedis(), channel: channel(), retry: RETRY });
  await settled();
  expect(arrived()).toBe(40);
  await wrong.stop();
});

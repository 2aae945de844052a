import { startRedis, type RedisServer } from '../../../test/support/redis';
import { startSmtp, type SmtpServer } from '../../../test/support/smtp';
import { addressOf, openWorld, type World } from '../../../test/support/notified-world';
import { until } from '../../../test/support/until';
import { createBullMqQueue } from './bullmq-queue';
import { jobOf } from './deliver';
import { ledgerOf } from './delivery-ledger';
import { createInProcessQueue } from './in-process-queue';
import type { JobQueue } from './job-queue';
import type { MailChannel } from './mail-channel';
import { createSmtpChannel } from './smtp-channel';
import { startDeliveries, type Deliveries } from './start-deliveries';

jest.setTimeout(40_000);
let smtp: SmtpServer;
let world: World;
let deliveries: Deliveries;
const warnings: string[] = [];

beforeAll(async () => {
  smtp = await startSmtp();
});
afterAll(() => smtp.stop());
beforeEach(async () => {
  smtp.heal();
  smtp.mails.length = warnings.length = 0;
  smtp.tries.clear();
  world = await openWorld();
});
afterEach(async () => {
  await deliveries.close();
  await world.close();
});

const smtpChannel = () => createSmtpChannel({ url: smtp.url, from: 'Countersign <no-reply@hospital.example>', timeoutMs: 300 });
function deliver({
  queue = createInProcessQueue(),
  channel = smtpChannel(),
}: { queue?: JobQueue; channel?: MailChannel | null } = {}): void {
  deliveries = startDeliveries({
    ...world,
    queue,
    channel: channel ?? undefined,
    publicUrl: 'https://learn.example/',
    clock: () => '2026-11-21T11:00:00.000Z',
    warn: (message) => void warnings.push(message),
    signal: new AbortController().signal,
    reconcileEveryMs: 100,
    addAgainMs: 50,
    retry: { attemptsMax: 3, backoffMs: 20 },
  });
}
/** How every e-mail of the request ended, once each has an end. */
const ends = (request: string) =>
  until(async () => {
    await world.settled();
    const mails = ledgerOf(world.models, request).filter(({ channel }) => channel === 'email');
    return (
      mails.length > 0 &&
      mails.every(({ status }) => status !== 'due') &&
      mails.map(({ recipient, status, attempts, reason }) => `${recipient} ${status} ${attempts} ${reason}`)
    );
  }, 25_000);
const receivers = () => smtp.mails.flatMap(({ envelopeTo }) => envelopeTo).sort();
async function askMel(request: string): Promise<void> {
  await world.submit(request);
  await world.ask(request, { step: 1, slate: ['mel'] });
}
async function deny(request: string): Promise<void> {
  await askMel(request);
  await ends(request);
  await world.deny(request, 'mel');
}

test('everyone concerned gets one mail, and nobody else', async () => {
  deliver();
  await deny('r1');
  expect(await ends('r1')).toEqual(['mel sent 1 null', 'alt sent 1 null', 'lea sent 1 null', 'nat sent 1 null']);
  expect(receivers()).toEqual([addressOf('alt'), addressOf('lea'), addressOf('mel'), addressOf('nat')]);
  const toLea = smtp.mails.find(({ envelopeTo }) => envelopeTo.includes(addressOf('lea')))!;
  expect(toLea.subject).toBe('Mel Manager denied your request for enrolment in C-101');
  expect(toLea.text).toContain('Reason: “because I say so”');
  expect(toLea.text).toContain('https://learn.example/requests/r1');
});

test('a server that is busy is tried again, and the attempt is recorded (T7)', async () => {
  smtp.fail(addressOf('mel'), { code: 451, times: 2 });
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel sent 3 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a server that stays busy or silent ends the delivery as failed, with the reason; others get their mail', async () => {
  smtp.fail(addressOf('alt'), { code: 421 });
  smtp.fail(addressOf('nat'), { delayMs: 5_000 });
  deliver();
  await deny('r1');
  expect(await ends('r1')).toEqual([
    'mel sent 1 null',
    expect.stringMatching(/^alt failed 3 /),
    'lea sent 1 null',
    'nat failed 3 ETIMEDOUT',
  ]);
  expect(receivers()).toEqual([addressOf('lea'), addressOf('mel')]);
  expect(smtp.tries.get(addressOf('nat'))).toBe(3);
});

test('an address that does not exist is not tried again', async () => {
  smtp.fail(addressOf('mel'), { code: 550 });
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel failed 1 smtp-550']);
  expect(smtp.tries.get(addressOf('mel'))).toBe(1);
});

test('without an address, or with a list in its place, nothing is sent and the ledger says why', async () => {
  await world.changeAddress('mel', undefined);
  await world.changeAddress('fay', 'fay@hospital.example, eve@evil.example');
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel', 'fay', 'fin'] });
  deliver();
  expect(await ends('r1')).toEqual(['fay suppressed 0 no-address', 'fin sent 1 null', 'mel suppressed 0 no-address']);
  expect(receivers()).toEqual([addressOf('fin')]);
});

test('without a mail server every notice is in the product, and the ledger says that no mail was sent', async () => {
  deliver({ channel: null });
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel suppressed 0 no-channel']);
  expect(ledgerOf(world.models, 'r1')).toContainEqual(expect.objectContaining({ recipient: 'mel', channel: 'in-app', status: 'sent' }));
});

test('who left, lost the relation, or need not decide any more between the event and the mail is not written to', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel', 'fay'] });
  await world.reroute('r1', { step: 1, slate: ['mel', 'rob'] });
  await world.deny('r1', 'mel');
  await world.settled();
  await world.endLink('alt');
  await world.deactivate('nat');
  deliver();
  expect(await ends('r1')).toEqual([
    'fay suppressed 0 step-over',
    'mel suppressed 0 step-over',
    'fay sent 1 null',
    'rob suppressed 0 step-over',
    'alt suppressed 0 lost-relation',
    'lea sent 1 null',
    'nat suppressed 0 inactive',
    'rob sent 1 null',
  ]);
});

test('a process that ends with deliveries open goes on where it was', async () => {
  smtp.fail(addressOf('mel'), { code: 451 });
  deliver();
  await askMel('r1');
  await until(() => smtp.tries.get(addressOf('mel')));
  await deliveries.close();
  smtp.heal();
  deliver();
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a worker that dies between the mail and its record sends it once more, under the same message id (E49)', async () => {
  const whole = world;
  world = { ...world, run: () => Promise.reject(new Error('the worker died here')) };
  deliver();
  await askMel('r1');
  await until(() => smtp.mails.length === 1);
  await deliveries.close();
  world = whole;
  deliver();
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  const [first, second] = smtp.mails;
  expect(smtp.mails).toHaveLength(2);
  expect(second!.messageId).toBe(first!.messageId);
});

test('a job that comes again after the mail, or that nobody ordered, sends nothing', async () => {
  const queue = createInProcessQueue();
  deliver({ queue });
  await askMel('r1');
  await ends('r1');
  const [mel] = ledgerOf(world.models, 'r1');
  await queue.add(jobOf({ ...mel!, channel: 'email' }));
  await queue.add(jobOf({ ...mel!, recipient: 'eve', channel: 'email' }));
  await queue.add(jobOf({ source: 'never', recipient: 'mel', channel: 'email' }));
  await askMel('r2');
  await ends('r2');
  expect(receivers()).toEqual([addressOf('mel'), addressOf('mel')]);
});

test('while the log refuses, a mail that went out is not sent again and again', async () => {
  let refusals = 5;
  const { run } = world;
  world = {
    ...world,
    run: (decider, id, command, origin) =>
      command.type === 'RecordSent' && refusals-- > 0 ? Promise.reject(new Error('disk full')) : run(decider, id, command, origin),
  };
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual([expect.stringMatching(/^mel sent \d null$/)]);
  expect(refusals).toBeLessThan(0);
  expect(receivers()).toEqual([addressOf('mel')]);
});

describe('with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const onRedis = () => deliver({ queue: createBullMqQueue({ url: redis.url, warn: () => {}, addTimeoutMs: 300 }) });

  test('kill -9 of Redis: commands are answered as before, and the mails follow when it is back', async () => {
    onRedis();
    await askMel('r1');
    expect(await ends('r1')).toEqual(['mel sent 1 null']);
    await redis.kill();
    const before = performance.now();
    for (const request of ['r2', 'r3', 'r4']) await askMel(request);
    await world.deny('r4', 'mel');
    await world.settled();
    expect(performance.now() - before).toBeLessThan(1_000);
    await until(() => warnings.includes('deliveries wait for the job queue'));
    expect(receivers()).toEqual([addressOf('mel')]);
    await redis.start();
    expect(await ends('r2')).toEqual(['mel sent 1 null']);
    expect(await ends('r3')).toEqual(['mel sent 1 null']);
    expect(await ends('r4')).toEqual(['mel suppressed 0 step-over', 'alt sent 1 null', 'lea sent 1 null', 'nat sent 1 null']);
    expect(receivers()).toEqual([
      addressOf('alt'),
      addressOf('lea'),
      addressOf('mel'),
      addressOf('mel'),
      addressOf('mel'),
      addressOf('nat'),
    ]);
  });

  test('a Redis that drops jobs ends the deliveries with the reason', async () => {
    const careless = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
    deliver({ queue: createBullMqQueue({ url: careless.url, warn: () => {} }) });
    await expect(deliveries.done).rejects.toThrow('Redis has maxmemory-policy allkeys-lru, which drops jobs; set noeviction');
    await deliveries.close();
    await careless.stop();
  });

  test('a Redis that forgets everything is given again what is still due', async () => {
    smtp.fail(addressOf('mel'), { code: 451, times: 1 });
    const idle = createBullMqQueue({ url: redis.url, warn: () => {} });
    deliver({ queue: Object.assign(idle, { work: () => {} }) });
    await askMel('r1');
    await until(async () => (await world.settled()) && world.models.checkpoint('deliver') >= (await world.log.head()).position);
    await deliveries.close();
    await redis.flush();
    onRedis();
    expect(await ends('r1')).toEqual(['mel sent 2 null']);
    expect(receivers()).toEqual([addressOf('mel')]);
  });
});

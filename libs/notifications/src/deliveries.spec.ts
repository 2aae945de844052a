import { DeliveredWorld } from '../../../test/support/delivered-world';
import { addressOf } from '../../../test/support/notified-world';
import { until } from '../../../test/support/until';
import { Deliver, EMAIL, jobOf } from './deliver';
import { ledgerOf } from './delivery-ledger';
import { createInProcessQueue } from './in-process-queue';
import type { MailChannel } from './mail-channel';
import { notice } from './notice';

const at = new DeliveredWorld();
const { deliver, ends, receivers, askMel, smtpChannel } = at;
async function deny(request: string): Promise<void> {
  await askMel(request);
  await ends(request);
  await at.world.deny(request, 'mel');
}

test('everyone concerned gets one mail, and nobody else', async () => {
  deliver();
  await deny('r1');
  expect(await ends('r1')).toEqual(['mel sent 1 null', 'alt sent 1 null', 'lea sent 1 null', 'nat sent 1 null']);
  expect(receivers()).toEqual([addressOf('alt'), addressOf('lea'), addressOf('mel'), addressOf('nat')]);
  const toLea = at.smtp.mails.find(({ envelopeTo }) => envelopeTo.includes(addressOf('lea')))!;
  expect(toLea.subject).toBe('Mel Manager denied your request for enrolment in C-101');
  expect(toLea.text).toContain('Reason: “because I say so”');
  expect(toLea.text).toContain('https://learn.example/requests/r1');
});

test('a server that is busy is tried again, and the attempt is recorded (T7)', async () => {
  at.smtp.fail(addressOf('mel'), { code: 451, times: 2 });
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel sent 3 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a server that stays busy or silent ends the delivery as failed, with the reason; others get their mail', async () => {
  at.smtp.fail(addressOf('alt'), { code: 421 });
  at.smtp.fail(addressOf('nat'), { delayMs: 30_000 });
  deliver({ channel: smtpChannel(at.smtp, 1_500) });
  await deny('r1');
  expect(await ends('r1')).toEqual([
    'mel sent 1 null',
    expect.stringMatching(/^alt failed 3 /),
    'lea sent 1 null',
    'nat failed 3 ETIMEDOUT',
  ]);
  expect(receivers()).toEqual([addressOf('lea'), addressOf('mel')]);
  expect(at.smtp.tries.get(addressOf('nat'))).toBe(3);
});

test('an address that does not exist is not tried again', async () => {
  at.smtp.fail(addressOf('mel'), { code: 550 });
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel failed 1 smtp-550']);
  expect(at.smtp.tries.get(addressOf('mel'))).toBe(1);
});

test('without an address, or with a list in its place, nothing is sent and the ledger says why', async () => {
  await at.world.changeAddress('mel', undefined);
  await at.world.changeAddress('fay', 'fay@hospital.example, eve@evil.example');
  await at.world.submit('r1');
  await at.world.ask('r1', { step: 1, slate: ['mel', 'fay', 'fin'] });
  deliver();
  expect(await ends('r1')).toEqual(['fay suppressed 0 no-address', 'fin sent 1 null', 'mel suppressed 0 no-address']);
  expect(receivers()).toEqual([addressOf('fin')]);
});

test('without a mail server every notice is in the product, and the ledger says that no mail was sent', async () => {
  deliver({ channel: null });
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel suppressed 0 no-channel']);
  expect(ledgerOf(at.world.models, 'r1')).toContainEqual(expect.objectContaining({ recipient: 'mel', channel: 'in-app', status: 'sent' }));
});

test('who left, lost the relation, or need not decide any more between the event and the mail is not written to', async () => {
  await at.world.submit('r1');
  await at.world.ask('r1', { step: 1, slate: ['mel', 'fay'] });
  await at.world.reroute('r1', { step: 1, slate: ['mel', 'rob'] });
  await at.world.deny('r1', 'mel');
  await at.world.settled();
  await at.world.endLink('alt');
  await at.world.deactivate('nat');
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

test('a delivery that was given up is sent when somebody retries it, under the same message id', async () => {
  at.smtp.fail(addressOf('mel'), { code: 451, at: 'message', times: 3 });
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual(['mel failed 3 smtp-451']);
  const [mel] = ledgerOf(at.world.models, 'r1');
  const retry = { type: 'RetryDelivery', recipient: 'mel', channel: 'email' } as const;
  for (const command of ['c-a', 'c-b'])
    await at.world.run(notice, mel!.source, retry, { command, actor: 'admin', at: '2026-11-21T12:00:00.000Z' });
  await until(() => at.smtp.mails.length === 1);
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a job that comes again while it runs sends one mail', async () => {
  deliver({ queue: Object.assign(createInProcessQueue(), { work: () => {} }) });
  await askMel('r1');
  await at.world.settled();
  const mel = ledgerOf(at.world.models, 'r1').find(({ channel }) => channel === 'email');
  const clock = () => '2026-11-21T11:00:00.000Z';
  const runs = new Deliver({ ...at.world, channel: smtpChannel(), publicUrl: 'https://learn.example/', clock });
  const job = { ...jobOf(mel!), attempt: 1 };
  await Promise.all([runs.attempt(job), runs.attempt(job)]);
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a backlog stays in the log: the queue holds few jobs, who is asked comes first, and all arrive', async () => {
  for (const request of ['r1', 'r2', 'r3', 'r4']) {
    await at.world.submit(request);
    await at.world.ask(request, { step: 1, slate: ['mel'] });
    await at.world.deny(request, 'mel');
  }
  await askMel('r5');
  await at.world.settled();
  const queue = createInProcessQueue();
  const gate = Promise.withResolvers<void>();
  const channel = smtpChannel();
  const order: string[] = [];
  deliver({
    queue,
    jobsMax: 2,
    channel: {
      ...channel,
      async send(mail) {
        order.push(mail.to);
        await gate.promise;
        return channel.send(mail);
      },
    },
  });
  await until(() => order.length > 0);
  const { ready, delayed, running } = await queue.counts(EMAIL);
  expect(ready + delayed + running).toBeLessThanOrEqual(4);
  expect(order[0]).toBe(addressOf('mel'));
  gate.resolve();
  for (const request of ['r1', 'r2', 'r3', 'r4', 'r5']) await ends(request);
  expect(receivers().filter((address) => address === addressOf('lea'))).toHaveLength(4);
});

test('who is asked need not wait until whoever follows the log has passed a backlog', async () => {
  for (const request of ['r1', 'r2', 'r3']) {
    await at.world.submit(request);
    await at.world.ask(request, { step: 1, slate: ['mel'] });
    await at.world.deny(request, 'mel');
  }
  await at.world.settled();
  const gate = Promise.withResolvers<void>();
  const channel = smtpChannel();
  const order: string[] = [];
  const send: MailChannel['send'] = async (mail) => {
    order.push(mail.to);
    await gate.promise;
    return channel.send(mail);
  };
  deliver({ jobsMax: 2, follows: false, channel: { ...channel, send } });
  await until(() => order.length === 2);
  expect(order).not.toContain(addressOf('mel'));
  await askMel('r4');
  await until(() => order.includes(addressOf('mel')));
  gate.resolve();
  for (const request of ['r1', 'r2', 'r3', 'r4']) await ends(request);
});

test('a process that ends with at.deliveries open goes on where it was', async () => {
  at.smtp.fail(addressOf('mel'), { code: 451 });
  deliver();
  await askMel('r1');
  await until(() => at.smtp.tries.get(addressOf('mel')));
  await at.deliveries.close();
  at.smtp.heal();
  deliver();
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  expect(receivers()).toEqual([addressOf('mel')]);
});

test('a worker that dies between the mail and its record sends it once more, under the same message id (E49)', async () => {
  const whole = at.world;
  at.world = { ...at.world, run: () => Promise.reject(new Error('the worker died here')) };
  deliver();
  await askMel('r1');
  await until(() => at.smtp.mails.length === 1);
  await at.deliveries.close();
  at.world = whole;
  deliver();
  expect(await ends('r1')).toEqual(['mel sent 1 null']);
  const [first, second] = at.smtp.mails;
  expect(at.smtp.mails).toHaveLength(2);
  expect(second!.messageId).toBe(first!.messageId);
});

test('a job that comes again after the mail, or that nobody ordered, sends nothing', async () => {
  const queue = createInProcessQueue();
  deliver({ queue });
  await askMel('r1');
  await ends('r1');
  const [mel] = ledgerOf(at.world.models, 'r1');
  await queue.add(jobOf({ ...mel!, channel: 'email' }));
  await queue.add(jobOf({ ...mel!, recipient: 'eve', channel: 'email' }));
  await queue.add(jobOf({ ...mel!, source: 'never', channel: 'email' }));
  await askMel('r2');
  await ends('r2');
  expect(receivers()).toEqual([addressOf('mel'), addressOf('mel')]);
});

test('while the log refuses, a mail that went out is not sent again and again', async () => {
  let refusals = 5;
  const { run } = at.world;
  at.world = {
    ...at.world,
    run: (decider, id, command, origin) =>
      command.type === 'RecordSent' && refusals-- > 0 ? Promise.reject(new Error('disk full')) : run(decider, id, command, origin),
  };
  deliver();
  await askMel('r1');
  expect(await ends('r1')).toEqual([expect.stringMatching(/^mel sent \d null$/)]);
  expect(refusals).toBeLessThan(0);
  expect(receivers()).toEqual([addressOf('mel')]);
});

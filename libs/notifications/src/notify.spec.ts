import { openWorld, type World } from '../../../test/support/notified-world';
import { ledgerOf, noticesFor } from './delivery-ledger';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Who was told of the newest happening, by which rule. */
const told = async () => {
  const { event } = (await world.settled()).findLast(({ event }) => event.type === 'NoticeDue')!;
  const { template, recipients } = event as unknown as { template: string; recipients: { person: string; rule: string }[] };
  return { template, ...Object.fromEntries(recipients.map(({ person, rule }) => [person, rule])) };
};

test('who can decide is asked (T1)', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  expect(await told()).toEqual({ template: 'asked', mel: 'asked' });
});

test('when a manager passes a request on, the learner and the other managers hear who decided what; the nominee is asked (T1, T2)', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  expect(await told()).toEqual({ template: 'step-approved', lea: 'step-approved', alt: 'other-manager', nat: 'other-manager' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  expect(await told()).toEqual({ template: 'asked', fin: 'nominated' });
});

test('a denial tells the learner and the other managers, not the one who denied, and not the managers for other matters', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.deny('r1', 'mel');
  expect(await told()).toEqual({ template: 'denied', lea: 'outcome', alt: 'other-manager', nat: 'other-manager' });
});

test('the end is told to earlier deciders, to who could have decided, and to who made the request for somebody', async () => {
  await world.submit('r1', { requester: 'sec' });
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin', 'fay'], nominatedBy: 'mel' });
  await world.approve('r1', { by: 'fin' });
  expect(await told()).toEqual({
    template: 'granted',
    lea: 'outcome',
    sec: 'outcome',
    mel: 'outcome',
    alt: 'other-manager',
    nat: 'other-manager',
    fay: 'other-manager',
  });
});

test('who decided hears that it is ratified; when it is voided, the learner, who decided and who was asked hear it (N7)', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.review('r1', { type: 'RatifyDecision', by: 'rob', step: 1 });
  expect(await told()).toEqual({ template: 'ratified', mel: 'reviewed' });
  await world.submit('r2');
  await world.ask('r2', { step: 1, slate: ['mel'] });
  await world.approve('r2', { by: 'mel', nominee: 'fin' });
  await world.ask('r2', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.review('r2', { type: 'VoidDecision', by: 'rob', step: 1 });
  expect(await told()).toEqual({ template: 'voided', fin: 'released', mel: 'reviewed', lea: 'outcome' });
});

test('a withdrawal tells those who were asked then', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.withdraw('r1', 'lea');
  expect(await told()).toEqual({ template: 'withdrawn', fin: 'withdrawn' });
});

test('a withdrawal before anybody was asked tells nobody', async () => {
  await world.submit('r1');
  await world.withdraw('r1', 'lea');
  expect((await world.settled()).filter(({ event }) => event.type === 'NoticeDue')).toEqual([]);
});

test('when the job of a request has ended and it is cancelled, who was asked, who decided and whose it is hear of it (E11)', async () => {
  await world.submit('r1', { requester: 'sec' });
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.cancel('r1');
  expect(await told()).toEqual({ template: 'cancelled', fin: 'withdrawn', lea: 'outcome', sec: 'outcome', mel: 'outcome' });
});

test('when the job of a request has ended, the learner hears it; when it moves, whoever did not move it, and who decided (E11)', async () => {
  await world.submit('r1', { requester: 'sec' });
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.reportJobEnded('r1');
  expect(await told()).toEqual({ template: 'job-ended', lea: 'waiting', sec: 'waiting' });
  await world.move('r1', 'sec');
  expect(await told()).toEqual({ template: 'moved', lea: 'outcome', mel: 'outcome' });
});

test('once a request has moved, the managers of its other job hear of it and those of the first one no longer (T2, E11)', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['fin'] });
  await world.move('r1', 'lea');
  await world.deny('r1', 'fin');
  expect(await told()).toEqual({ template: 'denied', lea: 'outcome' });
});

test('when the slate changes, the new ones are asked and the old ones are told', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.reroute('r1', { step: 1, slate: ['fay'] });
  expect(await told()).toEqual({ template: 'slate-changed', fay: 'asked', mel: 'released' });
});

test('when nobody can be asked, the learner hears that the request waits', async () => {
  await world.submit('r1');
  await world.nobody('r1', 1);
  expect(await told()).toEqual({ template: 'nobody-to-ask', lea: 'waiting' });
});

test('a manager whose link has ended is not told', async () => {
  await world.endLink('alt');
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.deny('r1', 'mel');
  expect(await told()).toEqual({ template: 'denied', lea: 'outcome', nat: 'other-manager' });
});

test('every notice is in the list in the product, the newest first and in pages, and in the ledger', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.approve('r1', { by: 'mel', nominee: 'fin' });
  await world.ask('r1', { step: 2, slate: ['fin'], nominatedBy: 'mel' });
  await world.deny('r1', 'fin');
  await world.settled();
  const mine = noticesFor(world.models, 'lea', { limit: 10 });
  expect(mine.map(({ request, template, facts }) => ({ request, template, by: facts.by }))).toEqual([
    { request: 'r1', template: 'denied', by: 'fin' },
    { request: 'r1', template: 'step-approved', by: 'mel' },
  ]);
  expect(noticesFor(world.models, 'lea', { limit: 1 })).toEqual([mine[0]]);
  expect(noticesFor(world.models, 'lea', { limit: 1, after: mine[0]!.position })).toEqual([mine[1]]);
  const ledger = ledgerOf(world.models, 'r1');
  expect(ledger).toContainEqual(
    expect.objectContaining({ recipient: 'lea', channel: 'in-app', rule: 'outcome', status: 'sent', attempts: 1 }),
  );
  expect(ledger).toContainEqual(
    expect.objectContaining({ recipient: 'lea', channel: 'email', rule: 'outcome', status: 'due', attempts: 0 }),
  );
});

test('nothing that says something of a person is in the recorded notices, only ids', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.deny('r1', 'mel');
  const recorded = JSON.stringify((await world.settled()).filter(({ stream }) => stream.startsWith('notice-')));
  expect(recorded).toContain('"lea"');
  expect(recorded).not.toMatch(/Lea|Learner|@|because I say so/);
});

test('taking the whole log again tells nobody twice', async () => {
  await world.submit('r1');
  await world.ask('r1', { step: 1, slate: ['mel'] });
  await world.deny('r1', 'mel');
  const before = await world.settled();
  await world.notifyAgain();
  expect(await world.settled()).toEqual(before);
});

// A command whose events guards are about: it waits for its turn, and what they say is held to the latest state.
import { eventId, MemoryEventLog } from '@app/event-log';
import { createRunCommand, NO_STREAM, reject, RevisionConflict, type Admit, type Decider, type EventLog, type Origin } from '.';

const purse: Decider<number, { type: 'Deposit' }, { type: 'Deposited' }> = {
  name: 'purse',
  initial: 0,
  events: { Deposited: {} },
  decide: () => [{ type: 'Deposited' }],
  evolve: (count) => count + 1,
};
const DEPOSIT = { type: 'Deposit' } as const;
const from = (command: string): Origin => ({ command, actor: 'ann', at: '2026-11-01T08:00:00.000Z' });

const told: (number | undefined)[] = [];
const over = (position?: number) => void told.push(position);
let log: MemoryEventLog;
const guarded = (...answers: Admit[]) => createRunCommand({ log, eventId, admit: (...asked) => answers.shift()!(...asked) });
beforeEach(() => {
  log = new MemoryEventLog();
  told.length = 0;
});

test('is told where to what was decided, waits for its turn, and tells when it is over', async () => {
  const turn = Promise.withResolvers<typeof over>();
  const asked: unknown[] = [];
  const answer = guarded((stream, expected, batch) => {
    asked.push(stream, expected, batch[0]!.event);
    return turn.promise;
  })(purse, 'p', DEPOSIT, from('c1'));
  expect(await Promise.race([answer, new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe('waits');
  expect(asked).toEqual(['purse-p', NO_STREAM, { type: 'Deposited' }]);
  turn.resolve(over);
  expect(await answer).toMatchObject({ position: 1 });
  expect(told).toEqual([1]);
});

test('what comes of it when the append fails is told too', async () => {
  const append: EventLog['append'] = () => Promise.reject(new Error('disk full'));
  const failing: EventLog = new Proxy(log, {
    get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)),
  });
  const run = createRunCommand({ log: failing, eventId, admit: () => over });
  await expect(run(purse, 'p', DEPOSIT, from('c1'))).rejects.toThrow('disk full');
  expect(told).toEqual([undefined]);
});

test('whoever was overtaken while he waited decides again, and more often than in an open race', async () => {
  const there = createRunCommand({ log, eventId });
  let overtaken = 0;
  const run = createRunCommand({
    log,
    eventId,
    admit: async (stream, expected) => {
      if (overtaken++ === 10) return over;
      await there(purse, 'p', DEPOSIT, from(`other ${overtaken}`));
      throw new RevisionConflict(stream, expected, expected + 1);
    },
  });
  expect(await run(purse, 'p', DEPOSIT, from('c2'))).toMatchObject({ revision: 10 });
});

test('the "no" of a guard stands only on the latest state, however often others were first', async () => {
  const there = createRunCommand({ log, eventId });
  let overtaken = 0;
  const run = createRunCommand({
    log,
    eventId,
    admit: async () => {
      if (overtaken === 5) return over;
      await there(purse, 'p', DEPOSIT, from(`other ${++overtaken}`));
      return reject('conflict', 'guarded');
    },
  });
  expect(await run(purse, 'p', DEPOSIT, from('c1'))).toMatchObject({ revision: 5 });
  const refusing = createRunCommand({ log, eventId, admit: () => reject('conflict', 'guarded') });
  await expect(refusing(purse, 'p', DEPOSIT, from('c2'))).rejects.toMatchObject({ code: 'guarded' });
});

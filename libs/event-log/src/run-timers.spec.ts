import { createRunCommand, type Decider, type Saga } from '@app/kernel';
import { eventId, fireDueTimers, MemoryEventLog, ReadModels, timersOf } from './index';

type Promised = { type: 'Promised'; by: string };
const promise: Decider<null, { type: 'Promise'; by: string }, Promised> = {
  name: 'promise',
  initial: null,
  events: { Promised: { by: 'text' } },
  decide: ({ by }) => [{ type: 'Promised', by }],
  evolve: () => null,
};
const reminder: Decider<boolean, { type: 'Remind' }, { type: 'Reminded' }> = {
  name: 'reminder',
  initial: false,
  events: { Reminded: {} },
  decide: (_command, reminded) => (reminded ? [] : [{ type: 'Reminded' }]),
  evolve: () => true,
};
let broken = false;
const saga: Saga<Promised> = {
  name: 'reminding',
  on: {},
  timers: {
    on: { Promised: ({ by }) => [{ key: 'only', dueAt: by }] },
    due: () => {
      if (broken) throw new Error('broken');
      return [{ decider: reminder, id: 'only', command: { type: 'Remind' } }];
    },
  },
};

const log = new MemoryEventLog();
const models = new ReadModels(':memory:', [timersOf([saga])]);
const run = createRunCommand({ log, eventId });
const warnings: string[] = [];
const tick = (now: string) =>
  fireDueTimers({ models, sagas: [saga], run, clock: () => now, warn: (message) => void warnings.push(message) });
let commands = 0;
async function promised(by: string) {
  await run(promise, 'p', { type: 'Promise', by }, { command: `c${++commands}`, actor: 'suite', at: '2026-01-01T00:00:00.000Z' });
  models.apply(await log.readAll());
}
const reminders = async () => (await log.read('reminder-only')).length;

test('a timer fires once when the clock has passed it, and a moved one on its new day', async () => {
  await promised('2026-02-01T00:00:00.000Z');
  expect(await tick('2026-01-31T23:59:59.999Z')).toBe(0);
  await promised('2026-03-01T00:00:00.000Z');
  expect(await tick('2026-02-01T00:00:00.000Z')).toBe(0);
  broken = true;
  expect(await tick('2026-03-01T00:00:00.000Z')).toBe(0);
  expect([await reminders(), warnings]).toEqual([0, ['timer not fired']]);
  broken = false;
  expect(await tick('2026-03-01T00:00:01.000Z')).toBe(1);
  expect(await tick('2026-03-01T00:00:02.000Z')).toBe(0);
  expect(await reminders()).toBe(1);
});

test('a rebuild repeats no reminder', async () => {
  const again = new ReadModels(':memory:', [timersOf([saga])]);
  again.apply(await log.readAll());
  const fired = await fireDueTimers({ models: again, sagas: [saga], run, clock: () => '2026-03-02T00:00:00.000Z', warn: () => {} });
  expect([fired, await reminders()]).toEqual([1, 1]);
});

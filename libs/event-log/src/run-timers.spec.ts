import { createRunCommand, daysIn, type Decider, type Saga } from '@app/kernel';
import { until } from '../../../test/support/until';
import { eventId, fireDueTimers, lookInNewZone, MemoryEventLog, ReadModels, runTimers, timersOf } from './index';

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
      return [[{ decider: reminder, id: 'only', command: { type: 'Remind' } }]];
    },
  },
};

const log = new MemoryEventLog();
const models = new ReadModels(':memory:', [timersOf([saga])]);
const run = createRunCommand({ log, eventId });
const warnings: string[] = [];
const tick = (now: string) =>
  fireDueTimers({ models, sagas: [saga], run, clock: () => now, warn: (message) => void warnings.push(message) });
const NOON = '2026-11-21T12:00:00.000Z';
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

describe('a timer for a day', () => {
  /** Everything anew, for a site in the zone: sets timers, and says on which days the saga was asked at each tick. */
  function site(zone: string, together?: true) {
    const asked: string[] = [];
    const timers: Saga<Promised>['timers'] = {
      on: { Promised: ({ by }) => by.split(' ').map((day) => ({ key: day, dueAt: day })) },
      ...(together && { together }),
      *due({ dueAt }, _views, { on }) {
        asked.push(`${dueAt} on ${on}`);
        yield [];
      },
    };
    const sagas = [{ name: 'looking', on: {}, timers } as Saga<Promised>];
    const ours = { log: new MemoryEventLog(), models: new ReadModels(':memory:', [timersOf(sagas, zone)]) };
    const runHere = createRunCommand({ log: ours.log, eventId });
    return {
      ...ours,
      set: async (by: string, at: string) => {
        await runHere(promise, 'p', { type: 'Promise', by }, { command: `c${++commands}`, actor: 'suite', at });
        ours.models.apply(await ours.log.readAll({ after: ours.models.position }));
      },
      tick: async (now: string) => {
        asked.length = 0;
        const warn = (message: string, facts: object) => expect([message, facts]).toBeUndefined();
        await fireDueTimers({ models: ours.models, sagas, run: runHere, clock: () => now, dayOf: daysIn(zone), warn });
        return [...asked];
      },
    };
  }
  const LONG_BEFORE = '2011-01-01T12:00:00.000Z';

  test.each([
    ['UTC', '2026-03-29', '2026-03-28T23:59:59.999Z', '2026-03-29T00:00:00.000Z'],
    ['Europe/Berlin, the night in which summer time begins', '2026-03-29', '2026-03-28T22:59:59.999Z', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin, the night after', '2026-03-30', '2026-03-29T21:59:59.999Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin, the night in which it ends', '2026-10-25', '2026-10-24T21:59:59.999Z', '2026-10-24T22:00:00.000Z'],
    ['Europe/Berlin, the night after', '2026-10-26', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00.000Z'],
    ['Africa/Cairo, a day without midnight', '2026-04-24', '2026-04-23T21:59:59.999Z', '2026-04-23T22:00:00.000Z'],
    ['Pacific/Apia, a day that is left out', '2011-12-30', '2011-12-30T09:59:59.999Z', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Kiritimati, far ahead of UTC', '2026-11-22', '2026-11-21T09:59:59.999Z', '2026-11-21T10:00:00.000Z'],
    ['Pacific/Pago_Pago, far behind UTC', '2026-11-22', '2026-11-22T10:59:59.999Z', '2026-11-22T11:00:00.000Z'],
  ])('fires once, in the first moment of the day (%s)', async (place, day, before, first) => {
    const { set, tick } = site(place.split(',')[0]!);
    await set(day, LONG_BEFORE);
    expect(await tick(before)).toEqual([]);
    expect(await tick(first)).toEqual([expect.stringMatching(`^${day} on `)]);
    expect(await tick(first)).toEqual([]);
  });
  test('is none when the day has begun where the organisation is', async () => {
    const { set, tick } = site('Europe/Berlin');
    await set('2026-11-22', '2026-11-21T23:00:00.000Z');
    await set('2026-11-23', '2026-11-21T23:00:00.000Z');
    expect(await tick('2026-12-01T00:00:00.000Z')).toEqual(['2026-11-23 on 2026-12-01']);
  });
  test('set again by another event after it fired in a process whose clock was ahead fires again', async () => {
    const { set, tick } = site('UTC');
    await set('2026-11-22', '2026-11-21T10:00:00.000Z');
    expect(await tick('2026-11-22T00:00:00.000Z')).toHaveLength(1);
    await set('2026-11-22', '2026-11-21T23:59:59.000Z');
    expect(await tick('2026-11-22T00:00:01.000Z')).toHaveLength(1);
    expect(await tick('2026-11-22T00:00:02.000Z')).toEqual([]);
  });
  test('that went by with others while nothing ran is one with them where one answer is enough', async () => {
    const days = '2026-11-22 2026-11-23 2026-11-24';
    const [each, together] = [site('UTC'), site('UTC', true)];
    for (const one of [each, together]) await one.set(days, LONG_BEFORE);
    expect(await each.tick('2026-11-23T08:00:00.000Z')).toEqual(['2026-11-22 on 2026-11-23', '2026-11-23 on 2026-11-23']);
    expect(await together.tick('2026-11-23T08:00:00.000Z')).toEqual(['2026-11-23 on 2026-11-23']);
    expect(await together.tick('2026-11-23T08:00:01.000Z')).toEqual([]);
    expect(await together.tick('2026-11-24T00:00:00.000Z')).toEqual(['2026-11-24 on 2026-11-24']);
  });
});

test('where days begin in another zone everything is looked at once; what fails is told, and is tried by the next start', async () => {
  let [looks, fails] = [0, false];
  const timers: Saga<Promised>['timers'] = {
    on: {},
    together: true,
    *due() {
      if (fails) throw new Error('broken');
      looks++;
      yield [];
    },
  };
  const told: string[] = [];
  const warn = (message: string) => void told.push(message);
  const parts = { models: new ReadModels(':memory:', []), sagas: [{ name: 'looking', on: {}, timers }], run, clock: () => NOON, warn };
  for (const zone of ['UTC', 'UTC', 'Europe/Berlin', 'Europe/Berlin', 'UTC']) await lookInNewZone(parts, zone);
  expect([looks, told]).toEqual([3, []]);
  fails = true;
  await lookInNewZone(parts, 'Asia/Tokyo');
  fails = false;
  await lookInNewZone(parts, 'Asia/Tokyo');
  expect([looks, told]).toEqual([4, ['timer not fired']]);
});

test('on a full disk timers wait for room, and nothing that was taken is lost', async () => {
  const ours = { log: new MemoryEventLog(), models: new ReadModels(':memory:', [timersOf([saga])]) };
  const runHere = createRunCommand({ log: ours.log, eventId });
  const at = '2026-01-01T00:00:00.000Z';
  await runHere(promise, 'p', { type: 'Promise', by: '2026-02-01T00:00:00.000Z' }, { command: 'c', actor: 'suite', at });
  ours.models.run('pragma max_page_count = 1'); // No page more than there are.
  ours.models.apply(await ours.log.readAll());
  const stop = new AbortController();
  const fired = async () => (await ours.log.read('reminder-only')).length;
  const parts = { models: ours.models, sagas: [saga], run: runHere, clock: () => NOON, warn: () => {} };
  const running = runTimers(parts, { zone: 'UTC', shown: Promise.resolve(), signal: stop.signal });
  await new Promise(setImmediate);
  expect([ours.models.position, ours.models.all('select key from timers')]).toEqual([1, [{ key: 'only' }]]);
  ours.models.run('pragma max_page_count = 1000000');
  await until(async () => (await fired()) === 1);
  await until(() => ours.models.get("select 1 as yes from sqlite_schema where name = 'timers_zone'"));
  stop.abort();
  await running;
  expect(await fireDueTimers(parts)).toBe(0);
  ours.models.close();
});

// Turns of what guards are about: who waits for whom, what a look that takes long holds up, and what a failure does to others.
import { setImmediate } from 'node:timers/promises';
import { Admissions, MemoryEventLog, ReadModels } from '@app/event-log';
import { LogFailed, NO_STREAM, reject, type Asked, type EventLog, type Guard, type Library, type NewEvent, type Over } from '@app/kernel';
import { admission } from './admission';

const batch = (type: string): readonly NewEvent[] => [
  { event: { type }, meta: { id: `${type}-${++ids}`, command: 'c', actor: 'suite', at: '2026-01-01T00:00:00.000Z' } },
];
let ids = 0;
const models = new ReadModels(':memory:', [{ name: 'none', schema: 'create table none (x text) strict', tables: ['none'], on: {} }]);
afterAll(() => models.close());
const guardedBy = (check: (asked: Asked) => ReturnType<Guard['check']>): readonly Library[] => [
  { deciders: [], projections: [], sagas: [], guards: [{ on: ['Guarded', 'Looked', 'Broken'], check }] },
];
const isOver = async (admitted: Promise<unknown>) => {
  let over = false;
  void admitted.finally(() => (over = true));
  for (let turns = 0; turns < 50; turns++) await setImmediate();
  return over;
};

test('what no guard is about goes on at once', () => {
  const admit = admission(
    models,
    guardedBy(() => undefined),
  );
  expect(admit('s-1', NO_STREAM, batch('Free'))).toBeUndefined();
  expect(admit('s-2', NO_STREAM, batch('Guarded'))).toBeInstanceOf(Function);
});

test('a look begins when what passed before is decided, and what is guarded waits until it is done', async () => {
  let [done, looking] = [false, false];
  function* look(): Generator<void, void> {
    looking = true;
    while (!done) yield;
  }
  const admit = admission(
    models,
    guardedBy(({ own }) => (own[0]!.type === 'Looked' ? look() : undefined)),
  );
  const over = admit('s-2', NO_STREAM, batch('Guarded')) as Over;
  const [looked, guarded] = [admit('s-3', NO_STREAM, batch('Looked')), admit('s-4', NO_STREAM, batch('Guarded'))] as Promise<Over>[];
  expect([await isOver(looked!), looking]).toEqual([false, false]);
  over();
  expect([await isOver(looked!), looking]).toEqual([false, true]);
  expect(await isOver(guarded!)).toBe(false);
  expect(admit('s-1', NO_STREAM, batch('Free'))).toBeUndefined();
  done = true;
  expect(await looked).toBeInstanceOf(Function);
  expect(await guarded).toBeInstanceOf(Function);
});

test('a check that breaks, or says no, ends its own change alone', async () => {
  const check = ({ own, beside, settled }: Asked) => {
    if (own[0]!.type === 'Broken') throw new Error('a bug');
    if (own[0]!.type === 'Looked') reject('conflict', 'not-so');
    if (beside.length > 0) settled();
    return undefined;
  };
  const admit = admission(models, guardedBy(check));
  expect(() => admit('s-1', NO_STREAM, batch('Broken'))).toThrow('a bug');
  const over = admit('s-1', NO_STREAM, batch('Guarded')) as Over;
  const waiting = ['Guarded', 'Broken', 'Looked', 'Guarded'].map((type, at) => admit(`s-${at}`, NO_STREAM, batch(type)) as Promise<Over>);
  over();
  const first = await waiting[0]!;
  first();
  const answers = await Promise.allSettled(waiting);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
});

describe('among others', () => {
  const shownAtOnce = () => Promise.resolve();
  const through = (log: EventLog, append: EventLog['append']): EventLog =>
    new Proxy(log, { get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)) });

  test('whoever is overtaken time and again is told that others go on, and leaves nothing', async () => {
    const log = new MemoryEventLog();
    const others = new Admissions({ log, shown: shownAtOnce });
    let tries = 0;
    const overtaken = through(log, async (stream, expected, events) => {
      if (stream === 'admission-site') {
        others.doubt();
        await others.catchUp();
        await others.admit([{ stream: `other-${++tries}`, expected: NO_STREAM, batch: batch('Guarded') }]);
      }
      return log.append(stream, expected, events);
    });
    const admit = admission(
      models,
      guardedBy(() => undefined),
      new Admissions({ log: overtaken, shown: shownAtOnce }),
    );
    await expect(admit('s-1', NO_STREAM, batch('Guarded'))).rejects.toMatchObject({ code: 'busy', facts: { detail: expect.any(String) } });
    expect(tries).toBe(40);
    expect((await log.read('admission-site')).filter(({ event }) => (event as { stream?: string }).stream === 's-1')).toEqual([]);
  });

  test('while the log does not answer all who wait are told so, and later ones have their turns', async () => {
    const log = new MemoryEventLog();
    let away = true;
    const append: EventLog['append'] = (...appended) => (away ? Promise.reject(new LogFailed('away')) : log.append(...appended));
    const admit = admission(
      models,
      guardedBy(() => undefined),
      new Admissions({ log: through(log, append), shown: shownAtOnce }),
    );
    const waiting = [1, 2].map((n) => admit(`s-${n}`, NO_STREAM, batch('Guarded')));
    for (const one of waiting) await expect(one).rejects.toThrow('away');
    away = false;
    expect(await admit('s-1', NO_STREAM, batch('Guarded'))).toBeInstanceOf(Function);
  });
});

// A log between which and its callers time passes: each call and each answer is on its way for some turns of the event loop.
import { setImmediate } from 'node:timers/promises';
import { LogFailed, LogFull, type EventLog } from '@app/kernel';
import type { Random } from './random';

const TURNS_MAX = 8;

export function slow(log: EventLog, random: Random): EventLog {
  const pass = async () => {
    for (let turns = random.below(TURNS_MAX); turns > 0; turns--) await setImmediate();
  };
  const onItsWay = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await pass();
    try {
      return await call();
    } finally {
      await pass();
    }
  };
  return {
    append: (...append) => onItsWay(() => log.append(...append)),
    read: (...page) => onItsWay(() => log.read(...page)),
    readAll: (page) => onItsWay(() => log.readAll(page)),
    async *subscribe(after, options) {
      for await (const batch of log.subscribe(after, options)) {
        await pass();
        yield batch;
      }
    },
    head: () => onItsWay(() => log.head()),
    close: () => log.close(),
  };
}

/** What a log does to an append that fails: one in eight does, while it is not `off`. */
export type Failing = 'off' | 'before it is kept' | 'before or after';

export function failing(log: EventLog, random: Random, how: () => Failing): EventLog {
  const append: EventLog['append'] = async (...appended) => {
    const fails = how() !== 'off' && random.below(8) === 0;
    if (fails && (how() === 'before it is kept' || random.below(2) === 0)) throw new LogFull();
    const receipt = await log.append(...appended);
    if (fails) throw new LogFailed('the answer was lost');
    return receipt;
  };
  return withOwn(log, { append });
}

/** A log to which an append is on its way for as long as somebody says, or fails. */
export function held(log: EventLog, before: (stream: string) => Promise<void> | undefined): EventLog {
  const append: EventLog['append'] = async (stream, ...rest) => {
    await before(stream);
    return log.append(stream, ...rest);
  };
  return withOwn(log, { append });
}

/** A log of which what is read of a stream is on its way for as long as somebody says. */
export function tardy(log: EventLog, after: (stream: string) => Promise<void> | undefined): EventLog {
  const read: EventLog['read'] = async (stream, page) => {
    const found = await log.read(stream, page);
    await after(stream);
    return found;
  };
  return withOwn(log, { read });
}

/** A log of which a follower hears nothing after the position until it is time. */
export function lagging(log: EventLog, position: number, time: Promise<void>): EventLog {
  const subscribe: EventLog['subscribe'] = async function* (after, options) {
    for await (const batch of log.subscribe(after, options)) {
      if (batch.at(-1)!.position > position) await time;
      yield batch;
    }
  };
  return withOwn(log, { subscribe });
}

/** The log, but for some of its ways. */
function withOwn(log: EventLog, own: Partial<EventLog>): EventLog {
  return new Proxy(log, { get: (target, name) => Reflect.get(own, name) ?? Reflect.get(target, name).bind(target) });
}

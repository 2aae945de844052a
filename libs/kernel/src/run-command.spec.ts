import { eventId, MemoryEventLog } from '@app/event-log';
import { createRunCommand, NO_STREAM, reject, RevisionConflict, type Decider, type EventLog, type Origin, type Saga, type Views } from '.';

type Command = { type: 'Deposit'; amount: number } | { type: 'Withdraw'; amount: number } | { type: 'Thank' };
type Event = { type: 'Deposited'; amount: number } | { type: 'Withdrawn'; amount: number } | { type: 'Thanked' };

const purse: Decider<number, Command, Event> = {
  name: 'purse',
  initial: 0,
  events: { Deposited: { amount: 'number' }, Withdrawn: { amount: 'number' }, Thanked: {} },
  decide(command, balance) {
    switch (command.type) {
      case 'Deposit':
        return command.amount === 0 ? [] : [{ type: 'Deposited', amount: command.amount }];
      case 'Withdraw':
        if (command.amount > balance) reject('conflict', 'purse-too-light', { balance });
        return [{ type: 'Withdrawn', amount: command.amount }];
      case 'Thank':
        return [{ type: 'Thanked' }];
    }
  },
  evolve(balance, event) {
    switch (event.type) {
      case 'Deposited':
        return balance + event.amount;
      case 'Withdrawn':
        return balance - event.amount;
      case 'Thanked':
        return balance;
    }
  },
};

const deposit = (amount: number) => ({ type: 'Deposit', amount }) as const;
const withdraw = (amount: number) => ({ type: 'Withdraw', amount }) as const;
const from = (command: string, more: Partial<Origin> = {}): Origin => ({ command, actor: 'ann', at: '2026-11-01T08:00:00.000Z', ...more });
const noViews: Views = { get: () => undefined, all: () => [] };

/** A log of which some calls go wrong first. */
function troubled(log: EventLog, append: EventLog['append']): EventLog {
  return new Proxy(log, { get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)) });
}

describe('runCommand (P3)', () => {
  let log: MemoryEventLog;
  let run: ReturnType<typeof createRunCommand>;
  beforeEach(() => {
    log = new MemoryEventLog();
    run = createRunCommand({ log, eventId });
  });

  test('records what was decided, and says where', async () => {
    const outcome = await run(purse, 'p', deposit(5), from('c1', { correlation: 'k', causation: 'e', onBehalfOf: 'bob' }));
    expect(outcome).toEqual({ stream: 'purse-p', revision: 0, position: 1, events: [{ type: 'Deposited', amount: 5 }] });
    const [recorded] = await log.read('purse-p');
    expect(recorded!.meta).toEqual({
      id: eventId('c1', '2026-11-01T08:00:00.000Z', 'purse-p')(0),
      command: 'c1',
      actor: 'ann',
      onBehalfOf: 'bob',
      at: '2026-11-01T08:00:00.000Z',
      correlation: 'k',
      causation: 'e',
    });
  });

  test('a command that asks for what is so records nothing and answers where the stream is', async () => {
    expect(await run(purse, 'p', deposit(0), from('c1'))).toEqual({ stream: 'purse-p', revision: NO_STREAM, position: 0, events: [] });
    await run(purse, 'p', deposit(5), from('c2'));
    expect(await run(purse, 'p', deposit(0), from('c3'))).toMatchObject({ revision: 0, position: 1, events: [] });
  });

  test('a rejection records nothing', async () => {
    await expect(run(purse, 'p', withdraw(1), from('c1'))).rejects.toMatchObject({ code: 'purse-too-light', facts: { balance: 0 } });
    expect(await log.read('purse-p')).toEqual([]);
  });

  test.each(['at once', 'one after the other', 'after a restart'])('the same command id %s is one command', async (when) => {
    const again = () => run(purse, 'p', deposit(5), from('c1'));
    const first = again();
    if (when !== 'at once') await first;
    if (when === 'after a restart') run = createRunCommand({ log, eventId });
    const answers = await Promise.all([first, again(), again()]);
    for (const answer of answers) expect(answer).toMatchObject({ stream: 'purse-p', revision: 0, position: 1 });
    expect(await log.read('purse-p')).toHaveLength(1);
  });

  test('the same idempotency key with another body is refused', async () => {
    await run(purse, 'p', deposit(5), from('c1', { body: 'digest-1' }));
    await expect(run(purse, 'p', deposit(6), from('c1', { body: 'digest-2' }))).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    expect(await run(purse, 'p', deposit(5), from('c1', { body: 'digest-1' }))).toMatchObject({ revision: 0 });
    expect(await log.read('purse-p')).toHaveLength(1);
  });

  test('the same idempotency key with another body is refused in another stream too, once it is known there', async () => {
    const bodies = new Map<string, string>();
    run = createRunCommand({ log, eventId, bodyOf: (command) => bodies.get(command) });
    await run(purse, 'p', deposit(5), from('c1', { body: 'digest-1' }));
    bodies.set('c1', 'digest-1');
    await expect(run(purse, 'q', deposit(5), from('c1', { body: 'digest-2' }))).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    expect(await run(purse, 'p', deposit(5), from('c1', { body: 'digest-1' }))).toMatchObject({ revision: 0, events: [] });
    expect(await log.readAll()).toHaveLength(1);
  });

  test('one key to two streams in the same millisecond gives each event an id of its own', async () => {
    await Promise.all([run(purse, 'p', deposit(5), from('c1')), run(purse, 'q', deposit(5), from('c1'))]);
    const ids = (await log.readAll()).map(({ meta }) => meta.id);
    expect(new Set(ids).size).toBe(2);
  });

  test('commands to one stream at once take their turns: each sees the one before', async () => {
    await run(purse, 'p', deposit(3), from('c0'));
    const all = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => run(purse, 'p', withdraw(1), from(`c${n}`))));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });

  test('If-Match lets through what the caller saw, and refuses what moved on', async () => {
    await run(purse, 'p', deposit(5), from('c1'), NO_STREAM);
    await run(purse, 'p', deposit(5), from('c2'), 0);
    await expect(run(purse, 'p', deposit(5), from('c3'), 0)).rejects.toMatchObject({ code: 'stale-revision', facts: { revision: 1 } });
    expect(await log.read('purse-p')).toHaveLength(2);
  });

  test('the rules speak before If-Match, so that the loser of a race hears who won', async () => {
    await run(purse, 'p', deposit(5), from('c1'));
    await run(purse, 'p', withdraw(5), from('c2'));
    await expect(run(purse, 'p', withdraw(5), from('c3'), 0)).rejects.toMatchObject({ code: 'purse-too-light' });
  });

  test('an event that its schema does not name never reaches the log', async () => {
    const leaky = { ...purse, decide: (command: Command) => [{ ...command, type: 'Thanked' } as never] };
    await expect(run(leaky, 'p', deposit(5), from('c1'))).rejects.toThrow('Thanked.amount is not in the schema');
    expect(await log.readAll()).toEqual([]);
  });
});

describe('runCommand beside another writer', () => {
  let log: MemoryEventLog;
  let here: ReturnType<typeof createRunCommand>;
  let there: ReturnType<typeof createRunCommand>;
  beforeEach(async () => {
    log = new MemoryEventLog();
    here = createRunCommand({ log, eventId });
    there = createRunCommand({ log, eventId });
    await here(purse, 'p', deposit(5), from('c1'));
  });

  test('a lost race is decided again on what is there now', async () => {
    await there(purse, 'p', withdraw(4), from('c2'));
    await expect(here(purse, 'p', withdraw(4), from('c3'))).rejects.toMatchObject({ code: 'purse-too-light', facts: { balance: 1 } });
    expect(await here(purse, 'p', withdraw(1), from('c4'))).toMatchObject({ revision: 2 });
  });

  test('a rejection or an empty answer is never given from a state that is out of date', async () => {
    await there(purse, 'p', deposit(10), from('c2'));
    expect(await here(purse, 'p', withdraw(15), from('c3'))).toMatchObject({ revision: 2 });
    await there(purse, 'p', deposit(1), from('c4'));
    expect(await here(purse, 'p', deposit(0), from('c5'))).toMatchObject({ revision: 3, position: 4 });
  });

  test('the same command at two writers is one command', async () => {
    const answers = await Promise.all([here(purse, 'p', deposit(1), from('c2')), there(purse, 'p', deposit(1), from('c2'))]);
    for (const answer of answers) expect(answer).toMatchObject({ revision: 1, position: 2 });
    expect(await log.read('purse-p')).toHaveLength(2);
  });

  test('after three lost races the caller hears `busy`, and nothing is recorded', async () => {
    let tries = 0;
    const lost = troubled(log, async (stream, expected) => {
      tries += 1;
      throw new RevisionConflict(stream, expected, expected + 1);
    });
    await expect(createRunCommand({ log: lost, eventId })(purse, 'p', deposit(1), from('c2'))).rejects.toMatchObject({ code: 'busy' });
    expect(tries).toBe(3);
    expect(await log.read('purse-p')).toHaveLength(1);
  });

  test('a failure of the log rises, leaves nothing, and the next command works', async () => {
    let failures = 1;
    const run = createRunCommand({
      eventId,
      log: troubled(log, (...append) => {
        if (failures-- > 0) throw new Error('disk full');
        return log.append(...append);
      }),
    });
    await expect(run(purse, 'p', deposit(7), from('c2'))).rejects.toThrow('disk full');
    expect(await run(purse, 'p', withdraw(5), from('c3'))).toMatchObject({ revision: 1 });
    await expect(run(purse, 'p', withdraw(1), from('c4'))).rejects.toMatchObject({ code: 'purse-too-light' });
  });
});

describe('runCommand with streams that begin and end', () => {
  /** Whoever deposits opens the purse, which is over as soon as it is empty. */
  const shortLived: typeof purse = {
    ...purse,
    begins: ['Deposit'],
    isOver: (balance) => balance === 0,
    decide: (command, balance) => (command.type === 'Deposit' && balance > 0 ? reject('conflict', 'open') : purse.decide(command, balance)),
  };
  let log: MemoryEventLog;
  let reads: number;
  let restarted: () => ReturnType<typeof createRunCommand>;
  beforeEach(() => {
    log = new MemoryEventLog();
    reads = 0;
    const read: EventLog['read'] = (...page) => {
      reads += 1;
      return log.read(...page);
    };
    const counted: EventLog = new Proxy(log, { get: (target, name) => (name === 'read' ? read : Reflect.get(target, name).bind(target)) });
    restarted = () => createRunCommand({ log: counted, eventId });
  });

  test('a command that begins a stream takes no look at it, and decides anew where it is there', async () => {
    await restarted()(shortLived, 'p', deposit(5), from('c1'));
    expect(reads).toBe(0);
    await expect(restarted()(shortLived, 'p', deposit(5), from('c2'))).rejects.toMatchObject({ code: 'open' });
    expect(await restarted()(shortLived, 'p', deposit(5), from('c1', { at: '2026-11-01T09:00:00.000Z' }))).toMatchObject({ revision: 0 });
    expect(await log.read('purse-p')).toHaveLength(1);
  });

  test('what is over is not kept, and looked for when somebody asks after all', async () => {
    const run = restarted();
    await run(shortLived, 'p', deposit(5), from('c1'));
    await run(shortLived, 'p', withdraw(5), from('c2'));
    expect(reads).toBe(0);
    await expect(run(shortLived, 'p', withdraw(1), from('c3'))).rejects.toMatchObject({ code: 'purse-too-light', facts: { balance: 0 } });
    expect(reads).toBeGreaterThan(0);
    expect(await run(shortLived, 'p', deposit(1), from('c4'))).toMatchObject({ revision: 2 });
  });
});

describe('runCommand with a saga of the same stream', () => {
  const thanks: Saga<Event> = {
    name: 'thanks',
    sameStream: true,
    on: { Deposited: (_event, { stream }) => [{ decider: purse, id: stream.slice('purse-'.length), command: { type: 'Thank' } }] },
  };
  let log: MemoryEventLog;
  let appends: number;
  let run: ReturnType<typeof createRunCommand>;
  beforeEach(() => {
    log = new MemoryEventLog();
    appends = 0;
    const counted = troubled(log, (...append) => {
      appends += 1;
      return log.append(...append);
    });
    run = createRunCommand({ log: counted, eventId, sagas: [thanks], views: noViews });
  });

  test('records its command in the same append, caused by the event', async () => {
    const outcome = await run(purse, 'p', deposit(5), from('c1'));
    expect(outcome).toMatchObject({ revision: 1, events: [{ type: 'Deposited' }, { type: 'Thanked' }] });
    expect(appends).toBe(1);
    const [deposited, thanked] = await log.read('purse-p');
    expect(thanked!.meta).toMatchObject({ actor: 'thanks', causation: deposited!.meta.id, correlation: 'c1' });
  });

  test('the follower that comes later finds its command answered', async () => {
    await run(purse, 'p', deposit(5), from('c1'));
    const [deposited, thanked] = await log.read('purse-p');
    const late = from(`${deposited!.meta.id}/thanks/0`, { actor: 'thanks' });
    expect(thanked!.meta.command).toBe(late.command);
    expect(await run(purse, 'p', { type: 'Thank' }, late)).toMatchObject({ revision: 1, events: [] });
    expect(await log.read('purse-p')).toHaveLength(2);
  });

  test('a rule that refuses the saga lets the command stand', async () => {
    const greedy: Saga<Event> = { ...thanks, on: { Deposited: () => [{ decider: purse, id: 'p', command: withdraw(100) }] } };
    run = createRunCommand({ log, eventId, sagas: [greedy], views: noViews });
    expect(await run(purse, 'p', deposit(5), from('c1'))).toMatchObject({ revision: 0 });
  });

  test('a saga that breaks takes nothing with it but its own command, and says so', async () => {
    const broken: Saga<Event> = {
      ...thanks,
      on: {
        Deposited: () => {
          throw new Error('broken saga');
        },
      },
    };
    run = createRunCommand({ log, eventId, sagas: [broken], views: noViews });
    await expect(run(purse, 'p', deposit(5), from('c1'))).rejects.toThrow('broken saga');
    expect(await log.readAll()).toEqual([]);
  });

  test('the same command again answers the first receipt', async () => {
    const { revision, position } = await run(purse, 'p', deposit(5), from('c1'));
    expect(await run(purse, 'p', deposit(5), from('c1'))).toMatchObject({ revision, position });
  });
});

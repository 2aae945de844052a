import {
  createRunCommand,
  LogFailed,
  LogFull,
  reject,
  type Decider,
  type Origin,
  type Projection,
  type RunCommand,
  type Saga,
  type Send,
} from '@app/kernel';
import { eventId, followWithReadModels, followWithSaga, MemoryEventLog, patient, ReadModels, type Parked, type SagaBook } from '.';

type Asked = { type: 'Asked'; n: number };
type Answered = { type: 'Answered'; n: number };

const question: Decider<number, { type: 'Ask'; n: number }, Asked> = {
  name: 'question',
  initial: 0,
  events: { Asked: { n: 'number' } },
  decide: ({ n }) => [{ type: 'Asked', n }],
  evolve: (count) => count + 1,
};
const answer: Decider<readonly number[], { type: 'Answer'; n: number }, Answered> = {
  name: 'answer',
  initial: [],
  events: { Answered: { n: 'number' } },
  decide({ n }, given) {
    if (n < 0) reject('conflict', 'no-answer');
    return given.includes(n) ? [] : [{ type: 'Answered', n }];
  },
  evolve: (given, { n }) => [...given, n],
};
const asked: Projection<Asked> = {
  name: 'asked',
  schema: 'create table asked (n integer primary key) strict',
  tables: ['asked'],
  on: { Asked: (tables, { n }) => tables.run('insert or replace into asked values (?)', n) },
};
const send = (n: number): Send => {
  const command = { type: 'Answer', n } as const;
  return { decider: answer, id: 'all', command };
};
const answering: Saga<Asked> = { name: 'answering', on: { Asked: ({ n }) => [send(n)] } };

describe('a follower', () => {
  let log: MemoryEventLog;
  let models: ReadModels;
  let run: RunCommand;
  let stop: AbortController;
  let warnings: string[];
  let following: Promise<void>[];
  beforeEach(() => {
    log = new MemoryEventLog();
    models = new ReadModels(':memory:', [asked]);
    run = createRunCommand({ log, eventId });
    stop = new AbortController();
    warnings = [];
    following = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(following);
    models.close();
  });

  const parts = (more: { run?: RunCommand; book?: SagaBook } = {}) => {
    const warn = (message: string, facts: object) => void warnings.push(`${message}: ${JSON.stringify(facts)}`);
    return { log, models, run, signal: stop.signal, warn, ...more };
  };
  const origin = (command: string): Origin => ({ command, actor: 'ann', at: '2026-11-01T08:00:00.000Z' });
  const ask = (id: string, n: number) => run(question, id, { type: 'Ask', n }, origin(`ask-${id}-${n}`));
  const answers = async () => (await log.read('answer-all')).map(({ event }) => (event as Answered).n);

  /** Follows until the saga has taken all that is in the log now. */
  async function followAll(saga: Saga<Asked>, more: { run?: RunCommand; book?: SagaBook } = {}): Promise<void> {
    const { position } = await log.head();
    following.push(followWithReadModels(log, models, stop.signal), followWithSaga(saga, parts(more)));
    while (models.checkpoint(saga.name) < position) await new Promise(setImmediate);
  }

  test('of read models takes what is there and what comes, and ends by the signal', async () => {
    await ask('a', 1);
    following.push(followWithReadModels(log, models, stop.signal));
    await ask('a', 2);
    await models.reached(2);
    expect(models.all('select n from asked')).toEqual([{ n: 1 }, { n: 2 }]);
    stop.abort();
    await Promise.all(following);
  });

  test('of read models waits for room on a full disk, and parks nothing', async () => {
    models.run('pragma max_page_count = 1'); // No page more than there are.
    for (let n = 0; n < 1_000; n++) await ask('a', n);
    following.push(followWithReadModels(log, models, stop.signal));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([models.full, models.position, models.parked()]).toEqual([true, 0, []]);
    models.run('pragma max_page_count = 1000000');
    await models.reached(1_000);
    expect([models.full, models.get('select count(*) as rows from asked')]).toEqual([false, { rows: 1_000 }]);
  });

  test('with a saga answers each event once, with a command that names its cause', async () => {
    const { stream } = await ask('a', 1);
    await followAll(answering);
    const [cause] = await log.read(stream);
    const [effect] = await log.read('answer-all');
    expect(effect!.meta).toMatchObject({
      actor: 'answering',
      causation: cause!.meta.id,
      correlation: 'ask-a-1',
      command: `${cause!.meta.id}/answering/0`,
    });
  });

  test('with a saga sees the read models as of its event, or later', async () => {
    await ask('a', 1);
    const seen: unknown[] = [];
    await followAll({
      ...answering,
      on: { Asked: ({ n }, _happened, views) => (seen.push(views.get('select n from asked where n = ?', n)), []) },
    });
    expect(seen).toEqual([{ n: 1 }]);
  });

  test('with a saga that starts again before its checkpoint repeats without harm', async () => {
    for (const n of [1, 2, 3]) await ask('a', n);
    await followAll(answering);
    stop.abort();
    await Promise.all(following.splice(0));
    models.close();
    models = new ReadModels(':memory:', [asked]);
    stop = new AbortController();
    run = createRunCommand({ log, eventId });
    await followAll(answering);
    expect(await answers()).toEqual([1, 2, 3]);
  });

  test('with a saga tells of a command that a rule refused, and goes on', async () => {
    await ask('a', -1);
    await ask('a', 2);
    await followAll(answering);
    expect(await answers()).toEqual([2]);
    expect(warnings).toEqual([expect.stringContaining('"code":"no-answer"')]);
    expect(models.parked()).toEqual([]);
  });

  test('with a saga parks an event after three tries; its stream waits, all others go on', async () => {
    let tries = 0;
    const broken: Saga<Asked> = {
      ...answering,
      on: {
        Asked: ({ n }) => {
          if (n !== 1) return [send(n)];
          tries += 1;
          throw new Error('no idea');
        },
      },
    };
    for (const [id, n] of Object.entries({ a: 1, b: 2 })) await ask(id, n);
    await ask('a', 3);
    await ask('b', 4);
    await followAll(broken);
    expect(tries).toBe(3);
    expect(await answers()).toEqual([2, 4]);
    expect(models.parked()).toEqual([
      { follower: 'answering', stream: 'question-a', position: 1, reason: 'Error: no idea' },
      { follower: 'answering', stream: 'question-a', position: 3, reason: expect.stringContaining('waits') },
    ]);
    expect(warnings).toHaveLength(2);
  });

  test('with a saga takes up again after a fault that passes', async () => {
    let faults = 2;
    const flaky: RunCommand = (...command) => (faults-- > 0 ? Promise.reject(new Error('passing')) : run(...command));
    await ask('a', 1);
    await followAll(answering, { run: flaky });
    expect([await answers(), models.parked()]).toEqual([[1], []]);
  });

  test('with a saga waits for room on a full disk with what it has to say', async () => {
    let tries = 0;
    const full: RunCommand = (...command) => (++tries === 1 ? Promise.reject(new LogFull()) : run(...command));
    await ask('a', 1);
    await followAll(answering, { run: patient(full, stop.signal) });
    expect([tries, await answers(), models.parked()]).toEqual([2, [1], []]);
  });

  test('with a saga never takes a lost race for an answer: it parks what stays busy', async () => {
    await ask('a', 1);
    await followAll(answering, { run: () => reject('conflict', 'busy') });
    expect(models.parked()).toMatchObject([{ position: 1, reason: expect.stringContaining('busy') }]);
  });

  test('with a saga waits for room on a full disk with what it has to park', async () => {
    await ask('a', 1);
    let tries = 0;
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
    const book = Object.create(models, {
      park: {
        value: (parked: Parked) => {
          if (++tries === 1) throw full;
          models.park(parked);
        },
      },
    });
    await followAll(answering, { run: () => reject('conflict', 'busy'), book });
    expect([tries, models.parked()]).toMatchObject([2, [{ position: 1 }]]);
  });

  test('with a saga parks nothing when the log fails, but ends and leaves its checkpoint', async () => {
    await ask('a', 1);
    following.push(followWithReadModels(log, models, stop.signal));
    const failing = followWithSaga(answering, parts({ run: () => Promise.reject(new LogFailed('disk full')) }));
    await expect(failing).rejects.toThrow('disk full');
    expect([models.parked(), models.checkpoint('answering')]).toEqual([[], 0]);
  });

  test('with a saga ends by the signal even while the read models lag', async () => {
    await ask('a', 1);
    const saga = followWithSaga(answering, parts());
    const readModels = followWithReadModels(new MemoryEventLog(), models, stop.signal);
    await new Promise(setImmediate);
    stop.abort();
    await Promise.all([saga, readModels]);
    expect(models.checkpoint('answering')).toBe(0);
  });
});

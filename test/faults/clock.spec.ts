// Clocks jump and differ between processes: a deadline comes once, never before its time by the log, and the order is the log's.
import { eventId, fireDueTimers, MemoryEventLog, ReadModels, timersOf } from '@app/event-log';
import { createRunCommand, partsOf, type Decider, type Projection, type Saga } from '@app/kernel';
import { randomFrom, seedOf } from '../support/random';
import { rounds } from './rounds';

const JUMPS = rounds(100, 1_000);
const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
/** How far the clocks of the two processes may be apart from the true time. */
const SKEW_MS = 5 * MINUTE_MS;
/** Forth and back, over summer time too: local clocks move, the log's do not. */
const JUMPS_MS = [HOUR_MS, -HOUR_MS, 365 * DAY_MS, -365 * DAY_MS, 0];
const random = randomFrom(seedOf());

type Promised = { type: 'Promised'; by: string };
const promise: Decider<null, { type: 'Promise'; by: string }, Promised> = {
  name: 'promise',
  initial: null,
  events: { Promised: { by: 'text' } },
  decide: ({ by }) => [{ type: 'Promised', by }],
  evolve: () => null,
};
/** It does not look whether it was reminded before: the timers alone have to see to it. */
const reminder: Decider<null, { type: 'Remind'; of: string }, { type: 'Reminded'; of: string }> = {
  name: 'reminder',
  initial: null,
  events: { Reminded: { of: 'text' } },
  decide: ({ of }) => [{ type: 'Reminded', of }],
  evolve: () => null,
};
const reminding: Saga<Promised> = {
  name: 'reminding',
  on: {},
  timers: {
    on: { Promised: ({ by }) => [{ key: by, dueAt: by }] },
    due: ({ key }) => [[{ decider: reminder, id: 'all', command: { type: 'Remind', of: key } }]],
  },
};
/** The place of each event in the order in which it was taken. */
const order: Projection<Promised | { type: 'Reminded'; of: string }> = {
  name: 'order',
  schema: 'create table taken (place integer primary key autoincrement, position integer not null) strict',
  tables: ['taken'],
  on: { Promised: take, Reminded: take },
};
function take(tables: { run(sql: string, position: number): void }, _event: unknown, { position }: { position: number }): void {
  tables.run('insert into taken (position) values (?)', position);
}

/** One process: its own clock, read models and door to the common log. */
class Worker {
  readonly models = new ReadModels(':memory:', [timersOf([reminding]), order]);
  readonly run = createRunCommand({ log, eventId });
  offsetMs = random.below(2 * SKEW_MS) - SKEW_MS;

  now(): string {
    return new Date(trueMs + this.offsetMs).toISOString();
  }

  async tick(): Promise<void> {
    this.models.apply(await log.readAll({ after: this.models.position }));
    const warn = (message: string) => void warnings.push(message);
    while ((await fireDueTimers({ models: this.models, sagas: [reminding], run: this.run, clock: () => this.now(), warn })) > 0);
  }
}

const log = new MemoryEventLog();
const warnings: string[] = [];
/** An hour before summer time begins in Europe. */
let trueMs = Date.parse('2026-03-29T00:00:00.000Z');

test(`${JUMPS} jumps of two clocks that differ: 0 early, 0 twice, 0 late by more than a tick (SEED=${random.seed})`, async () => {
  const workers = [new Worker(), new Worker()] as const;
  const early: string[] = [];
  const late: string[] = [];
  let commands = 0;
  for (let jump = 0; jump < JUMPS; jump++) {
    const worker = random.of(workers);
    const by = new Date(trueMs + random.below(3 * HOUR_MS) + commands).toISOString();
    await worker.run(promise, `p${++commands}`, { type: 'Promise', by }, { command: `c${commands}`, actor: 'suite', at: worker.now() });
    random.of(workers).offsetMs = random.of(JUMPS_MS) + random.below(2 * SKEW_MS) - SKEW_MS;
    trueMs += random.below(HOUR_MS);
    const before = new Set(await remindersOf());
    await Promise.all(workers.map((one) => one.tick()));
    // By then each process whose clock is past a deadline has had a tick.
    const latest = workers
      .map((one) => one.now())
      .toSorted()
      .at(-1)!;
    const reminded = new Set(await remindersOf());
    early.push(...[...reminded.difference(before)].filter((by) => by > latest));
    for (const { by } of await promises()) if (by <= latest && !reminded.has(by)) late.push(by);
  }
  const all = await log.read('reminder-all', { max: 10_000 });
  early.push(...all.filter(({ event, meta }) => meta.at < (event as unknown as { of: string }).of).map(({ stream }) => stream));
  const twice = all.length - new Set(await remindersOf()).size;
  const figures = { jumps: JUMPS, promises: commands, reminded: all.length, early: early.length, twice, late: late.length };
  console.log(`clocks: ${JSON.stringify({ ...figures, seed: random.seed })}`);
  expect({ early, twice, late, warnings }).toEqual({ early: [], twice: 0, late: [], warnings: [] });
  expect(all.length).toBeGreaterThan(JUMPS / 2);
  for (const worker of workers) await requireOrder(worker);
});

/** What was taken stands in the order of positions, and the log's own clock never goes back. */
async function requireOrder({ models }: Worker): Promise<void> {
  models.apply(await log.readAll({ after: models.position }));
  const taken = models.all<{ position: number }>('select position from taken order by place').map(({ position }) => position);
  const recorded = await whole();
  expect(taken).toEqual(recorded.map(({ position }) => position));
  const instants = recorded.map(({ meta }) => meta.at);
  expect(instants).toEqual(instants.toSorted());
}

async function whole() {
  const all = [];
  for (let page = await log.readAll(); page.length > 0; page = await log.readAll({ after: page.at(-1)!.position })) all.push(...page);
  return all;
}

async function promises(): Promise<readonly Promised[]> {
  return (await whole()).filter(({ stream }) => partsOf(stream).decider === 'promise').map(({ event }) => event as Promised);
}

async function remindersOf(): Promise<readonly string[]> {
  return (await whole())
    .filter(({ stream }) => partsOf(stream).decider === 'reminder')
    .map(({ event }) => (event as unknown as { of: string }).of);
}

// Two replicas that would close a loop together, over an event store that fails in every way: each command is repeated until it is
// answered, through either of them, and never do both come.
import { EventStoreDbEventLog } from '@app/event-log';
import { LogFailed, Rejection, type Outcome } from '@app/kernel';
import { everybody, finished, loopsAbove } from '@app/organisation';
import { Cluster } from '../support/eventstoredb/cluster';
import { seededNemesis } from '../support/eventstoredb/faults';
import { CLOSED, closeAll, found, World, type Closed, type Step } from '../support/mixed-hierarchies';
import { randomFrom, seedOf } from '../support/random';
import { rounds } from './rounds';

const RACES = rounds(12, 300);
const TIMES = { tryMs: 200, giveUpMs: 300, watchMs: 200 };
/** So many of a thousand calls go wrong. */
const PER_MILLE = { append: 400, read: 150, subscribe: 200 };
const random = randomFrom(seedOf());
const LOOPS = Object.values(CLOSED).filter((one): one is Closed & { readonly back: Step } => one.back !== undefined);

let cluster: Cluster;
beforeEach(async () => void (cluster = await Cluster.start(3)));
afterEach(async () => {
  closeAll();
  await cluster.close();
});

test(`${RACES} races under faults: one of the two comes, once (SEED=${random.seed})`, async () => {
  const seen = { repeated: 0, admitted: 0, faults: 0, won: [0, 0] };
  for (let race = 0; race < RACES; race++) {
    const logs = [new EventStoreDbEventLog(cluster.url, TIMES), new EventStoreDbEventLog(cluster.url, TIMES)];
    const worlds = logs.map((log) => new World(log, 'among others'));
    const { before, back, last } = random.of(LOOPS);
    // A busy machine alone can keep the store from answering in so short a time.
    const insist = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
      for (;;) {
        try {
          return await ask();
        } catch (error) {
          if (!(error instanceof LogFailed)) throw error;
          seen.repeated += 1;
        }
      }
    };
    const repeat = (step: Step, key: string): Promise<Outcome | Rejection> => insist(() => random.of(worlds).as(key, step));
    await insist(() => found(worlds[0]!));
    for (const [nth, step] of before.entries()) expect(await repeat(step, `before ${race} ${nth}`)).not.toBeInstanceOf(Rejection);
    cluster.nemesis = seededNemesis(random, PER_MILLE);
    const answers = await Promise.all([repeat(back, `back ${race}`), repeat(last, `last ${race}`)]);
    cluster.nemesis = () => undefined;
    expect(answers.filter((answer) => answer instanceof Rejection)).toMatchObject([{ code: 'manager-loop' }]);
    seen.won[answers[0] instanceof Rejection ? 1 : 0]! += 1;
    const events = await insist(() => logs[0]!.readAll());
    const of = (key: string) => events.filter(({ stream, meta }) => stream !== 'admission-site' && meta.command === key).length;
    expect(of(`back ${race}`) + of(`last ${race}`)).toBe(1);
    seen.admitted += events.filter(({ event }) => event.type === 'ChangeAdmitted').length;
    for (const world of worlds) {
      await insist(() => world.show());
      expect(finished(loopsAbove(world.models, everybody(world.models)))).toEqual([]);
    }
    closeAll();
    await Promise.all(logs.map((log) => log.close()));
    for (const count of cluster.faults.values()) seen.faults += count;
    await cluster.close();
    cluster = await Cluster.start(3);
  }
  console.log(`admissions under faults: ${JSON.stringify({ ...seen, races: RACES, seed: random.seed })}`);
  expect(seen.faults).toBeGreaterThan(RACES);
  expect(RACES < 50 || Math.min(...seen.won) > 0).toBe(true);
});

// Modes chosen while everything else is changed, in one process and in several: at no position of the log has any day a loop (O7, O11).
import { MemoryEventLog } from '@app/event-log';
import { LogFailed, Rejection, type Outcome } from '@app/kernel';
import { rounds } from './faults/rounds';
import { closeAll, World } from './support/mixed-hierarchies';
import { NaiveReporting } from './support/naive-reporting';
import { randomFrom, seedOf } from './support/random';
import { DAYS, RandomChanges } from './support/random-changes';
import { failing, slow, type Failing } from './support/slow-log';

const HISTORIES = rounds(40, 600);
const WRITERS = 6;
const CHANGES_EACH = 6;
const random = randomFrom(seedOf());
afterEach(closeAll);

test.each([
  [1, 'off'],
  [1, 'before it is kept'],
  [3, 'off'],
  [3, 'before or after'],
] as const)(
  `${HISTORIES} random organisations, changed by ${WRITERS} at once in %d processes, failures %s (SEED=${random.seed})`,
  async (processes, failures) => {
    const seen = { recorded: 0, refused: 0, loops: 0, modes: 0, failed: 0 };
    let failure: Failing = 'off';
    for (let round = 0; round < HISTORIES; round++) {
      const log = new MemoryEventLog();
      const door = () =>
        slow(
          failing(log, random, () => failure),
          random,
        );
      const worlds = Array.from({ length: processes }, () => new World(door(), processes > 1 ? 'among others' : 'alone'));
      failure = 'off';
      const changes = new RandomChanges(random);
      for (const sent of changes.found()) await worlds[0]!.send(...sent);
      const began = (await log.head()).position;
      const answers: (Outcome | Rejection)[] = [];
      const write = async (world: World) => {
        for (let count = CHANGES_EACH; count > 0; count--) {
          const answer = await world.send(...changes.next()).catch(unlessFailed);
          if (answer) answers.push(answer);
          else seen.failed += 1;
        }
      };
      failure = failures;
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(worlds[writer % processes]!)));
      expect(answers.filter((answer) => answer instanceof Rejection && answer.code === 'busy')).toEqual([]);
      const facts = (await log.readAll()).filter(({ event }) => event.type !== 'ChangeAdmitted') as never as ConstructorParameters<
        typeof NaiveReporting
      >[0];
      for (const { position, event } of facts.filter((fact) => fact.position > began)) {
        const naive = new NaiveReporting(facts, position);
        for (const on of DAYS) expect({ position, on, loops: naive.loops(on) }).toEqual({ position, on, loops: [] });
        seen.recorded += 1;
        if (event.type === 'ReportingModeChosen') seen.modes += 1;
      }
      const refused = answers.filter((answer) => answer instanceof Rejection);
      seen.refused += refused.length;
      seen.loops += refused.filter(({ code }) => code === 'manager-loop').length;
      closeAll();
    }
    console.log(`mode races: ${JSON.stringify({ processes, failures, ...seen, histories: HISTORIES, seed: random.seed })}`);
    expect(Math.min(seen.modes, 10 * seen.loops)).toBeGreaterThan(HISTORIES);
  },
);

function unlessFailed(error: unknown): undefined {
  if (!(error instanceof LogFailed)) throw error;
}

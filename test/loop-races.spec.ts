// Two writers race to close a loop of managers, each knowing nothing of the other: never do both succeed.
import { eventId, SqliteEventLog } from '@app/event-log';
import { createRunCommand, Rejection, type RunCommand } from '@app/kernel';
import { reporting, SITE } from '@app/organisation';
import { rounds } from './faults/rounds';
import { temporaryFolder } from './support/folders';
import { randomFrom, seedOf } from './support/random';

const RACES = rounds(1_000, 10_000);
const random = randomFrom(seedOf());

const log = new SqliteEventLog(temporaryFolder());
/** Doors of two processes: each keeps what it has folded, and hears of the other's writes from the log alone. */
const doors = [createRunCommand({ log, eventId }), createRunCommand({ log, eventId })] as const;
afterAll(() => log.close());

let commands = 0;
const assign = (door: RunCommand, person: string, manager: string, days: object) => {
  const link = { assignment: `${person}-1`, person, manager, kind: 'direct', responsibilities: ['approval'], ...days };
  const origin = { command: `c${++commands}`, actor: 'suite', at: '2026-01-01T00:00:00.000Z' };
  return door(reporting, SITE, { type: 'AssignManager', ...link } as never, origin).catch((error: unknown) => {
    if (error instanceof Rejection) return error;
    throw error;
  });
};

test(`${RACES} races to close a loop of two to five people, today or on a later day: never both (E13, O11; SEED=${random.seed})`, async () => {
  const won = [0, 0];
  for (let race = 0; race < RACES; race++) {
    const people = Array.from({ length: 2 + random.below(4) }, (_, at) => `r${race}p${at}`);
    const cut = random.below(people.length - 1);
    const days = random.of([{}, { from: '2030-01-01' }, { from: '2020-01-01', to: '2021-01-01' }]);
    // Everybody reports to the next one already; what is missing are two links, each of which alone is fine.
    for (let at = 0; at < people.length - 1; at++) if (at !== cut) await assign(random.of(doors), people[at]!, people[at + 1]!, {});
    const [here, there] = random.below(2) === 0 ? doors : doors.toReversed();
    const closing = [() => assign(here, people[cut]!, people[cut + 1]!, days), () => assign(there, people.at(-1)!, people[0]!, days)];
    const second = random.below(2);
    const answers = await Promise.all(second ? [closing[1]!(), closing[0]!()] : [closing[0]!(), closing[1]!()]);
    const refused = answers.filter((answer) => answer instanceof Rejection);
    expect(refused).toMatchObject([{ code: 'manager-loop' }]);
    const winner = answers[0] instanceof Rejection ? 1 : 0;
    won[second ? 1 - winner : winner]! += 1;
  }
  console.log(`loop races: ${JSON.stringify({ races: RACES, won, seed: random.seed })}`);
  // A race that one side always wins would be none.
  expect(Math.min(...won)).toBeGreaterThan(RACES / 10);
});

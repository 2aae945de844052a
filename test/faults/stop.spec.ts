// SIGTERM under load, and another process in its place: whoever tries again is answered, and never hears of an error of ours.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom, seedOf } from '../support/random';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { accepted, send, type Sent } from './witness';

const ROUNDS = rounds(5, 200);
const WIDTH = 12;
const STOP_MS_MAX = 10_000;

const random = randomFrom(seedOf());
const loaded = new LoadedServer(random, {});
const { server, ledger, load } = loaded;
const found = { rounds: 0, acknowledged: 0, again: 0, errors: 0, lost: 0 };
const sent: Sent[] = [];
const stopsMs: number[] = [];

test(`${ROUNDS} times SIGTERM under load: exit 0 in time, no error to whoever tries again, nothing lost (SEED=${random.seed})`, async () => {
  await loaded.populate();
  for (let round = 0; round < ROUNDS; round++) await oneRound();
  await requireLiveness(server);
  await server.stop();
  requireSafety(server, ledger);
  found.lost = lostFrom(ledger, sent).length;
  console.log(`stop under load: ${JSON.stringify({ ...found, slowestStopMs: Math.round(Math.max(...stopsMs)), seed: random.seed })}`);
  expect(found).toMatchObject({ rounds: ROUNDS, errors: 0, lost: 0 });
  // A stop that hit nobody would prove nothing.
  expect(found.again).toBeGreaterThan(0);
});

async function oneRound(): Promise<void> {
  const done = load.run(WIDTH);
  await sleep(50 + random.below(300));
  const { code, signal, ms } = await server.stop();
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(ms).toBeLessThan(STOP_MS_MAX);
  stopsMs.push(ms);
  await done;
  await loaded.start();
  await Promise.all(load.sent.filter(isOpen).map(again));
  found.errors += load.sent.filter(isError).length;
  found.acknowledged += load.sent.filter(accepted).length;
  sent.push(...load.sent);
  found.rounds += 1;
}

/** The connection was gone, or the process said that it was stopping: as a client would, the same once more. */
async function again(one: Sent): Promise<void> {
  found.again += 1;
  one.answer = await send(one);
  if (accepted(one)) load.note(one.answer!.body);
}

function isOpen({ answer }: Sent): boolean {
  return answer === undefined || answer.status === 503;
}

/** Somebody else may have decided first; anything else is no answer to a good command. */
function isError({ answer }: Sent): boolean {
  return answer === undefined || (answer.status >= 300 && answer.status !== 409);
}

// kill -9 at random instants under load: what was acknowledged is there once, and the next start is quick.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../support/http';
import { employ, register } from '../support/organisation';
import { quantile } from '../support/quantile';
import { randomFrom, seedOf } from '../support/random';
import { Server } from '../support/server';
import { stopwatch } from '../support/stolen-time';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { FINANCE, LEARNERS, Load, MANAGERS } from './load';
import { rounds } from './rounds';
import { accepted, Ledger, send, type Sent } from './witness';

const ROUNDS = rounds(200, 1_000);
const START_MS_MAX = 2_000;
/** The host stole little of a start that had at least this part of its time. */
const CALM = 0.8;
const WIDTH = 12;
/** Time for some dozens of commands; longer finds no more. */
const LOADED_MS_MAX = 250;

const random = randomFrom(seedOf());
const server = new Server();
const tokens = new Map<string, string>();
const apis = new Map<string, Api>();
const ledger = new Ledger(server.folder);
const load = new Load(random, (actor) => apis.get(actor)!);
const starts: { readonly ms: number; readonly ownMs: number }[] = [];
const found = { rounds: 0, acknowledged: 0, unanswered: 0, recordedUnanswered: 0, lost: 0, twice: 0 };

beforeAll(async () => {
  await server.start();
  const { operator } = server;
  await register(operator, ...LEARNERS, ...MANAGERS, FINANCE);
  for (const person of LEARNERS) await employ(operator, person, { direct: MANAGERS[0], temporary: MANAGERS[1] });
  for (const person of [...LEARNERS, ...MANAGERS, FINANCE]) tokens.set(person, (await server.as(person)).token!);
});

test(`${ROUNDS} times kill -9: nothing acknowledged is lost, nothing is applied twice, the next start is quick (SEED=${random.seed})`, async () => {
  for (let round = 0; round < ROUNDS; round++) await oneRound();
  await requireLiveness(server);
  await server.stop();
  ledger.read();
  found.twice = ledger.decidedTwice().length + ledger.commandsTwice().length;
  console.log(figures());
  requireSafety(server, ledger);
  expect(found).toMatchObject({ rounds: ROUNDS, lost: 0, twice: 0 });
  expect(starts.filter(({ ownMs }) => ownMs >= START_MS_MAX)).toEqual([]);
});

async function oneRound(): Promise<void> {
  connect();
  const done = load.run(WIDTH);
  await sleep(random.below(LOADED_MS_MAX));
  load.stop();
  const { signal } = await server.kill();
  expect(signal).toBe('SIGKILL');
  await done;
  ledger.read();
  const unanswered = load.sent.filter(({ answer }) => answer === undefined);
  found.lost += lostFrom(ledger, load.sent).length;
  found.acknowledged += load.sent.filter(accepted).length;
  found.unanswered += unanswered.length;
  found.recordedUnanswered += unanswered.filter((one) => ledger.timesOf(one) > 0).length;
  // Now and then it dies while it starts, too.
  if (random.below(10) === 0) {
    server.spawn();
    await sleep(random.below(400));
    await server.kill();
  }
  const ownMs = stopwatch();
  const ms = await server.start();
  starts.push({ ms, ownMs: ownMs() });
  connect();
  await Promise.all(load.sent.map(again));
  found.rounds += 1;
}

/** The same key again: the first answer once more when there was one, else the command is taken now. */
async function again(sent: Sent): Promise<void> {
  const answer = await send(sent);
  if (!answer) throw new Error('the server did not answer a retry');
  if (!accepted(sent)) {
    if (sent.answer) expect(answer.status).toBe(sent.answer.status);
    else if (answer.status < 300) load.note(answer.body);
    else expect(answer.status).toBe(409); // Somebody else decided it.
    return;
  }
  expect(answer.status).toBe(sent.answer!.status);
  expect(answer.body.id).toBe(sent.answer!.body.id);
  expect(answer.body.submittedAt).toBe(sent.answer!.body.submittedAt);
  const before = sent.answer!.body.chain;
  for (const [step, { decision }] of before.entries()) if (decision) expect(answer.body.chain[step].decision).toEqual(decision);
}

/** A new process has a new port. */
function connect(): void {
  for (const [person, token] of tokens) {
    apis.get(person)?.close();
    apis.set(person, server.anonymous.as(token));
  }
}

function figures(): string {
  const ofAll = (all: readonly number[]) => [0.5, 0.95, 0.99, 1].map((part) => Math.round(quantile(all, part))).join(', ');
  const calm = starts.filter(({ ms, ownMs }) => ownMs >= CALM * ms).map(({ ms }) => ms);
  const { commands, position } = ledger;
  return [
    JSON.stringify({ ...found, seed: random.seed, commands }),
    `starts at up to ${position} events, p50, p95, p99, max: ${ofAll(starts.map(({ ms }) => ms))} ms`,
    `less what the host stole: ${ofAll(starts.map(({ ownMs }) => ownMs))} ms`,
    `${calm.length} of which it stole little: ${ofAll(calm)} ms`,
  ].join('\n');
}

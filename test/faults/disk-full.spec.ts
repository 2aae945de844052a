// No room on the disk under load: writes are refused with 507, reads go on, and all goes on by itself when there is room.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom, seedOf } from '../support/random';
import { stopwatch } from '../support/stolen-time';
import { until } from '../support/until';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { failingDisk } from './disk';
import { LEARNERS, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { accepted, send, type Sent } from './witness';

const ROUNDS = rounds(10, 200);
const ROUNDS_PER_START = 15;
const WIDTH = 8;
const RECOVERY_MS_MAX = 15_000;

const random = randomFrom(seedOf());
const signs = mkdtempSync(join(tmpdir(), 'countersign-full-'));
const sign = join(signs, 'full');
afterAll(() => rmSync(signs, { recursive: true }));
const loaded = new LoadedServer(random, { ...failingDisk(), ENOSPC_WHILE: sign });
const { server, ledger, load } = loaded;
const found = { rounds: 0, acknowledged: 0, refused: 0, lost: 0, refusedAndRecorded: 0, reads: 0, readsAnswered: 0 };
const sent: Sent[] = [];
const recoveries: number[] = [];

test(`${ROUNDS} times the disk is full: 507, reads are answered, it goes on by itself, nothing is lost (SEED=${random.seed})`, async () => {
  await loaded.populate();
  for (let round = 0; round < ROUNDS; round++) await oneRound(round);
  await requireLiveness(server);
  await server.stop();
  requireSafety(server, ledger);
  count();
  console.log(`disk full: ${JSON.stringify({ ...found, recoveryMsMax: Math.round(Math.max(...recoveries)), seed: random.seed })}`);
  expect(found).toMatchObject({ rounds: ROUNDS, lost: 0, refusedAndRecorded: 0, readsAnswered: found.reads });
  expect(Math.max(...recoveries)).toBeLessThan(RECOVERY_MS_MAX);
});

async function oneRound(round: number): Promise<void> {
  // A write-ahead log that was copied back is written over and needs no room for long; a start begins a new one.
  if (round % ROUNDS_PER_START === ROUNDS_PER_START - 1) {
    await server.stop();
    await loaded.start();
  }
  const probes = new Probes(round);
  const done = load.run(WIDTH);
  await sleep(random.below(150));
  writeFileSync(sign, '');
  const refusal = await until(() => (probes.send(), probes.answered(507)), 60_000);
  expect(refusal.answer).toMatchObject({
    headers: { 'content-type': expect.stringContaining('problem+json') },
    body: { code: 'disk-full' },
  });
  await read();
  // A small commit may still find room where a larger one did not.
  await until(async () => (probes.send(), (await diskFull()) === 1));
  await sleep(random.below(200));
  rmSync(sign);
  const ms = stopwatch();
  const before = probes.sent.length;
  await until(() => (probes.send(), probes.sent.slice(before).find(accepted)), 2 * RECOVERY_MS_MAX);
  recoveries.push(ms());
  load.stop();
  await Promise.all([done, probes.settled()]);
  expect(await diskFull()).toBe(0);
  sent.push(...load.sent, ...probes.sent);
  found.rounds += 1;
}

/** Only when the server has ended: it lets nobody else read its log. */
function count(): void {
  const acknowledged = sent.filter(accepted);
  const refused = sent.filter(({ answer }) => answer?.status === 507);
  found.acknowledged += acknowledged.length;
  found.lost += lostFrom(ledger, sent).length;
  found.refused += refused.length;
  found.refusedAndRecorded += refused.filter((one) => ledger.timesOf(one) > 0).length;
}

async function diskFull(): Promise<number> {
  return Number(/^countersign_disk_full (\d)$/m.exec((await server.anonymous.get('//metrics')).body)![1]);
}

/** What people look at while nothing can be written. */
async function read(): Promise<void> {
  const looked = await Promise.all([
    loaded.as(LEARNERS[0]!).get('/requests'),
    loaded.as(MANAGERS[0]!).get('/inbox'),
    server.operator.get('/people'),
    server.anonymous.get('//readyz'),
    server.anonymous.get('//livez'),
  ]);
  found.reads += looked.length;
  found.readsAnswered += looked.filter(({ status }) => status === 200).length;
}

/** Submissions beside the load, each on its way without waiting for the one before. */
class Probes {
  readonly sent: Sent[] = [];
  private readonly answers: Promise<void>[] = [];

  constructor(private readonly round: number) {}

  send(): void {
    const key = `probe-${random.seed}-${this.round}-${this.sent.length}`;
    const actor = LEARNERS[0]!;
    const one: Sent = { actor, api: () => loaded.as(actor), path: '/requests', body: { kind: 'enrolment', course: `P-${key}` }, key };
    this.sent.push(one);
    this.answers.push(send(one).then((answer) => void (one.answer = answer)));
  }

  answered(status: number): Sent | undefined {
    return this.sent.find(({ answer }) => answer?.status === status);
  }

  async settled(): Promise<void> {
    await Promise.all(this.answers);
  }
}

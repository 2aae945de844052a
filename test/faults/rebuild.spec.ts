// Read models rebuilt beside the live ones and put in their place, under load: no read fails, nothing is sent twice.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from '../../apps/cli/src/bench/filled';
import { expected, type Answer, type Api, type Json } from '../support/http';
import { randomFrom, seedOf } from '../support/random';
import { startSmtp } from '../support/smtp';
import { until } from '../support/until';
import { LEARNERS, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { accepted } from './witness';

const ROUNDS = rounds(3, 10);
const EVENTS = process.env['FULL'] ? 200_000 : 5_000;
/** The figure to look at is in the line that is printed; other suites run beside this one, and hold it up. */
const SWITCH_MS_MAX = 5_000;
const STANDSTILL_MS_MAX = 60_000;
const random = randomFrom(seedOf());

test(`${ROUNDS} rebuilds over ${EVENTS} events under load: every read is answered, nothing is done again (SEED=${random.seed})`, async () => {
  const smtp = await startSmtp();
  const loaded = new LoadedServer(random, { SMTP_URL: `${smtp.url}?mails-per-minute=60000` });
  const { server, load, ledger } = loaded;
  await fill(server.folder, EVENTS);
  ledger.read();
  const before = ledger.commandsTwice().length + ledger.decidedTwice().length;
  await loaded.populate();
  const reads = new Reads(loaded);
  const [done, reading] = [load.run(6), reads.run()];
  await sleep(500);

  const start = performance.now();
  const replays: Json[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) replays.push(expected(200, await server.operator.post('/audit/replay?check=false')));
  } finally {
    load.stop();
    reads.stop();
    await Promise.all([done, reading]);
  }
  const seconds = (performance.now() - start) / 1000;
  const commands = load.sent.filter(accepted).length;
  const switches: number[] = replays.map(({ switchMs }) => switchMs);
  expect(replays.flatMap(({ different }) => different)).toEqual([]);
  expect(load.sent.filter(({ answer }) => answer === undefined || answer.status >= 500)).toEqual([]);

  // What was rebuilt goes on as if nothing had happened: all mails go out, and a rebuild is equal once more.
  await until(async () => expected(200, await server.operator.get('//readyz')).lag.events === 0);
  await until(
    async () => !/countersign_follower_lag_events\{follower="notify"\} [1-9]/.test((await server.anonymous.get('//metrics')).body),
  );
  await mailsOut(server.operator);
  expect(expected(200, await server.operator.post('/audit/replay?check=true')).different).toEqual([]);
  await server.stop();
  await smtp.stop();
  ledger.read();
  const ids = smtp.mails.map(({ messageId }) => messageId);
  const found = {
    rebuilds: ROUNDS,
    reads: reads.answers,
    readsFailed: reads.failed.length,
    noticesTwice: noticesTwice(server.folder),
    mails: ids.length,
    mailsTwice: ids.length - new Set(ids).size,
    commandsTwice: ledger.commandsTwice().length + ledger.decidedTwice().length - before,
  };
  const rate = Math.round(commands / (seconds + 0.5));
  const longest = Math.round(reads.longestMs);
  console.log(
    JSON.stringify({ ...found, commandsPerSecond: rate, switchMs: switches.map(Math.round), longestReadMs: longest, seed: random.seed }),
  );
  expect(reads.failed).toEqual([]);
  expect(found).toMatchObject({ noticesTwice: 0, mailsTwice: 0, commandsTwice: 0 });
  expect(ids.length).toBeGreaterThan(0);
  expect(Math.max(...switches)).toBeLessThan(SWITCH_MS_MAX);
});

/** Settles when no mail is due, however many there are, for as long as they become fewer. */
async function mailsOut(operator: Api): Promise<void> {
  let least = Infinity;
  for (let moved = performance.now(); ; await sleep(500)) {
    const { due } = expected(200, await operator.get('/queues')).items[0];
    const left = due.urgent + due.usual;
    if (left === 0) return;
    if (left < least) [least, moved] = [left, performance.now()];
    if (performance.now() - moved > STANDSTILL_MS_MAX) throw new Error(`${left} mails are due, and none went out`);
  }
}

/** Happenings of which people were told more than once. */
function noticesTwice(folder: string): number {
  const log = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  const twice = log
    .prepare("select stream from events where data ->> 'type' = 'NoticeDue' group by stream, data ->> 'source' having count(*) > 1")
    .all();
  log.close();
  return twice.length;
}

/** Somebody who looks at everything, again and again. */
class Reads {
  answers = 0;
  longestMs = 0;
  readonly failed: unknown[] = [];
  private stopped = false;

  constructor(private readonly loaded: LoadedServer) {}

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<void> {
    const { server } = this.loaded;
    const looks = [
      () => this.loaded.as(random.of(LEARNERS)).get('/requests'),
      () => this.loaded.as(random.of(MANAGERS)).get('/inbox'),
      () => server.operator.get('/people?limit=20'),
      () => server.operator.get('/attention'),
      () => server.anonymous.get('//readyz'),
    ];
    while (!this.stopped) {
      await Promise.all(looks.map((look) => this.note(look())));
      await sleep(5);
    }
  }

  private async note(answer: Promise<Answer>): Promise<void> {
    const start = performance.now();
    const { status, body } = await answer.catch((error: unknown) => ({ status: 0, body: String(error) }));
    this.answers += 1;
    this.longestMs = Math.max(this.longestMs, performance.now() - start);
    if (status !== 200) this.failed.push({ status, body });
  }
}

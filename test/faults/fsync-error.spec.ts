// A flush of the log fails: the commands that wait fail, nothing is written or flushed any more, and the process ends for another.
import { verifyLog } from '@app/event-log';
import { randomFrom, seedOf } from '../support/random';
import { Server } from '../support/server';
import { lostFrom, requireLiveness, requireSafety } from './checkers';
import { failingDisk } from './disk';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { accepted } from './witness';

const ROUNDS = rounds(8, 200);
const WIDTH = 12;
const EXIT_CODE = 70;

const random = randomFrom(seedOf());
const found = { rounds: 0, acknowledged: 0, failed: 0, unanswered: 0, lost: 0 };

test(`a flush that fails during the start ends it with ${EXIT_CODE} as well: it may be started again`, async () => {
  const server = new Server({ ...failingDisk(), EIO_IN: '/log.db-wal', EIO_AT: '1' });
  server.spawn();
  expect(await server.ended()).toMatchObject({
    code: EXIT_CODE,
    output: expect.stringContaining('countersign: the log or the disk failed: '),
  });
});

test(`${ROUNDS} times a flush fails: exit code ${EXIT_CODE}, no second try, nothing acknowledged is lost (SEED=${random.seed})`, async () => {
  const environment: Record<string, string> = { ...failingDisk(), EIO_IN: '/log.db-wal' };
  const loaded = new LoadedServer(random, environment);
  const { server, ledger, load } = loaded;
  await loaded.populate();
  await server.stop();
  for (let round = 0; round < ROUNDS; round++) {
    Object.assign(environment, { EIO_AT: String(1 + random.below(80)), SEED: String(random.below(2 ** 31)) });
    load.sent = [];
    // The sagas take up where they were, and may meet the fault before anybody else is there.
    const done = loaded.start().then(
      () => load.run(WIDTH),
      () => {},
    );
    const { code, output } = await server.ended();
    await done;
    expect({ code, output }).toEqual({ code: EXIT_CODE, output: expect.stringContaining('disk: log.db-wal fails to flush\n') });
    expect(output).not.toMatch(/after its flush failed/);
    expect(verifyLog(server.folder).fault).toBeUndefined();
    ledger.read();
    found.acknowledged += load.sent.filter(accepted).length;
    found.lost += lostFrom(ledger, load.sent).length;
    found.failed += load.sent.filter(({ answer }) => answer?.body.code === 'log-failed').length;
    found.unanswered += load.sent.filter(({ answer }) => answer === undefined).length;
    found.rounds += 1;
  }
  delete environment['EIO_AT'];
  await loaded.start();
  await requireLiveness(server);
  await server.stop();
  requireSafety(server, ledger);
  console.log(`flush failed: ${JSON.stringify({ ...found, seed: random.seed })}`);
  expect(found).toMatchObject({ rounds: ROUNDS, lost: 0 });
  expect(found.failed).toBeGreaterThan(0);
});

// kill -9 of a process in the middle of what it makes of an event: every event has its effect once, as if nothing had happened.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { digestsOf, ReadModels, SqliteEventLog } from '@app/event-log';
import { projectionsOf } from '@app/platform/runtime';
import { librariesFor } from '../../apps/api/src/libraries';
import { fill } from '../../apps/cli/src/bench/filled';
import { temporaryFolder } from '../support/folders';
import { randomFrom, seedOf } from '../support/random';
import { everyEventOf } from './every-event';
import { rounds } from './rounds';

const ROUNDS = rounds(30, 1_000);
const EVENTS = 20_000;
/** Each event has two or more. */
const STATEMENTS = 2 * EVENTS;
const random = randomFrom(seedOf());
const libraries = librariesFor({});
const projections = [...projectionsOf(libraries), everyEventOf(libraries)];
const folder = temporaryFolder();
const views = join(folder, 'views.db');

test(`${ROUNDS} times kill -9 in the middle of an event: the read models are those of a rebuild (SEED=${random.seed})`, async () => {
  await fill(folder, EVENTS);
  const right = await rebuilt();
  const found = { kills: 0, inTheMiddle: 0, wholeRuns: 0, different: 0, seed: random.seed };
  startAnew();
  while (found.kills < ROUNDS) {
    if (await dies(1 + random.below(STATEMENTS))) {
      found.kills += 1;
      const left = position();
      if (left > 0 && left < EVENTS) found.inTheMiddle += 1;
    } else {
      found.wholeRuns += 1;
      if (JSON.stringify(await digests()) !== JSON.stringify(right)) found.different += 1;
      startAnew();
    }
  }
  expect([await dies(0), await digests()]).toEqual([false, right]);
  console.log(JSON.stringify({ ...found, events: EVENTS }));
  expect(found).toMatchObject({ kills: ROUNDS, different: 0 });
  // Deaths that leave nothing behind, or all, would show little.
  expect(found.inTheMiddle).toBeGreaterThan(ROUNDS / 8);
});

/** Brings the read models up to the log. Says whether the process died on the way. */
async function dies(killAt: number): Promise<boolean> {
  const env = { PATH: process.env['PATH'], DATA_DIR: folder, KILL_AT: String(killAt) };
  const child = spawn(process.execPath, ['--no-warnings', resolve(__dirname, 'project.mts')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (child.signalCode !== 'SIGKILL' && (child.exitCode !== 0 || said !== '')) throw new Error(`ended with ${child.exitCode}: ${said}`);
  return child.signalCode === 'SIGKILL';
}

function startAnew(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(views + suffix, { force: true });
}

/** Where the dead process has left the read models. */
function position(): number {
  const models = new ReadModels(views, projections);
  const { position } = models;
  models.close();
  return position;
}

async function digests() {
  const models = new ReadModels(views, projections);
  const made = await digestsOf(models);
  models.close();
  return made;
}

async function rebuilt() {
  const log = new SqliteEventLog(folder);
  const fresh = new ReadModels(':memory:', projections);
  for (let page = await log.readAll(); page.length > 0; page = await log.readAll({ after: fresh.position })) fresh.apply(page);
  const made = await digestsOf(fresh);
  fresh.close();
  await log.close();
  return made;
}

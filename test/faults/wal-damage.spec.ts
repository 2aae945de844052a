// Damage that the database itself passes over: a flipped bit or a cut in its write-ahead log, files put back to older copies.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from 'node:crypto';
import { LogRefused, SqliteEventLog, verifyLog } from '@app/event-log';
import { events } from '../contracts/event-log.contract';
import { randomFrom, seedOf, type Random } from '../support/random';
import { lostFrom, type Acknowledged } from './disk';
import { rounds } from './rounds';

const ROUNDS = rounds(150, 1_000);
const ROUNDS_PER_HISTORY = 25;
const random = randomFrom(seedOf());

/** What a kill left, and earlier states of the same files. */
interface History {
  readonly folder: string;
  readonly older: readonly string[];
  readonly acknowledged: Acknowledged;
}

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

test(`${ROUNDS} times damaged: the log is whole, or it is refused and left as it was found (SEED=${random.seed})`, async () => {
  const found: Record<string, number> = { whole: 0, refused: 0 };
  const reasons = new Set<string>();
  const silent: object[] = [];
  let history!: History;
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_PER_HISTORY === 0) history = await historyOf(random);
    const folder = copyOf(history.folder);
    const damage = random.of(DAMAGES);
    damage(folder, history);
    const before = contentsOf(folder);
    const refused = await opened(folder);
    if (refused === undefined) {
      const [lost, { fault }] = [lostFrom(folder, history.acknowledged), verifyLog(folder)];
      if (lost > 0 || fault) silent.push({ round, damage: damage.name, lost, fault });
      found['whole']! += 1;
    } else {
      if (contentsOf(folder) !== before) silent.push({ round, damage: damage.name, refused, changed: true });
      reasons.add(refused.replace(/\d+/g, 'n').replace(/\S+log\.db/, 'log.db'));
      found['refused']! += 1;
    }
    found[damage.name] = (found[damage.name] ?? 0) + 1;
    rmSync(folder, { recursive: true });
  }
  console.log(`write-ahead log damaged: ${JSON.stringify({ rounds: ROUNDS, silentLosses: silent.length, ...found, seed: random.seed })}`);
  expect(silent).toEqual([]);
  expect([...reasons]).toContain('the log ends at position n, but the head witness has seen position n');
  expect(found['refused']).toBeGreaterThan(ROUNDS / 2);
});

const DAMAGES: readonly ((folder: string, history: History) => void)[] = [
  function flipOneBit(folder) {
    const wal = readFileSync(walIn(folder));
    wal[random.below(wal.length)]! ^= 1 << random.below(8);
    writeFileSync(walIn(folder), wal);
  },
  function cutOff(folder) {
    truncateSync(walIn(folder), random.below(readFileSync(walIn(folder)).length));
  },
  function losePart(folder) {
    const wal = readFileSync(walIn(folder));
    const from = random.below(wal.length);
    writeFileSync(walIn(folder), wal.fill(0, from, Math.min(wal.length, from + 1 + random.below(8_192))));
  },
  function loseIt(folder) {
    rmSync(walIn(folder));
  },
  function putBackBoth(folder, { older }) {
    const from = random.of(older);
    for (const name of ['log.db', 'log.db-wal']) putBack(name, from, folder);
  },
  function putBackTheFile(folder, { older }) {
    putBack('log.db', random.of(older), folder);
  },
  function putBackItsLog(folder, { older }) {
    putBack('log.db-wal', random.of(older), folder);
  },
];

/** Why it was refused, or nothing when it opened. Any other error fails the run. */
async function opened(folder: string): Promise<string | undefined> {
  try {
    await new SqliteEventLog(folder).close();
    return undefined;
  } catch (error) {
    if (error instanceof LogRefused) return error.message;
    throw error;
  }
}

/** A log under load, copied now and then while it is open, as a kill would leave it; the last copy is what is damaged. */
async function historyOf(random: Random): Promise<History> {
  const folder = newFolder();
  const log = new SqliteEventLog(folder, {}, { checkpointPages: random.of([20, 100, 8_000]) });
  const acknowledged: Acknowledged = new Map();
  const revisions = new Map<string, number>();
  const older: string[] = [];
  for (let at = 0; at < 4; at++) {
    if (at > 0) older.push(copyOf(folder));
    for (let n = 20 + random.below(150); n > 0; n--) {
      const stream = `note-${random.below(40)}`;
      const batch = events(...Array.from({ length: 1 + random.below(3) }, () => ({ text: 'x'.repeat(random.below(900)) })));
      const { position, revision } = await log.append(stream, revisions.get(stream) ?? -1, batch);
      revisions.set(stream, revision);
      for (const [place, { meta }] of batch.entries()) acknowledged.set(meta.id, position - batch.length + 1 + place);
    }
  }
  const last = copyOf(folder);
  await log.close();
  return { folder: last, older, acknowledged };
}

/** Another process copies: closing the file in this one would let go of the log's lock. */
function copyOf(folder: string): string {
  const copy = newFolder();
  expect(spawnSync('cp', ['-r', `${folder}/.`, copy]).status).toBe(0);
  return copy;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-damage-'));
  made.push(folder);
  return folder;
}

function putBack(name: string, from: string, folder: string): void {
  rmSync(join(folder, name), { force: true });
  if (existsSync(join(from, name))) cpSync(join(from, name), join(folder, name));
}

function walIn(folder: string): string {
  return join(folder, 'log.db-wal');
}

/** A digest of every file, but for the index of the write-ahead log and an empty one: whoever reads makes them. */
function contentsOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  const contents = names.sort().map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  return JSON.stringify(contents.filter(({ bytes }) => bytes.length > 0).map(({ name, bytes }) => [name, hash('sha256', bytes)]));
}

// Into an event store and out of it again: one history, one hash, however often it is interrupted on the way.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog, NewEvent, Recorded } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { Cluster } from '../../../test/support/eventstoredb/cluster';
import { FAULTS, seededNemesis } from '../../../test/support/eventstoredb/faults';
import { temporaryFolder } from '../../../test/support/folders';
import { randomFrom, seedOf } from '../../../test/support/random';
import { EventStoreDbEventLog } from './eventstoredb-event-log';
import { restoreEventStore } from './restore-event-store';
import { ledgerInFile, NotEmpty, proofOf, restoreLog, SqliteEventLog, verifyLog, writeLedger, type Ledger } from '.';

const EVENTS = 1_300;
const random = randomFrom(seedOf());
let file: string;
let hash: string;
let history: readonly Recorded[];
let cluster: Cluster;

/** Appends of one to nine events to thirty streams; some large, some of an older version. */
beforeAll(async () => {
  const log = new SqliteEventLog(temporaryFolder());
  const ends = new Map<string, number>();
  for (let n = 0; n < EVENTS;) {
    const stream = `note-${random.below(30)}`;
    const text = random.below(20) === 0 ? 'grüße \u2028'.repeat(8_000) : 'short';
    const added = events(...Array.from({ length: 1 + random.below(9) }, () => ({ n: n++, text })));
    ends.set(stream, (await log.append(stream, ends.get(stream) ?? -1, versioned(added, n))).revision);
  }
  history = await all(log);
  file = join(temporaryFolder(), 'log.jsonl');
  ({ hash } = await writeLedger(file, log.ledger()));
  await log.close();
});
beforeEach(async () => void (cluster = await Cluster.start(3)));
afterEach(() => cluster.close());

test('what goes into an event store comes out of it as it was: order, ids, times, versions, revisions, hash', async () => {
  expect(await restoreEventStore(cluster.url, ledgerInFile(file))).toEqual({ events: history.length, hash });
  const log = new EventStoreDbEventLog(cluster.url);
  expect((await all(log)).map(withoutPosition)).toEqual(history.map(withoutPosition));
  expect(await log.verify()).toEqual({ events: history.length, hash });
  const back = join(temporaryFolder(), 'back.jsonl');
  expect(await writeLedger(back, log.ledger())).toEqual({ events: history.length, hash });
  await log.close();
  expect(readFileSync(back, 'utf8')).toBe(readFileSync(file, 'utf8'));
  const folder = temporaryFolder();
  await restoreLog(folder, ledgerInFile(back));
  expect(verifyLog(folder)).toEqual({ events: history.length, hash });
});

test(`through faults of every kind nothing is lost, doubled or moved (SEED=${random.seed})`, async () => {
  cluster.nemesis = seededNemesis(random, { append: 60, read: 60, subscribe: 0 });
  const times = { tryMs: 1_000, giveUpMs: 30_000 };
  expect(await restoreEventStore(cluster.url, ledgerInFile(file), times)).toEqual({ events: history.length, hash });
  expect([...cluster.faults.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(FAULTS.append.length);
});

test('interrupted anywhere, it goes on where it was; done already, it adds nothing', async () => {
  for (let tries = 0; tries < 8; tries++) {
    const until = 1 + random.below(history.length);
    await expect(restoreEventStore(cluster.url, cutOff(ledgerInFile(file), until))).rejects.toThrow('interrupted');
  }
  for (let times = 0; times < 2; times++)
    expect(await restoreEventStore(cluster.url, ledgerInFile(file))).toEqual({ events: history.length, hash });
  expect(cluster.store.all.filter(({ type }) => type === 'Noted')).toHaveLength(history.length);
});

test.each<[string, (log: EventLog) => Promise<unknown>]>([
  ['another event', (log) => log.append('note-x', -1, events({ n: 1 }))],
  [
    'more than the file',
    async (log) => (await restoreEventStore(cluster.url, ledgerInFile(file)), log.append('note-x', -1, events({ n: 1 }))),
  ],
])('an event store that holds %s is refused, and left as it is', async (_what, fill) => {
  const log = new EventStoreDbEventLog(cluster.url);
  await fill(log);
  const before = cluster.store.all.length;
  await expect(restoreEventStore(cluster.url, ledgerInFile(file))).rejects.toThrow(NotEmpty);
  expect(cluster.store.all).toHaveLength(before);
  await log.close();
});

test('whoever writes at the same time is noticed', async () => {
  const log = new EventStoreDbEventLog(cluster.url);
  const meddling = meanwhile(ledgerInFile(file), () => log.append('note-x', -1, events({ n: 1 })));
  await expect(restoreEventStore(cluster.url, meddling)).rejects.toThrow(NotEmpty);
  await log.close();
});

test('a file with a fault is refused by its line; the sound pages before it are the beginning of the whole one', async () => {
  const text = readFileSync(file, 'utf8').split('\n');
  const bad = join(temporaryFolder(), 'bad.jsonl');
  writeFileSync(bad, text.with(1_100, text[1_100]!.replace('"n":', '"m":')).join('\n'));
  expect(await restoreEventStore(cluster.url, ledgerInFile(bad))).toMatchObject({ fault: { position: 1_101 } });
  expect(await restoreEventStore(cluster.url, ledgerInFile(file))).toEqual({ events: history.length, hash });
});

test('an event that is missing in an event store is found: its stream has a gap', async () => {
  await restoreEventStore(cluster.url, ledgerInFile(file));
  const at = cluster.store.all.findIndex(({ stream, revision }) => stream === 'note-3' && revision === 2);
  cluster.store.all.splice(at, 1);
  const log = new EventStoreDbEventLog(cluster.url);
  expect((await proofOf(log.ledger())).fault?.reason).toBe('note-3 jumps to revision 3');
  await log.close();
});

/** Gives the events up to one of them, and then breaks. */
async function* cutOff(ledger: Ledger, after: number): Ledger {
  for await (const entries of ledger) {
    yield entries.filter(({ position }) => position <= after);
    if (entries.at(-1)!.position >= after) break;
  }
  throw new Error('interrupted');
}

async function* meanwhile(ledger: Ledger, act: () => Promise<unknown>): Ledger {
  await act();
  return yield* ledger;
}

async function all(log: EventLog): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  for (;;) {
    const page = await log.readAll({ after: found.at(-1)?.position ?? 0 });
    if (page.length === 0) return found;
    found.push(...page);
  }
}

function versioned(added: NewEvent[], n: number): NewEvent[] {
  return added.map(({ event, meta }) => ({
    event,
    meta: { ...meta, at: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), ...(n % 7 === 0 && { version: 2 }) },
  }));
}

function withoutPosition({ position: _position, ...recorded }: Recorded): Omit<Recorded, 'position'> {
  return recorded;
}

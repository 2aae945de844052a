import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { NO_STREAM } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { temporaryFolder } from '../../../test/support/folders';
import { HeadWitness, LogRefused, SqliteEventLog, verifyLog } from '.';

/** A closed log of six events in two streams: positions 1, 3 and 5 are of one, 2, 4 and 6 of the other. */
async function logOfSix(): Promise<string> {
  const folder = temporaryFolder();
  const log = new SqliteEventLog(folder);
  for (let n = 0; n < 3; n++) {
    for (const stream of ['note-a', 'note-b']) await log.append(stream, n - 1, events({ n, stream }));
  }
  await log.close();
  return folder;
}

/** What somebody can do who has the file and leave to drop the triggers. */
function tamper(folder: string, sql: string): void {
  const db = new DatabaseSync(join(folder, 'log.db'));
  for (const trigger of ['events_add', 'events_keep', 'events_stay', 'streams_add', 'streams_keep', 'streams_stay'])
    db.exec(`drop trigger if exists ${trigger}`);
  db.exec(sql);
  db.close();
}

const swap = (a: number, b: number) => `
  update events set position = -1 where position = ${a};
  update events set position = ${a} where position = ${b};
  update events set position = ${b} where position = -1;`;

describe('verify', () => {
  test('proves a sound log, with its number of events and its head', async () => {
    const folder = await logOfSix();
    const { events: count, hash, fault } = verifyLog(folder);
    const log = new SqliteEventLog(folder);
    expect({ count, hash, fault }).toEqual({ count: 6, hash: (await log.head()).hash, fault: undefined });
    await log.close();
  });

  test.each<[string, number, string]>([
    ['an edited event', 3, `update events set data = replace(data, '"n":1', '"n":9') where position = 3`],
    ['an edited actor', 4, `update events set meta = replace(meta, 'ann', 'bob') where position = 4`],
    ['an edited hash', 2, `update events set hash = zeroblob(32) where position = 2`],
    ['a removed event', 2, 'delete from events where position = 2'],
    ['a removed first event', 1, 'delete from events where position = 1'],
    ['a removed last event', 6, 'delete from events where position = 6'],
    ['events in another order across streams', 2, swap(2, 3)],
    ['events in another order within a stream', 2, swap(2, 4)],
    ['an inserted event', 7, `insert into events select 7, stream, 3, data, meta, hash from events where position = 6`],
    ['an event moved to another stream', 5, 'update events set stream = 2, revision = 9 where position = 5'],
    ['a renamed stream', 1, `update streams set name = 'note-c' where name = 'note-a'`],
    ['a removed stream', 2, `pragma foreign_keys = off; delete from streams where name = 'note-b'`],
  ])('finds %s, and says where', async (_what, position, sql) => {
    const folder = await logOfSix();
    tamper(folder, sql);
    expect(verifyLog(folder)).toMatchObject({ events: position - 1, fault: { position, reason: expect.any(String) } });
  });

  test('finds an event inserted in the middle with later ones moved up', async () => {
    const folder = await logOfSix();
    tamper(
      folder,
      `update events set position = -position - 1 where position >= 4; update events set position = -position where position < 0;
       insert into streams (name) values ('note-x');
       insert into events select 4, 3, 0, data, meta, hash from events where position = 3;`,
    );
    expect(verifyLog(folder).fault).toMatchObject({ position: 4 });
  });

  test('finds a history that was written anew, hashes and all', async () => {
    const [folder, other] = [await logOfSix(), await logOfSix()];
    cpSync(join(other, 'log.db'), join(folder, 'log.db'));
    expect(verifyLog(folder).fault).toMatchObject({ position: 6, reason: expect.stringContaining('head witness') });
  });

  test('of a log that is open goes on beside appends', async () => {
    const log = new SqliteEventLog(temporaryFolder());
    const contents = Array.from({ length: 1_000 }, (_, n) => ({ n }));
    for (let n = 0; n < 3; n++) await log.append('note-a', n * 1_000 - 1, events(...contents));
    const proof = log.verify();
    await log.append('note-b', NO_STREAM, events({}));
    expect((await proof).fault).toBeUndefined();
    expect(await log.verify()).toEqual({ events: 3_001, hash: (await log.head()).hash });
    await log.close();
  });
});

describe('the log is refused at the start', () => {
  test('when it was put back to an older copy', async () => {
    const folder = await logOfSix();
    const older = readFileSync(join(folder, 'log.db'));
    const log = new SqliteEventLog(folder);
    await log.append('note-a', 2, events({}));
    await log.close();
    writeFileSync(join(folder, 'log.db'), older);
    expect(() => new SqliteEventLog(folder)).toThrow(
      new LogRefused('the log ends at position 6, but the head witness has seen position 7'),
    );
    expect(verifyLog(folder).fault).toMatchObject({ position: 7 });
  });

  test('when its database was removed, and when another took its place', async () => {
    const [folder, other] = [await logOfSix(), await logOfSix()];
    cpSync(join(other, 'log.db'), join(folder, 'log.db'));
    expect(() => new SqliteEventLog(folder)).toThrow('is not the one that the head witness has seen');
    tamper(folder, 'delete from events');
    expect(() => new SqliteEventLog(folder)).toThrow('the log ends at position 0');
  });

  test.each([0.3, 0.6, 0.95])('when its write-ahead log lost its tail (%d of it is left)', async (left) => {
    const folder = temporaryFolder();
    const log = new SqliteEventLog(folder);
    for (let n = 0; n < 20; n++) await log.append('note-a', n - 1, events({ n }));
    const copy = temporaryFolder();
    spawnSync('cp', ['-r', `${folder}/.`, copy]);
    await log.close();
    const wal = join(copy, 'log.db-wal');
    truncateSync(wal, Math.floor(readFileSync(wal).length * left));
    expect(() => new SqliteEventLog(copy)).toThrow(LogRefused);
  });
});

describe('the head witness', () => {
  const head = (position: number) => ({ position, hash: position.toString(16).padStart(64, 'a') });

  test('remembers the furthest head, also when it is opened again', () => {
    const path = join(temporaryFolder(), 'head');
    const witness = new HeadWitness(path);
    expect(witness.read()).toBeUndefined();
    for (const position of [1, 2, 3]) witness.write(head(position));
    witness.close();
    const again = new HeadWitness(path);
    expect(again.read()).toEqual(head(3));
    again.close();
  });

  test.each([0, 1])('survives a torn write of slot %d', (slot) => {
    const path = join(temporaryFolder(), 'head');
    const witness = new HeadWitness(path);
    witness.write(head(1));
    witness.write(head(2));
    witness.close();
    const bytes = readFileSync(path);
    bytes.fill(0, slot * 256 + 40, (slot + 1) * 256);
    writeFileSync(path, bytes);
    const again = new HeadWitness(path);
    expect(again.read()).toEqual(head(slot === 1 ? 1 : 2));
    again.close();
  });

  test('with a spoilt slot lets a sound log start', async () => {
    const folder = await logOfSix();
    const path = join(folder, 'head');
    writeFileSync(path, readFileSync(path).fill(0, 0, 200));
    const log = new SqliteEventLog(folder);
    expect((await log.head()).position).toBe(6);
    await log.close();
  });
});

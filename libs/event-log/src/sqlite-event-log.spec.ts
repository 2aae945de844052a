import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogFailed, NO_STREAM, RevisionConflict } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { temporaryFolder } from '../../../test/support/folders';
import { LogRefused, SqliteEventLog, verifyLog } from '.';

/** Transactions in the write-ahead log: each ends with a frame that says how large the database is after it. */
function commitsIn(folder: string): number {
  const wal = readFileSync(join(folder, 'log.db-wal'));
  const frameBytes = 24 + wal.readUInt32BE(8);
  const salt = wal.readBigUInt64BE(16);
  let commits = 0;
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes) {
    if (wal.readBigUInt64BE(at + 8) === salt && wal.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}

/** Lets a test ask about a copy, as a backup tool or a power loss would leave it. */
function copyOf(folder: string): string {
  const copy = temporaryFolder();
  // Another process copies: closing the file in this one would let go of the log's lock.
  expect(spawnSync('cp', ['-r', `${folder}/.`, copy]).status).toBe(0);
  return copy;
}

describe('appends to the SQLite log', () => {
  test('that wait together share one flush of the disk', async () => {
    const folder = temporaryFolder();
    const log = new SqliteEventLog(folder);
    const before = commitsIn(copyOf(folder));
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.append(`note-${n}`, NO_STREAM, events({ n }))));
    const together = commitsIn(copyOf(folder));
    for (let n = 0; n < 5; n++) await log.append(`note-${n}`, 0, events({ n }));
    const after = commitsIn(copyOf(folder));
    expect([together - before, after - together]).toEqual([1, 5]);
    await log.close();
  });

  test('are in the file when they are answered', async () => {
    const folder = temporaryFolder();
    const log = new SqliteEventLog(folder);
    const { position } = await log.append('note-a', NO_STREAM, events({}, {}));
    expect(verifyLog(copyOf(folder)).events).toBe(position);
    await log.close();
  });

  test('that still wait when the log is closed are kept, later ones fail', async () => {
    const folder = temporaryFolder();
    const log = new SqliteEventLog(folder);
    const waiting = log.append('note-a', NO_STREAM, events({}));
    await log.close();
    expect(await waiting).toMatchObject({ position: 1 });
    await expect(log.append('note-a', 0, events({}))).rejects.toThrow(LogFailed);
    await log.close();
  });
});

test('a log that is opened again goes on where it ended', async () => {
  const folder = temporaryFolder();
  const first = new SqliteEventLog(folder);
  const batch = events({ n: 1 });
  await first.append('note-a', NO_STREAM, batch);
  const head = await first.head();
  await first.close();

  const second = new SqliteEventLog(folder);
  expect(await second.head()).toEqual(head);
  expect(await second.append('note-a', NO_STREAM, batch)).toEqual({ stream: 'note-a', revision: 0, position: 1 });
  const old = events({}).map(({ event, meta }) => ({ event, meta: { ...meta, at: '2001-01-01T00:00:00.000Z' } }));
  expect(await second.append('note-a', 0, old)).toEqual({ stream: 'note-a', revision: 1, position: 2 });
  expect((await second.readAll()).map(({ meta }) => meta.at)).toEqual([batch[0]!.meta.at, batch[0]!.meta.at]);
  await second.close();
});

test('a stream that was written long ago goes on where it ended, however many were since', async () => {
  const log = new SqliteEventLog(temporaryFolder());
  await log.append('note-old', NO_STREAM, events({}, {}));
  for (let n = 0; n < 25_000; n++) await log.read(`note-${n}`);
  await expect(log.append('note-old', 0, events({}))).rejects.toThrow(RevisionConflict);
  expect(await log.append('note-old', 1, events({}))).toEqual({ stream: 'note-old', revision: 2, position: 3 });
  expect(await log.read('note-old')).toHaveLength(3);
  await log.close();
});

test('a log has one writer: the second is refused, and the first goes on', async () => {
  const folder = temporaryFolder();
  const first = new SqliteEventLog(folder);
  expect(() => new SqliteEventLog(folder)).toThrow(LogRefused);
  expect(() => new SqliteEventLog(folder)).toThrow('is being written by another process');
  await first.append('note-a', NO_STREAM, events({}));
  await first.close();
  await new SqliteEventLog(folder).close();
});

test.each([
  "update events set data = '{}'",
  'delete from events',
  "insert or replace into events select position, stream, revision, '{}', meta, hash from events",
  "update streams set name = 'other'",
  'delete from streams',
  "insert or replace into streams values (1, 'other')",
])('the database itself refuses: %s', async (sql) => {
  const folder = temporaryFolder();
  const log = new SqliteEventLog(folder);
  await log.append('note-a', NO_STREAM, events({}, {}));
  await log.close();
  const db = new DatabaseSync(join(folder, 'log.db'));
  expect(() => db.exec(sql)).toThrow('append-only');
  db.close();
  expect(verifyLog(folder)).toMatchObject({ events: 2 });
});

describe('an event stored in an old shape', () => {
  const upcasters = {
    Noted: [
      ({ text }: { text: string }) => ({ type: 'Noted', title: text }),
      ({ title }: { title: string }) => ({ type: 'Noted', title, length: title.length }),
    ],
  };
  const shapes = async (log: SqliteEventLog) => (await log.read('note-a')).map(({ event, meta }) => ({ ...event, version: meta.version }));

  test('is read in the new one, beside new events, and its hash still verifies', async () => {
    const folder = temporaryFolder();
    const old = new SqliteEventLog(folder);
    await old.append('note-a', NO_STREAM, events({ text: 'first' }));
    await old.close();

    const log = new SqliteEventLog(folder, upcasters);
    await log.append('note-a', 0, events({ title: 'second', length: 6 }));
    const expected = [
      { type: 'Noted', title: 'first', length: 5, version: undefined },
      { type: 'Noted', title: 'second', length: 6, version: 3 },
    ];
    expect(await shapes(log)).toEqual(expected);
    expect(await log.verify()).toEqual({ events: 2, hash: (await log.head()).hash });
    await log.close();

    const again = new SqliteEventLog(folder, upcasters);
    expect(await shapes(again)).toEqual(expected);
    await again.close();
    const db = new DatabaseSync(join(folder, 'log.db'));
    expect(db.prepare('select data from events where position = 1').get()).toEqual({ data: '{"type":"Noted","text":"first"}' });
    db.close();
  });

  test('of the version between takes only the steps that it lacks', async () => {
    const folder = temporaryFolder();
    const between = new SqliteEventLog(folder, { Noted: upcasters.Noted.slice(0, 1) });
    await between.append('note-a', NO_STREAM, events({ title: 'between' }));
    await between.close();
    const log = new SqliteEventLog(folder, upcasters);
    expect(await shapes(log)).toEqual([{ type: 'Noted', title: 'between', length: 7, version: 2 }]);
    await log.close();
  });
});

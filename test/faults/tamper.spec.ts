// Whoever has the file and means harm, and disks that forget a bit: `verify` finds it and names the first event that is wrong.
import { cpSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteEventLog, verifyLog } from '@app/event-log';
import { events } from '../contracts/event-log.contract';
import { randomFrom, seedOf } from '../support/random';
import { rounds } from './rounds';

const FLIPS = rounds(100, 1_000);
const EDITS = rounds(100, 500);
const EVENTS = 400;
const random = randomFrom(seedOf());

interface Row {
  readonly position: number;
  readonly stream: number;
  readonly revision: number;
  readonly data: string;
  readonly meta: string;
}

const sound = mkdtempSync(join(tmpdir(), 'countersign-tamper-'));
let rows: readonly Row[];
let file: Buffer;
beforeAll(async () => {
  const log = new SqliteEventLog(sound);
  const revisions = new Map<string, number>();
  for (let n = 1; n <= EVENTS; n++) {
    const stream = `note-${random.below(30)}`;
    const revision = revisions.get(stream) ?? -1;
    await log.append(stream, revision, events({ n, text: `${n} grüße `.repeat(random.below(40)) }));
    revisions.set(stream, revision + 1);
  }
  await log.close();
  const db = new DatabaseSync(join(sound, 'log.db'));
  db.exec('pragma journal_mode = delete; vacuum'); // Free room would hold earlier copies of rows, which nobody reads.
  rows = db.prepare('select position, stream, revision, data, meta from events order by position').all() as unknown as Row[];
  db.close();
  file = readFileSync(join(sound, 'log.db'));
});
afterAll(() => rmSync(sound, { recursive: true }));

test(`${FLIPS} single bits flipped in events: each is found, with the position (SEED=${random.seed})`, () => {
  const missed: object[] = [];
  for (let flip = 0; flip < FLIPS; flip++) {
    const row = random.of(rows);
    const { from, to } = placeOf(row);
    const at = from + random.below(to - from);
    const fault = faultAfter((folder) => flipBit(join(folder, 'log.db'), at, random.below(8)));
    if (fault?.position !== row.position) missed.push({ flip, position: row.position, at: at - from, fault });
  }
  console.log(`bits flipped in events: ${JSON.stringify({ flips: FLIPS, found: FLIPS - missed.length, seed: random.seed })}`);
  expect(missed).toEqual([]);
});

test(`${EDITS} edits by SQL: each is found at the first event that it touches (SEED=${random.seed})`, () => {
  const missed: object[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const { sql, position } = random.of(EDITS_BY_SQL)(1 + random.below(EVENTS - 1));
    const fault = faultAfter((folder) => tamper(join(folder, 'log.db'), sql));
    if (fault?.position !== position) missed.push({ edit, sql, position, fault });
  }
  console.log(`events edited by SQL: ${JSON.stringify({ edits: EDITS, found: EDITS - missed.length, seed: random.seed })}`);
  expect(missed).toEqual([]);
});

/** What can be done to an event that is not the last one; and the first event that is wrong after it. */
const EDITS_BY_SQL: readonly ((at: number) => { readonly sql: string; readonly position: number })[] = [
  (at) => ({ sql: `update events set data = replace(data, '"n":', '"n":1') where position = ${at}`, position: at }),
  (at) => ({ sql: `update events set meta = replace(meta, 'ann', 'bob') where position = ${at}`, position: at }),
  (at) => ({ sql: `update events set hash = randomblob(32) where position = ${at}`, position: at }),
  (at) => ({ sql: `update events set stream = stream % 30 + 1, revision = 1000 where position = ${at}`, position: at }),
  (at) => ({ sql: `delete from events where position = ${at}`, position: at }),
  (at) => ({ sql: `delete from events where position > ${at}`, position: at + 1 }),
  (at) => ({ sql: swapped(at, at + 1), position: at }),
  (at) => ({ sql: swapped(at, EVENTS), position: at }),
  (at) => ({ sql: `update events set data = (select data from events where position = ${at + 1}) where position = ${at}`, position: at }),
  (at) => ({ sql: insertedAfter(at), position: at + 1 }),
  (at) => ({ sql: `delete from streams where number = (select stream from events where position = ${at})`, position: firstOfStream(at) }),
  (at) => ({
    sql: `update streams set name = name || 'x' where number = (select stream from events where position = ${at})`,
    position: firstOfStream(at),
  }),
];

function swapped(one: number, other: number): string {
  return `update events set position = -1 where position = ${one};
    update events set position = ${one} where position = ${other};
    update events set position = ${other} where position = -1`;
}

/** A copy of the event under the next position, in a stream of its own, with all later ones moved up. */
function insertedAfter(at: number): string {
  return `update events set position = -position - 1 where position > ${at};
    update events set position = -position where position < 0;
    insert into streams (name) values ('note-x');
    insert into events select ${at + 1}, (select max(number) from streams), 0, data, meta, hash from events where position = ${at}`;
}

function firstOfStream(position: number): number {
  const { stream } = rows[position - 1]!;
  return rows.find((row) => row.stream === stream)!.position;
}

/** Does it to a copy of the sound log. */
function faultAfter(harm: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-tamper-'));
  cpSync(sound, folder, { recursive: true });
  harm(folder);
  const { fault } = verifyLog(folder);
  rmSync(folder, { recursive: true });
  return fault;
}

/** Where the file holds what the row holds: the numbers of stream and revision, then data, meta and hash, without a gap. */
function placeOf({ stream, revision, data, meta }: Row): { readonly from: number; readonly to: number } {
  const content = Buffer.from(data + meta);
  // The root of a table keeps in its free room what it held before it grew; the page that holds it since comes later.
  const at = file.lastIndexOf(content);
  if (at < 0) throw new Error(`the row is not in the file: ${data}`);
  return { from: at - bytesOf(stream) - bytesOf(revision), to: at + content.length + 32 };
}

/** 0 and 1 take no room in a row. */
function bytesOf(number: number): number {
  if (number < 2) return 0;
  return number < 128 ? 1 : 2;
}

function flipBit(path: string, at: number, bit: number): void {
  const flipped = Buffer.from([file[at]! ^ (1 << bit)]);
  const opened = openSync(path, 'r+');
  writeSync(opened, flipped, 0, 1, at);
  closeSync(opened);
}

function tamper(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec('pragma foreign_keys = off');
  for (const trigger of ['events_add', 'events_keep', 'events_stay', 'streams_add', 'streams_keep', 'streams_stay']) {
    db.exec(`drop trigger ${trigger}`);
  }
  db.exec(sql);
  db.close();
}

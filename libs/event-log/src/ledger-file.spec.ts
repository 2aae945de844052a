import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { events } from '../../../test/contracts/event-log.contract';
import { temporaryFolder } from '../../../test/support/folders';
import { FileExists, ledgerIn, ledgerInFile, ledgerOf, NotEmpty, proofOf, restoreLog, SqliteEventLog, verifyLog, writeLedger } from '.';

const ODD = { text: 'grüße \u2028 "\\ \u{1f600}', 10: 'ten', 9: 'nine', large: 1e21, small: -0.5, list: [[], {}, null], no: false };

/** A closed log of seven events in two streams, and its file. */
async function written(): Promise<{ readonly folder: string; readonly file: string; readonly hash: string }> {
  const folder = temporaryFolder();
  const log = new SqliteEventLog(folder);
  for (let n = 0; n < 3; n++) for (const stream of ['note-a', 'note-b']) await log.append(stream, n - 1, events({ n, ...ODD }));
  await log.append('note-"ü"', -1, events({ last: true }));
  const file = join(temporaryFolder(), 'log.jsonl');
  const { hash } = await writeLedger(file, log.ledger());
  expect(hash).toBe((await log.head()).hash);
  await log.close();
  return { folder, file, hash };
}

function copyOf(text: string): string {
  const path = join(temporaryFolder(), 'copy.jsonl');
  writeFileSync(path, text);
  return path;
}

async function faultOf(text: string) {
  const { fault } = await proofOf(ledgerOf(Readable.from([text])));
  return fault;
}

describe('a ledger in a file', () => {
  test('is one line for each event and a closing one, for its owner alone, and reads back as it was', async () => {
    const { file, folder, hash } = await written();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(9);
    expect(JSON.parse(lines[2]!)).toMatchObject({
      position: 3,
      stream: 'note-a',
      revision: 1,
      event: { n: 1, ...ODD },
      meta: { actor: 'ann' },
    });
    expect(JSON.parse(lines[7]!)).toEqual({ format: 'countersign-log/1', events: 7, hash });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const read: unknown[] = [];
    expect(await proofOf(ledgerInFile(file), (entries) => void read.push(...entries))).toEqual({ events: 7, hash });
    const kept: unknown[] = [];
    await proofOf(ledgerIn(folder), (entries) => void kept.push(...entries));
    expect(read).toEqual(kept.map((entry) => ({ ...(entry as object) })));
  });

  test('is refused wherever it is cut off, by the line', async () => {
    const text = readFileSync((await written()).file, 'utf8');
    for (let end = 0; end < text.length - 1; end++) {
      const whole = text.slice(0, end).split('\n').length - 1;
      const fault = await faultOf(text.slice(0, end));
      // Nothing but the last line feed is missing of a line that can be read.
      expect([whole + 1, whole + 2]).toContain(fault?.position);
    }
  });

  test('is refused for any letter that was changed', async () => {
    const text = readFileSync((await written()).file, 'utf8');
    for (let at = 0; at < text.length; at++) {
      const line = Math.min(text.slice(0, at).split('\n').length, 8);
      const fault = await faultOf(`${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`);
      expect({ at, position: fault?.position }).toEqual({ at, position: line });
    }
  });

  test.each<[string, number, (lines: string[]) => string[]]>([
    ['a line is missing', 3, (lines) => lines.toSpliced(2, 1)],
    ['a line comes twice', 4, (lines) => lines.toSpliced(3, 0, lines[2]!)],
    ['two lines changed places', 2, (lines) => lines.with(1, lines[4]!).with(4, lines[1]!)],
    ['a line is empty', 5, (lines) => lines.toSpliced(4, 0, '')],
    ['a line is no event', 1, (lines) => lines.with(0, '[]')],
    ['a line says more', 6, (lines) => lines.with(5, lines[5]!.replace('{', '{"more":1,'))],
    ['a line has spaces', 6, (lines) => lines.with(5, ` ${lines[5]}`)],
    ['an event is missing at the end', 7, (lines) => lines.toSpliced(6, 1)],
    ['the closing line says another hash', 8, (lines) => lines.with(7, lines[7]!.replace(/.{64}(?="})/, '0'.repeat(64)))],
    ['the closing line says another format', 8, (lines) => lines.with(7, lines[7]!.replace('log/1', 'log/2'))],
    ['there is more behind the closing line', 8, (lines) => lines.toSpliced(8, 0, lines[7]!)],
  ])('is refused when %s', async (_what, position, harm) => {
    const lines = readFileSync((await written()).file, 'utf8').split('\n');
    expect(await faultOf(harm(lines).join('\n'))).toEqual({ position, reason: expect.any(String) });
  });

  test('is never written over another file, and not at all when the log has a fault', async () => {
    const { folder, file } = await written();
    await expect(writeLedger(file, ledgerIn(folder))).rejects.toThrow(FileExists);
    const [first, ...rest] = readFileSync(file, 'utf8').split('\n');
    const half = join(temporaryFolder(), 'half.jsonl');
    const proof = await writeLedger(half, ledgerInFile(copyOf([first, ...rest.toSpliced(2, 1)].join('\n'))));
    expect(proof).toMatchObject({ events: 3, fault: { position: 4 } });
    expect(readdirSync(join(half, '..'))).toEqual([]);
  });
});

describe('a log that is restored from a file', () => {
  test('is the same log: it proves, and goes on', async () => {
    const { file, hash } = await written();
    const folder = join(temporaryFolder(), 'data');
    expect(await restoreLog(folder, ledgerInFile(file))).toEqual({ events: 7, hash });
    expect(readdirSync(folder).sort()).toEqual(['head', 'log.db']);
    expect(verifyLog(folder)).toEqual({ events: 7, hash });
    const log = new SqliteEventLog(folder);
    expect(await log.head()).toEqual({ position: 7, hash });
    expect((await log.read('note-b')).map(({ event }) => event)).toEqual([0, 1, 2].map((n) => ({ type: 'Noted', n, ...ODD })));
    expect(await log.append('note-b', 2, events({ n: 3 }))).toMatchObject({ position: 8, revision: 3 });
    await log.close();
    expect(verifyLog(folder)).toMatchObject({ events: 8 });
  });

  test('takes an empty one', async () => {
    const log = new SqliteEventLog(temporaryFolder());
    const file = join(temporaryFolder(), 'log.jsonl');
    await writeLedger(file, log.ledger());
    await log.close();
    const folder = temporaryFolder();
    expect(await restoreLog(folder, ledgerInFile(file))).toMatchObject({ events: 0 });
    expect(verifyLog(folder)).toMatchObject({ events: 0 });
  });

  test('is not made where there is something already', async () => {
    const { file, folder } = await written();
    const before = verifyLog(folder);
    await expect(restoreLog(folder, ledgerInFile(file))).rejects.toThrow(NotEmpty);
    expect(verifyLog(folder)).toEqual(before);
    const other = temporaryFolder();
    writeFileSync(join(other, 'secrets.json'), '{}');
    await expect(restoreLog(other, ledgerInFile(file))).rejects.toThrow('secrets.json');
  });

  test('is not made of a file with a fault, and the folder stays as it was', async () => {
    const folder = temporaryFolder();
    const text = readFileSync((await written()).file, 'utf8');
    expect(await restoreLog(folder, ledgerInFile(copyOf(text.replace('"n":1', '"n":7'))))).toMatchObject({ fault: { position: 3 } });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes no notice of what an interrupted restore left behind; a start over that is refused', async () => {
    const { file, folder: other, hash } = await written();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'restoring'));
    writeFileSync(join(folder, 'restoring', 'log.db'), 'half of it');
    writeFileSync(join(folder, 'head'), readFileSync(join(other, 'head')));
    expect(() => new SqliteEventLog(folder)).toThrow('the log ends at position 0');
    expect(await restoreLog(folder, ledgerInFile(file))).toEqual({ events: 7, hash });
    expect(existsSync(join(folder, 'restoring'))).toBe(false);
  });
});

// Bytes to records: the one file that knows csv-parse and Node. Whatever is no plain UTF-8 CSV is refused with its line.
import { createHash, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { reject } from '@app/kernel';

export const FILE_BYTES_MAX = 64 * 1024 * 1024;
export const ROW_CHARACTERS_MAX = 64 * 1024;
export const COLUMNS_MAX = 200;

export interface CsvFile {
  readonly name: string;
  readonly header: readonly string[];
  readonly records: readonly CsvRecord[];
  /** SHA-256 of the bytes. */
  readonly digest: string;
}
export interface CsvRecord {
  /** The line on which the record starts; the header is on line 1. */
  readonly line: number;
  readonly cells: readonly string[];
}
export type Content = AsyncIterable<Uint8Array> | Uint8Array;

const DELIMITERS = [',', ';', '\t'];
const LINE_FEED = 10;

/**
 * Reads a whole CSV file: comma, semicolon or tab, with or without a byte order mark.
 * @throws Rejection with the file's name, the line and a sentence, when it is not such a file or is larger than we take
 */
export async function readCsv(name: string, content: Content): Promise<CsvFile> {
  const hash = createHash('sha256');
  const parts = textOf(name, content, hash);
  let head = '';
  for (let part = await parts.next(); !part.done; part = await parts.next()) {
    head += part.value;
    if (/[\n\r]/.test(head) || head.length > ROW_CHARACTERS_MAX) break;
  }
  const records: CsvRecord[] = [];
  let line = 1;
  const parser = parserFor(head, (cells, lines) => {
    // The parser tells the line on which a record ends.
    const within = cells.reduce((sum, cell) => (cell.includes('\n') ? sum + lineFeeds(cell) : sum), 0);
    records.push({ line: lines - within, cells });
    line = lines + 1;
  });
  // The parser gives its records to the function above, so there is nothing to read at its end.
  try {
    await pipeline(rejoined(head, parts), parser.resume());
  } catch (error) {
    refuseCsv(name, line, error);
  } finally {
    // A parser that fails at the head has never asked for the rest, which still has to be let go.
    await parts.return();
  }
  const [first, ...rest] = records;
  const header = (first?.cells ?? []).map((cell) => cell.trim());
  requireHeader(name, header);
  return { name, header, records: rest, digest: hash.digest('hex') };
}

async function* textOf(name: string, content: Content, hash: Hash): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let lines = 1;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) refuse(name, lines, 'file-too-large', `the file is larger than ${FILE_BYTES_MAX} bytes`);
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (error) {
      if (!isUndecodable(error)) throw error;
      refuse(name, lines + badLine(chunk, bytes === chunk.length), 'not-utf8', 'the file is not UTF-8 text; save it as CSV UTF-8');
    }
    const nul = text.indexOf('\0');
    if (nul >= 0)
      refuse(name, lines + lineFeeds(text.slice(0, nul)), 'not-utf8', 'the file holds NUL characters: UTF-16, or no text at all');
    lines += lineFeeds(text);
    yield text;
  }
  try {
    yield decoder.decode();
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    refuse(name, lines, 'not-utf8', 'the file ends within a character');
  }
}

/** How many lines of the chunk are good before the first that is no UTF-8; a line feed is never a part of a character. */
function badLine(chunk: Uint8Array, isFirst: boolean): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let good = 0;
  for (let start = 0, end = chunk.indexOf(LINE_FEED); end >= 0; start = end + 1, end = chunk.indexOf(LINE_FEED, start)) {
    try {
      // The first line of a later chunk may begin within a character of the one before.
      if (start > 0 || isFirst) decoder.decode(chunk.subarray(start, end));
    } catch (error) {
      if (!isUndecodable(error)) throw error;
      return good;
    }
    good++;
  }
  return good;
}

async function* rejoined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

function parserFor(head: string, take: (cells: string[], line: number) => void) {
  const line = head.split(/[\n\r]/, 1)[0]!.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))]!;
  return parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_CHARACTERS_MAX,
    on_record: (cells: string[], { lines }) => {
      take(cells, lines);
      return null;
    },
  });
}

function refuseCsv(name: string, line: number, error: unknown): never {
  if (!(error instanceof CsvError)) throw error;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return refuse(name, line, 'unclosed-quote', 'a quotation mark is opened and never closed');
    case 'CSV_MAX_RECORD_SIZE':
      return refuse(
        name,
        line,
        'row-too-large',
        `a row is longer than ${ROW_CHARACTERS_MAX} characters; perhaps a quotation mark is never closed`,
      );
    default:
      return refuse(name, line, 'bad-quotes', 'a quotation mark stands within a cell; double it and put the cell in quotation marks');
  }
}

function requireHeader(name: string, header: readonly string[]): void {
  if (header.every((cell) => cell === '')) refuse(name, 1, 'empty-file', 'the file has no header');
  if (header.length > COLUMNS_MAX) refuse(name, 1, 'too-many-columns', `the file has more than ${COLUMNS_MAX} columns`);
  const double = header.find((cell, at) => cell !== '' && header.indexOf(cell) !== at);
  if (double !== undefined) refuse(name, 1, 'duplicate-column', `the column ${double} is there twice`);
}

function refuse(file: string, line: number, code: string, detail: string): never {
  return reject('invalid', code, { file, line, detail });
}

function isUndecodable(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
}

function lineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

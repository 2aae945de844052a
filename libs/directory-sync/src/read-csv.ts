// Bytes to records: the one file that knows csv-parse and Node. Whatever is no CSV is refused with its line.
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { reject } from '@app/kernel';
import { Decoding, type Encoding } from './decode-text';

export const FILE_BYTES_MAX = 64 * 1024 * 1024;
export const ROW_CHARACTERS_MAX = 64 * 1024;
export const COLUMNS_MAX = 200;
/** Lines with the header and blank ones, each of which takes its time. */
export const ROWS_MAX = 1_000_000;

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
export type Delimiter = keyof typeof DELIMITERS;
export const DELIMITER_NAMES = Object.keys(DELIMITERS) as Delimiter[];

export type Content = AsyncIterable<Uint8Array> | Uint8Array;
/** What the caller knows of a file; without it the file tells. */
export interface Written {
  readonly encoding?: Encoding;
  readonly delimiter?: Delimiter;
}
/** What a file was read as. */
export interface CsvFile extends Required<Written> {
  readonly name: string;
  /** SHA-256 of the bytes. */
  readonly digest: string;
}
/** Takes the records, each with the line on which it starts. */
export type TakeRecord = (line: number, cells: readonly string[]) => void;

/**
 * Reads a CSV file record by record. `open` is given the header with its line, and takes the records.
 * @throws Rejection with the file's name, the line and a sentence, when it is not such a file or is larger than we take
 */
export async function readCsv(
  name: string,
  content: Content,
  { encoding, delimiter: stated }: Written,
  open: (header: readonly string[], line: number) => TakeRecord,
): Promise<CsvFile> {
  const hash = createHash('sha256');
  const decoding = new Decoding(name, encoding);
  const parts = textOf(name, content, { decoding, see: (bytes) => hash.update(bytes) });
  const records = new Records(name, open);
  try {
    let head = '';
    for (let part = await parts.next(); !part.done; part = await parts.next()) {
      head += part.value;
      if (/[\n\r]/.test(head.trimStart()) || head.length > ROW_CHARACTERS_MAX) break;
    }
    const delimiter = stated ?? delimiterIn(head);
    // The parser gives its records to a function, so there is nothing to read at its end.
    await pipeline(rejoined(head, parts), parserFor(delimiter, records).resume()).catch((error) => refuseCsv(name, records.line, error));
    records.requireHeader();
    return { name, digest: hash.digest('hex'), encoding: decoding.encoding, delimiter };
  } finally {
    // A parser that fails at the head has never asked for the rest, which still has to be let go.
    await parts.return();
  }
}

interface Bytes {
  readonly decoding: Decoding;
  readonly see: (bytes: Uint8Array) => void;
}

async function* textOf(name: string, content: Content, { decoding, see }: Bytes): AsyncGenerator<string, void, undefined> {
  let bytes = 0;
  const length = new LineLength(name);
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    see(chunk);
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) refuse(name, decoding.line, 'file-too-large', `the file is larger than ${FILE_BYTES_MAX} bytes`);
    for (const text of decoding.decode(chunk)) {
      length.add(text, decoding.line);
      yield text;
      // A file that is here as a whole would keep everybody else waiting until it is read.
      await turn();
    }
  }
  yield decoding.end();
}

/** The parser limits what a row holds but not how many cells it has, which would fill the memory as well. */
class LineLength {
  private open = 0;
  private line = 1;

  constructor(private readonly file: string) {}

  add(text: string, lineAfter: number): void {
    const end = text.search(/[\n\r]/);
    this.open += end < 0 ? text.length : end;
    if (this.open > ROW_CHARACTERS_MAX) refuseLongRow(this.file, this.line);
    // A line that begins and ends within one piece is no longer than a piece.
    if (end >= 0) this.open = text.length - 1 - Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
    this.line = lineAfter;
  }
}

async function* rejoined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

/** The records as they come, with their lines. */
class Records {
  /** The line on which the record after the last one starts. */
  line = 1;
  private take: TakeRecord | undefined;
  private count = 0;
  private lastLine = 0;
  private pairs = 0;

  constructor(
    private readonly file: string,
    private readonly open: (header: readonly string[], line: number) => TakeRecord,
  ) {}

  /** `parserLine` is where the parser sees the record end. */
  add(cells: readonly string[], parserLine: number): void {
    const line = parserLine - this.pairs - (parserLine - this.lastLine > 1 ? this.linesWithin(cells) : 0);
    this.lastLine = parserLine;
    this.line = parserLine - this.pairs + 1;
    this.count++;
    if (this.count > ROWS_MAX) refuse(this.file, line, 'too-many-rows', `the file has more than ${ROWS_MAX} rows; send it in parts`);
    // A line of blank cells is no record. Were the parser to skip it, the next one could not be named with its line.
    if (cells.every((cell) => cell.trim() === '')) return;
    if (this.take) {
      this.take(line, cells);
      return;
    }
    const header = cells.map((cell) => cell.trim());
    requireColumns(this.file, header, line);
    this.take = this.open(header, line);
  }

  requireHeader(): void {
    if (!this.take) refuse(this.file, 1, 'empty-file', 'the file has no header');
  }

  /** Within quotation marks the parser counts a carriage return and the line feed behind it as two lines. */
  private linesWithin(cells: readonly string[]): number {
    const text = cells.join();
    this.pairs += text.split('\r\n').length - 1;
    return text.split(/[\r\n]/).length - 1;
  }
}

function delimiterIn(head: string): Delimiter {
  const line = (head.split(/[\n\r]/).find((one) => one.trim() !== '') ?? '').replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITER_NAMES.map((name) => line.split(DELIMITERS[name]).length);
  return DELIMITER_NAMES[counts.indexOf(Math.max(...counts))]!;
}

function parserFor(delimiter: Delimiter, records: Records) {
  return parse({
    delimiter: DELIMITERS[delimiter],
    record_delimiter: ['\r\n', '\n', '\r'],
    bom: true,
    relax_column_count: true,
    max_record_size: ROW_CHARACTERS_MAX,
    on_record: (cells: string[], { lines }) => {
      records.add(cells, lines);
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
      return refuseLongRow(name, line);
    default:
      return refuse(name, line, 'bad-quotes', 'a quotation mark stands within a cell; double it and put the cell in quotation marks');
  }
}

function requireColumns(name: string, header: readonly string[], line: number): void {
  if (header.length > COLUMNS_MAX) refuse(name, line, 'too-many-columns', `the file has more than ${COLUMNS_MAX} columns`);
  const double = header.find((cell, at) => cell !== '' && header.indexOf(cell) !== at);
  if (double !== undefined) refuse(name, line, 'duplicate-column', `the column ${double} is there twice`);
}

function refuseLongRow(file: string, line: number): never {
  const detail = `a row is longer than ${ROW_CHARACTERS_MAX} characters; perhaps a quotation mark is never closed`;
  return refuse(file, line, 'row-too-large', detail);
}

function refuse(file: string, line: number, code: string, detail: string): never {
  return reject('invalid', code, { file, line, detail });
}

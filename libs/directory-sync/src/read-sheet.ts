// The records of a file under a mapping, as rows. What is wrong with the file as a whole is said here, and with a single cell too.
import { reject, type DayOf } from '@app/kernel';
import { ELEMENTS, fieldOfElement, NO, YES, type Element } from './fields';
import { foldedHeader, requiredBy, type Mapping, type Stated } from './mapping';
import { readCsv, type Content, type Written } from './read-csv';
import { DateOrders, dateReader, type DateOrder } from './read-date';
import { DETAIL_CHARACTERS_MAX, isId, Row, type Sheet } from './sheet';

const TEXT_CHARACTERS_MAX = 500;
/** A column with so many different texts is one of ids, of which there is no end. */
const SHARED_MAX = 10_000;

/** How a file was read. */
export interface Reading extends Required<Written> {
  readonly file: string;
  /** Absent when no date of the file depends on it. */
  readonly dates?: DateOrder;
}
export interface SheetRequest {
  readonly name: string;
  readonly content: Content;
  readonly mappings: readonly Mapping[];
  readonly element?: string | undefined;
  readonly stated: Stated;
  /** The days of the organisation's zone; without it those of UTC. */
  readonly dayOf?: DayOf | undefined;
}

/** @throws Rejection when the file cannot be read as a whole */
export async function readSheet({ name, content, mappings, element, stated, dayOf }: SheetRequest): Promise<{
  readonly sheet: Sheet;
  readonly digest: string;
  readonly reading: Reading;
}> {
  let reader: SheetReader | undefined;
  // A saved mapping stands alone, and may say how such files are written.
  const written = { ...(mappings.length === 1 && mappings[0]!.written), ...stated };
  const { digest, encoding, delimiter } = await readCsv(name, content, written, (header, line) => {
    const head = { name, header, line };
    const opened = new SheetReader(head, mappingFor(head, mappings, element));
    reader = opened;
    return (at, cells) => opened.take(at, cells);
  });
  const { sheet, dates } = reader!.sheet(written.dates, dayOf);
  return { sheet, digest, reading: { file: name, encoding, delimiter, ...(dates && { dates }) } };
}

interface Head {
  readonly name: string;
  readonly header: readonly string[];
  readonly line: number;
}

/**
 * Chooses the mapping that a file is meant for: by element, by the file's name, or by its columns when only one fits.
 * @throws Rejection `missing-columns` or `unknown-element`
 */
function mappingFor(file: Head, mappings: readonly Mapping[], element: string | undefined): Mapping {
  if (element !== undefined && !ELEMENTS.includes(element as Element)) {
    reject('invalid', 'unknown-element', { element, detail: `the elements are ${mappings.map((one) => one.element).join(', ')}` });
  }
  const stem = file.name.toLowerCase().replace(/^.*[/\\]/, '');
  const wanted = element ?? mappings.find((one) => stem.startsWith(one.element))?.element;
  const fitting = mappings.filter((one) => missingColumns(file, one).length === 0);
  const chosen =
    mappings.length === 1
      ? mappings[0]!
      : wanted
        ? mappings.find((one) => one.element === wanted)
        : fitting.length === 1
          ? fitting[0]
          : undefined;
  if (!chosen) {
    const detail = `say which element the file holds: ${mappings.map((one) => one.element).join(', ')}`;
    return reject('invalid', 'unknown-element', { file: file.name, line: file.line, detail });
  }
  const missing = missingColumns(file, chosen);
  if (missing.length > 0) {
    reject('invalid', 'missing-columns', { file: file.name, line: file.line, columns: missing, detail: `missing: ${missing.join(', ')}` });
  }
  return chosen;
}

/** A column of the file and the field that it feeds; a numbered one has its number behind a `#`. */
interface Column {
  readonly field: string;
  readonly name: string;
  readonly kind: 'date' | 'id' | 'text';
  /** Where it stands in the file. */
  readonly at: number;
}
interface Taken {
  readonly line: number;
  readonly cells: (string | undefined)[];
  /** How many cells there were in all. */
  readonly width: number;
  /** Whether it is the header again, as where exports were joined. */
  readonly isHeader: boolean;
}

class SheetReader {
  private readonly columns: readonly Column[];
  private readonly required: readonly string[];
  private readonly taken: Taken[] = [];
  private readonly orders = new DateOrders();
  private readonly shared: ReadonlyMap<Column, Map<string, string>>;

  constructor(
    private readonly head: Head,
    private readonly mapping: Mapping,
  ) {
    this.columns = columnsOf(head, mapping);
    this.required = requiredBy(mapping);
    this.shared = new Map(this.columns.map((column) => [column, new Map()]));
  }

  /** Keeps of a record what feeds a field. */
  take(line: number, cells: readonly string[]): void {
    const kept = this.columns.map((column) => {
      const { kind, at } = column;
      const cell = this.sharedOf(column, cells[at] ?? '');
      const text = cell.trim();
      if (text === '') return this.mapping.blankKeeps ? undefined : '';
      if (kind === 'text') return cell;
      if (kind === 'date') this.orders.see(text, line);
      return kind === 'id' ? text.normalize('NFC') : text;
    });
    const { header } = this.head;
    const isHeader = cells.length === header.length && cells.every((cell, at) => cell.trim() === header[at]);
    this.taken.push({ line, cells: kept, width: cells.length, isHeader });
  }

  /** Most columns say the same again and again: their rows share one text. */
  private sharedOf(column: Column, cell: string): string {
    const shared = this.shared.get(column)!;
    if (shared.size >= SHARED_MAX) return cell;
    const known = shared.get(cell);
    if (known === undefined) shared.set(cell, cell);
    return known ?? cell;
  }

  /** The rows; one with a cell that cannot be is refused here. */
  sheet(stated: DateOrder | undefined, dayOf: DayOf | undefined): { readonly sheet: Sheet; readonly dates?: DateOrder } {
    const { name, header, line: first } = this.head;
    if (this.taken.length === 0) reject('invalid', 'no-rows', { file: name, line: first, detail: 'the file has a header and no rows' });
    const dates = stated ?? this.orders.order(name);
    const readDate = dateReader(dates ?? 'day-first', dayOf);
    const places = new Map(this.columns.map(({ field }, at) => [field, at]));
    const rows = this.taken.map(({ line, cells, width, isHeader }) => {
      const row = new Row(name, line, places, cells);
      if (isHeader) row.refuse('header-again', 'the header stands here a second time');
      if (width !== header.length) row.refuse('wrong-cell-count', `${width} cells under ${header.length} columns`);
      this.readDates(cells, row, readDate);
      this.requireCells(row);
      return row;
    });
    const fields = this.columns.map(({ field }) => field);
    return { sheet: { mapping: this.mapping, rows, noted: this.unknownColumns(), fields }, ...(dates && { dates }) };
  }

  /** A date that cannot be read stays as it is, and its row is refused. */
  private readDates(cells: (string | undefined)[], row: Row, readDate: (text: string) => string | undefined): void {
    this.columns.forEach(({ kind, name }, place) => {
      const text = cells[place];
      if (kind !== 'date' || !text) return;
      // A zero is how Moodle and Totara write "no date".
      const day = text === '0' ? '' : readDate(text);
      if (day === undefined)
        row.refuse('bad-date', `${name} is no date: ${text}${/^\d+$/.test(text) ? '; seconds have at least nine digits' : ''}`);
      else cells[place] = day;
    });
  }

  private requireCells(row: Row): void {
    for (const field of this.required) {
      if (row.text(field) === undefined) row.refuse('missing-value', `${nameOf(this.mapping, field)} is blank`);
    }
    for (const { field, name, kind } of this.columns) {
      const text = kind === 'date' ? undefined : row.text(field);
      if (text === undefined) continue;
      if (text.length > TEXT_CHARACTERS_MAX) row.refuse('too-long', `${name} is longer than ${TEXT_CHARACTERS_MAX} characters`);
      else if (kind === 'id' && !isId(text)) row.refuse('bad-id', `${name} is no id: ${text}`);
      else if (field === 'deleted' && ![...YES, ...NO].includes(text.trim().toLowerCase()))
        row.refuse('not-yes-or-no', `${name} is neither ${YES.join(', ')} nor ${NO.join(', ')}: ${text}`);
    }
  }

  private unknownColumns(): Sheet['noted'] {
    const known = new Set([...this.columns.map(({ name }) => name), '']);
    const ignored = new Set(this.mapping.ignored?.map(foldedHeader));
    const { name: file, header, line } = this.head;
    return header
      .filter((name) => !known.has(name) && !ignored.has(foldedHeader(name)))
      .map((name) => ({ line, code: 'unknown-column', detail: name.slice(0, DETAIL_CHARACTERS_MAX), file }));
  }
}

/** @throws Rejection `duplicate-column` when two columns would feed one field: nobody could say which is right */
function columnsOf(file: Head, mapping: Mapping): readonly Column[] {
  const byField = new Map<string, Column>();
  for (const [at, name] of file.header.entries()) {
    const field = fieldOf(mapping, name);
    if (field === undefined) continue;
    const other = byField.get(field);
    if (other)
      reject('invalid', 'duplicate-column', {
        file: file.name,
        line: file.line,
        detail: `the columns ${other.name} and ${name} say the same`,
      });
    byField.set(field, { field, name, kind: fieldOfElement(mapping.element, field)!.kind, at });
  }
  return [...byField.values()];
}

function missingColumns(file: Head, mapping: Mapping): string[] {
  const fed = new Set(file.header.map((header) => fieldOf(mapping, header)));
  return requiredBy(mapping)
    .filter((field) => !fed.has(field))
    .map((field) => nameOf(mapping, field));
}

function fieldOf({ columns }: Mapping, header: string): string | undefined {
  const wanted = foldedHeader(header);
  const number = /\d{1,3}$/.exec(wanted)?.[0];
  const numbered = number === undefined ? undefined : `${wanted.slice(0, -number.length)}#`;
  for (const [field, names] of Object.entries(columns)) {
    if (names.some((name) => foldedHeader(name) === wanted)) return field;
    if (numbered !== undefined && names.some((name) => foldedHeader(name) === numbered)) return `${field}#${Number(number)}`;
  }
  return undefined;
}

function nameOf(mapping: Mapping, field: string): string {
  return mapping.columns[field]![0]!;
}

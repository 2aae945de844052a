// A file under a mapping: rows whose cells are asked by field, and the verdict that each row gets.
import { reject } from '@app/kernel';
import { ELEMENTS, type Element, type Mapping } from './mapping';
import type { CsvFile } from './read-csv';
import { dateOrderIn, dateReader, type DateOrder } from './read-date';

/** What became of a row; a later one in this list wins when a row says several things. */
export const VERDICTS = ['unchanged', 'changed', 'ended', 'added', 'rejected'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Something to tell about a row. */
export interface Remark {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly file: string;
}

/** One row on its way through a plan. */
export class Row {
  verdict: Verdict = 'unchanged';
  fault: Remark | undefined;

  constructor(
    readonly file: string,
    readonly line: number,
    /** Where the cell of each field is; all rows of a file share it. */
    private readonly places: ReadonlyMap<string, number>,
    /** An absent cell is as if there were no such column. */
    private readonly cells: readonly (string | undefined)[],
  ) {}

  get rejected(): boolean {
    return this.fault !== undefined;
  }

  /** Whether the file has a column for the field. */
  has(field: string): boolean {
    return this.cellOf(field) !== undefined;
  }

  /** The cell, or nothing when it is blank or there is no such column. */
  text(field: string): string | undefined {
    return this.cellOf(field) || undefined;
  }

  /** Whether both rows say the same in every column. */
  saysTheSameAs(other: Row): boolean {
    for (const field of this.places.keys()) if (this.has(field) && other.cellOf(field) !== this.cellOf(field)) return false;
    return true;
  }

  judge(verdict: Verdict): void {
    if (VERDICTS.indexOf(verdict) > VERDICTS.indexOf(this.verdict)) this.verdict = verdict;
  }

  /** Says why the row is not taken; the first reason stands. */
  refuse(code: string, detail: string): void {
    this.judge('rejected');
    this.fault ??= this.remark(code, detail);
  }

  remark(code: string, detail: string): Remark {
    return { line: this.line, code, detail: detail.slice(0, DETAIL_CHARACTERS_MAX), file: this.file };
  }

  private cellOf(field: string): string | undefined {
    const place = this.places.get(field);
    return place === undefined ? undefined : this.cells[place];
  }
}

export interface Sheet {
  readonly mapping: Mapping;
  readonly rows: readonly Row[];
  /** What is odd and yet no reason to refuse. */
  readonly noted: readonly Remark[];
  /** The fields that the file has columns for. */
  readonly fields: readonly string[];
}

const DATE_DOUBT = 'days and months could be either way round in every date; they are read as day/month, unless you say otherwise';
const DETAIL_CHARACTERS_MAX = 300;
const ID_BYTES_MAX = 100;
const TEXT_CHARACTERS_MAX = 500;
/** An id is part of the names of streams and links: no blanks, no control characters, no slash. */
const ID = /^[^\s/\p{C}]+$/u;
const UTF8 = new TextEncoder();

/**
 * Chooses the mapping that a file is meant for: by element, by the file's name, or by its columns when only one fits.
 * @throws Rejection `missing-columns` or `unknown-element`
 */
export function mappingFor(file: CsvFile, mappings: readonly Mapping[], element: string | undefined): Mapping {
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
    return reject('invalid', 'unknown-element', { file: file.name, line: 1, detail });
  }
  const missing = missingColumns(file, chosen);
  if (missing.length > 0) {
    reject('invalid', 'missing-columns', { file: file.name, line: 1, columns: missing, detail: `missing: ${missing.join(', ')}` });
  }
  return chosen;
}

/** The file's rows under the mapping; a row with a cell that cannot be is refused here. */
export function sheetOf(file: CsvFile, mapping: Mapping, dates?: DateOrder): Sheet {
  const columns = columnsOf(file, mapping);
  const ignored = new Set(mapping.ignored?.map(folded));
  const noted = file.header
    .filter((header, at) => columns[at] === undefined && header !== '' && !ignored.has(folded(header)))
    .map((header) => ({ line: 1, code: 'unknown-column', detail: header.slice(0, DETAIL_CHARACTERS_MAX), file: file.name }));
  const { order, doubt } = dates ? { order: dates } : orderOfDates(file, columns);
  const reading = { mapping, readDate: dateReader(order), columns };
  const places = new Map(columns.flatMap((column, at) => (column ? [[column.field, at]] : [])));
  const rows = file.records.map(({ line, cells }) => {
    const row = new Row(file.name, line, places, cellsOf(cells, reading));
    if (cells.length !== file.header.length) {
      row.refuse('wrong-cell-count', `${cells.length} cells under ${file.header.length} columns`);
    }
    requireCells(row, reading);
    return row;
  });
  if (doubt !== undefined) noted.push({ line: doubt, code: 'date-order-guessed', detail: DATE_DOUBT, file: file.name });
  return { mapping, rows, noted, fields: columns.flatMap((column) => column?.field ?? []) };
}

/** A column of the file and the field that it feeds; a numbered one has its number behind a `#`. */
interface Column {
  readonly field: string;
  readonly name: string;
  readonly kind: 'date' | 'id' | 'text';
}
interface Reading {
  readonly mapping: Mapping;
  readonly readDate: (text: string) => string | undefined;
  readonly columns: readonly (Column | undefined)[];
}

/** @throws Rejection `duplicate-column` when two columns would feed one field: nobody could say which is right */
function columnsOf(file: CsvFile, mapping: Mapping): readonly (Column | undefined)[] {
  const byField = new Map<string, string>();
  return file.header.map((header) => {
    const field = fieldOf(mapping, header);
    if (field === undefined) return undefined;
    const other = byField.get(field);
    if (other !== undefined) {
      reject('invalid', 'duplicate-column', { file: file.name, line: 1, detail: `the columns ${other} and ${header} say the same` });
    }
    byField.set(field, header);
    const [plain] = field.split('#');
    const kind = mapping.dates?.includes(plain!) ? 'date' : mapping.ids?.includes(plain!) ? 'id' : 'text';
    return { field, name: header, kind };
  });
}

/** Days and months of a whole file are in one order; what is beyond doubt in one row says it for all. */
function orderOfDates({ records }: CsvFile, columns: readonly (Column | undefined)[]): { order: DateOrder; doubt?: number } {
  const places = columns.flatMap((column, at) => (column?.kind === 'date' ? [at] : []));
  let doubt: number | undefined;
  for (const { line, cells } of records) {
    for (const at of places) {
      const order = dateOrderIn(cells[at]?.trim() ?? '');
      if (order === 'day-first' || order === 'month-first') return { order };
      if (order === 'either') doubt ??= line;
    }
  }
  return { order: 'day-first', ...(doubt !== undefined && { doubt }) };
}

/** A date that is not there is absent; one that cannot be read stays as it is, and its row is refused. */
function cellsOf(cells: readonly string[], { mapping, readDate, columns }: Reading): readonly (string | undefined)[] {
  return columns.map((column, at) => {
    if (column === undefined) return undefined;
    const cell = cells[at] ?? '';
    const text = cell.trim();
    if (text === '' && mapping.blankKeeps) return undefined;
    // A zero is how Moodle and Totara write "no date".
    if (column.kind === 'date') return text === '' || text === '0' ? '' : (readDate(text) ?? text);
    return column.kind === 'id' ? text.normalize('NFC') : text === '' ? '' : cell;
  });
}

function requireCells(row: Row, { mapping, readDate, columns }: Reading): void {
  for (const field of mapping.required) {
    if (row.text(field) === undefined) row.refuse('missing-value', `${nameOf(mapping, field)} is blank`);
  }
  for (const column of columns) {
    const text = column === undefined ? undefined : row.text(column.field);
    if (text === undefined) continue;
    const { name, kind } = column!;
    if (kind === 'date') {
      if (readDate(text) === undefined) row.refuse('bad-date', `${name} is no date: ${text}`);
    } else if (text.length > TEXT_CHARACTERS_MAX) row.refuse('too-long', `${name} is longer than ${TEXT_CHARACTERS_MAX} characters`);
    else if (kind === 'id' && !isId(text)) row.refuse('bad-id', `${name} is no id: ${text}`);
  }
}

/** Whether the text can name a person, an assignment, a unit or a position. */
export function isId(text: string): boolean {
  return ID.test(text) && (text.length * 3 <= ID_BYTES_MAX || UTF8.encode(text).length <= ID_BYTES_MAX);
}

function missingColumns(file: CsvFile, mapping: Mapping): string[] {
  const fed = new Set(file.header.map((header) => fieldOf(mapping, header)));
  return mapping.required.filter((field) => !fed.has(field)).map((field) => nameOf(mapping, field));
}

function fieldOf({ columns }: Mapping, header: string): string | undefined {
  const wanted = folded(header);
  const number = /\d{1,3}$/.exec(wanted)?.[0];
  const numbered = number === undefined ? undefined : `${wanted.slice(0, -number.length)}#`;
  for (const [field, names] of Object.entries(columns)) {
    if (names.some((name) => folded(name) === wanted)) return field;
    if (numbered !== undefined && names.some((name) => folded(name) === numbered)) return `${field}#${Number(number)}`;
  }
  return undefined;
}

/** Headers differ in case, blanks and underscores from one export to the next. */
function folded(header: string): string {
  return header
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '');
}

function nameOf(mapping: Mapping, field: string): string {
  return mapping.columns[field]![0]!;
}

// A file under a mapping: rows whose cells are asked by field, and the verdict that each row gets.
import { reject } from '@app/kernel';
import { ELEMENTS, type Element, type Mapping } from './mapping';
import type { CsvFile } from './read-csv';
import { dateReader } from './read-date';

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
    private readonly cells: ReadonlyMap<string, string>,
  ) {}

  get rejected(): boolean {
    return this.fault !== undefined;
  }

  /** Whether the file has a column for the field. */
  has(field: string): boolean {
    return this.cells.has(field);
  }

  /** The cell, or nothing when it is blank or there is no such column. */
  text(field: string): string | undefined {
    return this.cells.get(field) || undefined;
  }

  /** Whether both rows say the same in every column. */
  saysTheSameAs(other: Row): boolean {
    for (const [field, cell] of this.cells) if (other.cells.get(field) !== cell) return false;
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
}

export interface Sheet {
  readonly mapping: Mapping;
  readonly rows: readonly Row[];
  /** What is odd and yet no reason to refuse. */
  readonly noted: readonly Remark[];
}

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
export function sheetOf(file: CsvFile, mapping: Mapping): Sheet {
  const fields = file.header.map((header) => fieldOf(mapping, header));
  const known = (header: string) => header === '' || mapping.ignored?.includes(header);
  const noted = file.header
    .filter((header, at) => fields[at] === undefined && !known(header))
    .map((header) => ({ line: 1, code: 'unknown-column', detail: header.slice(0, DETAIL_CHARACTERS_MAX), file: file.name }));
  const readDate = dateReader();
  const rows = file.records.map(({ line, cells }) => {
    const row = new Row(file.name, line, cellsOf(fields, cells, { mapping, readDate }));
    if (cells.length !== file.header.length) {
      row.refuse('wrong-cell-count', `${cells.length} cells under ${file.header.length} columns`);
    }
    requireCells(row, fields, { mapping, readDate });
    return row;
  });
  return { mapping, rows, noted };
}

interface Reading {
  readonly mapping: Mapping;
  readonly readDate: (text: string) => string | undefined;
}

/** A date that is not there is absent; one that cannot be read stays as it is, and its row is refused. */
function cellsOf(
  fields: readonly (string | undefined)[],
  cells: readonly string[],
  { mapping, readDate }: Reading,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  fields.forEach((field, at) => {
    if (field === undefined) return;
    const cell = cells[at] ?? '';
    if (mapping.dates?.includes(field)) {
      const text = cell.trim();
      // A zero is how Moodle and Totara write "no date".
      found.set(field, text === '' || text === '0' ? '' : (readDate(text) ?? text));
    } else found.set(field, mapping.ids?.includes(field) ? cell.trim().normalize('NFC') : cell.trim() === '' ? '' : cell);
  });
  return found;
}

function requireCells(row: Row, fields: readonly (string | undefined)[], { mapping, readDate }: Reading): void {
  for (const field of mapping.required) {
    if (row.text(field) === undefined) row.refuse('missing-value', `${nameOf(mapping, field)} is blank`);
  }
  for (const field of fields) {
    const text = field === undefined ? undefined : row.text(field);
    if (text === undefined) continue;
    const name = nameOf(mapping, field!);
    if (mapping.dates?.includes(field!)) {
      if (readDate(text) === undefined) row.refuse('bad-date', `${name} is no date: ${text}`);
    } else if (text.length > TEXT_CHARACTERS_MAX) row.refuse('too-long', `${name} is longer than ${TEXT_CHARACTERS_MAX} characters`);
    else if (mapping.ids?.includes(field!) && !isId(text)) row.refuse('bad-id', `${name} is no id: ${text}`);
  }
}

/** Whether the text can name a person, an assignment, a unit or a position. */
export function isId(text: string): boolean {
  return ID.test(text) && (text.length * 3 <= ID_BYTES_MAX || UTF8.encode(text).length <= ID_BYTES_MAX);
}

function missingColumns(file: CsvFile, mapping: Mapping): string[] {
  return mapping.required
    .filter((field) => !mapping.columns[field]!.some((name) => file.header.includes(name)))
    .map((field) => nameOf(mapping, field));
}

function fieldOf(mapping: Mapping, header: string): string | undefined {
  return Object.keys(mapping.columns).find((field) => mapping.columns[field]!.includes(header));
}

function nameOf(mapping: Mapping, field: string): string {
  return mapping.columns[field]![0]!;
}

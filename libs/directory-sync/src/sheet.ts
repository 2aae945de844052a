// A file under a mapping: rows whose cells are asked by field, and the verdict that each row gets.
import type { Mapping } from './mapping';

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

const NO_CELLS: readonly undefined[] = [];

/** One row on its way through a plan. */
export class Row {
  verdict: Verdict = 'unchanged';
  fault: Remark | undefined;
  /** Whether nothing of the row is taken. */
  rejected = false;

  constructor(
    readonly file: string,
    readonly line: number,
    /** Where the cell of each field is; all rows of a file share it. */
    private readonly places: ReadonlyMap<string, number>,
    /** An absent cell is as if there were no such column. */
    private cells: readonly (string | undefined)[],
  ) {}

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
    this.rejected = true;
    this.refusePart(code, detail);
  }

  /** Says what of the row is not taken, where the rest of it is. */
  refusePart(code: string, detail: string): void {
    this.judge('rejected');
    this.fault ??= this.remark(code, detail);
  }

  remark(code: string, detail: string): Remark {
    return { line: this.line, code, detail: detail.slice(0, DETAIL_CHARACTERS_MAX), file: this.file };
  }

  /** Lets its cells go, once nobody will ask for them: what is told of a row is its verdict. */
  empty(): void {
    this.cells = NO_CELLS;
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

export const DETAIL_CHARACTERS_MAX = 300;
const ID_BYTES_MAX = 100;
/** An id is part of the names of streams and links: no blanks, no control characters, no slash. */
const ID = /^[^\s/\p{C}]+$/u;
const UTF8 = new TextEncoder();

/** Whether the text can name a person, an assignment, a unit or a position. */
export function isId(text: string): boolean {
  return ID.test(text) && (text.length * 3 <= ID_BYTES_MAX || UTF8.encode(text).length <= ID_BYTES_MAX);
}

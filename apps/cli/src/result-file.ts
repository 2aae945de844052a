// What became of every row, as a CSV file that a spreadsheet may open: no cell of it is a formula.
import { writeFileSync } from 'node:fs';
import { EXIT, Failure } from './failure';

export interface Verdict {
  readonly file: string;
  readonly line: number;
  readonly verdict: string;
}
interface Told {
  readonly file?: string;
  readonly line: number;
  readonly code: string;
  readonly detail?: string;
}
export interface Results {
  readonly lines: readonly Verdict[];
  readonly rejected: readonly Told[];
  readonly noted: readonly Told[];
}

/**
 * Makes the file before anything is sent, so that no import is carried out whose results have no place.
 * @throws Failure when it is there already, or cannot be written
 */
export function claimResults(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(EXIT.usage, 'unwritable-file', `${path} cannot be written: ${error.code === 'EEXIST' ? 'it exists' : error.message}`);
  }
}

export function resultsCsv({ lines, rejected, noted }: Results): string {
  const remarks = Map.groupBy([...rejected, ...noted], placeOf);
  const rows = lines.flatMap((row) => {
    const told = remarks.get(placeOf(row)) ?? [{ code: '', detail: '' }];
    return told.map(({ code, detail = '' }) => [row.file, String(row.line), row.verdict, code, detail]);
  });
  return [['file', 'line', 'verdict', 'code', 'detail'], ...rows].map((cells) => cells.map(cellOf).join()).join('\r\n') + '\r\n';
}

function placeOf({ file, line }: { readonly file?: string; readonly line: number }): string {
  return `${file} ${line}`;
}

/**
 * Spreadsheets run a cell that begins with one of these; an apostrophe before it makes it text (E48). Where they take semicolons
 * or tabs for what separates cells, one begins behind each of those too.
 */
function cellOf(text: string): string {
  const safe = text.replaceAll(/(^|[;\t\r\n])(?=\s*[=+\-@\t\r|%＝＋－＠])/gu, "$1'");
  return /[",;\r\n\t']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

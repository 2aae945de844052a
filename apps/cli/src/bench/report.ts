// What the bench found, as a table for people or as JSON.
import type { Round } from './rounds';

/** One comparison: ours and what it is measured beside. */
export interface Line {
  readonly what: string;
  readonly at: string;
  readonly unit: string;
  readonly ours: Figures;
  readonly beside: string;
  readonly its: Figures;
}
export interface Figures extends Partial<Omit<Round, 'value'>> {
  readonly value: number;
}

/** How far ours comes of the other. */
export function ratioOf({ ours, its }: Line): number {
  return Math.round((ours.value / its.value) * 100) / 100;
}

const HEAD = ['what', 'at', 'ours', 'reference', 'ratio', 'p50 ms', 'p99 ms', 'flushes each'];

export function tableOf(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells(line: Line): string[] {
  const { what, at, unit, ours, beside, its } = line;
  const both = (pick: (side: Figures) => number | undefined, digits: number) =>
    pick(ours) === undefined ? '' : `${pick(ours)!.toFixed(digits)} | ${pick(its)?.toFixed(digits) ?? '-'}`;
  // What takes microseconds would be nothing in hundredths.
  const fine = (ours.p50 ?? 1) < 1 ? 4 : 2;
  return [
    what,
    at,
    `${Math.round(ours.value)}${unit}`,
    `${beside} ${Math.round(its.value)}${unit}`,
    ratioOf(line).toFixed(2),
    both(({ p50 }) => p50, fine),
    both(({ p99 }) => p99, fine),
    both(({ flushes }) => flushes, 3),
  ];
}

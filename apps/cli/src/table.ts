// Aligned columns for people to read.

/** Lines of a table: text to the left, numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[], indent = '  '): readonly string[] {
  const texts = rows.map((row) => row.map(cellText));
  const widths = Array.from({ length: Math.max(0, ...rows.map(({ length }) => length)) }, (_, at) =>
    Math.max(...texts.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row, line) => {
    const cells = row.map((cell, at) => {
      const text = texts[line]![at]!;
      return isRight(rows, cell, at) ? text.padStart(widths[at]!) : text.padEnd(widths[at]!);
    });
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

/** 12345 as 12,345. */
export function count(figure: number): string {
  return figure.toLocaleString('en-GB');
}

function cellText(cell: string | number): string {
  return typeof cell === 'number' ? count(cell) : cell;
}

/** A heading stands over its column: to the right when the column holds numbers. */
function isRight(rows: readonly (readonly (string | number)[])[], cell: string | number, at: number): boolean {
  return typeof cell === 'number' || (rows[0]?.[at] === cell && rows.slice(1).some((row) => typeof row[at] === 'number'));
}

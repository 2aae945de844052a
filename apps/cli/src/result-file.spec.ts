// E48: a file of results holds text from the file that was imported, and must not run in a spreadsheet.
import { parse } from 'csv-parse/sync';
import { resultsCsv } from './result-file';

const row = (line: number, verdict: string) => ({ file: 'people.csv', line, verdict });
const cells = (text: string) => parse(text, { relax_column_count: false });

test('every row has its verdict, and those of which there is something to tell have a row for each', () => {
  const text = resultsCsv({
    lines: [row(2, 'added'), row(3, 'rejected'), row(4, 'changed')],
    rejected: [{ file: 'people.csv', line: 3, code: 'bad-id', detail: 'person_id is no id: a b' }],
    noted: [
      { file: 'people.csv', line: 4, code: 'odd-fte', detail: 'one' },
      { file: 'people.csv', line: 4, code: 'post-again', detail: 'two' },
    ],
  });
  expect(cells(text)).toEqual([
    ['file', 'line', 'verdict', 'code', 'detail'],
    ['people.csv', '2', 'added', '', ''],
    ['people.csv', '3', 'rejected', 'bad-id', 'person_id is no id: a b'],
    ['people.csv', '4', 'changed', 'odd-fte', 'one'],
    ['people.csv', '4', 'changed', 'post-again', 'two'],
  ]);
});
test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '=HYPERLINK("http://x","y")', '|calc', '＝1', '%0A=1'])(
  '%j is text, and none of it is lost',
  (detail) => {
    const text = resultsCsv({
      lines: [{ file: '=x.csv', line: 2, verdict: 'rejected' }],
      rejected: [{ file: '=x.csv', line: 2, code: 'bad-id', detail }],
      noted: [],
    });
    const [, [file, , , , told] = []] = cells(text);
    expect([file, told]).toEqual(["'=x.csv", `'${detail}`]);
  },
);
test('where semicolons, tabs or lines separate cells, what is behind them is text too', () => {
  const detail = 'a;=1 b\t@SUM(1)\n-2; ＋3 c-d e=f';
  const text = resultsCsv({
    lines: [row(2, 'rejected')],
    rejected: [{ file: 'people.csv', line: 2, code: 'bad-id', detail }],
    noted: [],
  });
  for (const delimiter of [',', ';', '\t']) {
    const found = parse(text, { delimiter, relax_column_count: true, relax_quotes: true }).flat();
    expect(found.filter((cell: string) => /^\s*[=+\-@＝＋－＠]/u.test(cell))).toEqual([]);
  }
  expect(cells(text)[1]![4]!.replaceAll("'", '')).toBe(detail);
});
test('quotation marks, commas and lines within a detail stay in their cell', () => {
  const detail = 'a "b", c\nd';
  const text = resultsCsv({
    lines: [row(2, 'rejected')],
    rejected: [{ file: 'people.csv', line: 2, code: 'too-long', detail }],
    noted: [],
  });
  expect(cells(text)[1]![4]).toBe(detail);
});

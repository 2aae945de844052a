// Records and their lines, whatever separates cells and ends lines.
import { readCsv, ROWS_MAX, type Written } from './read-csv';

async function read(text: string, written: Written = {}) {
  const records: string[] = [];
  const file = await readCsv('a.csv', Buffer.from(text), written, (header) => {
    records.push(header.join('¦'));
    return (line, cells) => records.push(`${line} ${cells.join('¦')}`);
  });
  return { ...file, records };
}

test.each([
  ['a,b\n1,2', 'comma'],
  ['a;b;"c,d,e,f"\n1;2;3', 'semicolon'],
  ['a\tb,c\td\n1\t2\t3', 'tab'],
  ['a|b|c;d\n1|2|3', 'pipe'],
  ['a\n1', 'comma'],
])('%j is told by its header to be separated by a %s', async (text, delimiter) => expect(await read(text)).toMatchObject({ delimiter }));
test('what the caller says goes before what the header shows', async () =>
  expect(await read('a,b;c\n1,2;3', { delimiter: 'semicolon' })).toMatchObject({ delimiter: 'semicolon', records: ['a,b¦c', '2 1,2¦3'] }));

test.each([
  ['line feeds', 'a,b\n1,2\n\n\n3,4\n'],
  ['both', 'a,b\r\n1,2\r\n\r\n\r\n3,4\r\n'],
  ['carriage returns', 'a,b\r1,2\r\r\r3,4'],
  ['whatever came', 'a,b\r\n1,2\r\r\n\n3,4'],
])('a record has the line on which an editor shows it, with %s', async (_what, text) =>
  expect((await read(text)).records).toEqual(['a¦b', '2 1¦2', '5 3¦4']),
);
test.each(['\n', '\r\n', '\r'])('lines within cells count, as those between records do: %j', async (end) => {
  const text = ['a,b', `"1${end}x${end}y",2`, `3,"4${end}z"`, '5,6'].join(end);
  expect((await read(text)).records.map((one) => one.split(' ')[0])).toEqual(['a¦b', '2', '5', '7']);
});
test.each([
  [';;\na;b;c\n1;2;3\n;;\n ; ; \n4;5;6\n;', 'semicolon'],
  ['\n\n,,\na,b,c\n1,2,3\n,,\n\n4,5,6', 'comma'],
  ['  \n\t\na;b;c\n1;2;3', 'semicolon'],
  ['\r\n\r\na;b;c\r\n1;2;3', 'semicolon'],
])('blank lines are no records, with cells or without, also before the header: %j', async (text, delimiter) => {
  const found = await read(text);
  expect([found.delimiter, found.records[0]]).toEqual([delimiter, 'a¦b¦c']);
  const lines = text.split(/\r?\n/);
  expect(found.records.slice(1)).toEqual(
    lines.flatMap((line, at) => (/\d/.test(line) ? [`${at + 1} ${line.replaceAll(/[,;]/g, '¦')}`] : [])),
  );
});
test('a quotation mark that is opened on a late line is named with it', async () =>
  expect(read('a,b\r\n"1\r\nx",2\r\n\r\n"3,4')).rejects.toMatchObject({ code: 'unclosed-quote', facts: { line: 5 } }));
test('a file of more rows than we take is refused before they are all kept', async () =>
  expect(read(`a\n${'1\n'.repeat(ROWS_MAX + 1)}`)).rejects.toMatchObject({ code: 'too-many-rows', facts: { line: ROWS_MAX + 1 } }));

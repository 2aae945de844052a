// Files that are broken, odd or meant to harm, from a seed: each with what must become of it.
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Random } from './random';

export interface HostileFile {
  readonly what: string;
  readonly content: Buffer;
  readonly query: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The codes of which one must be the answer's, when the file is refused as a whole. */
  readonly refused?: readonly string[];
  /** Lines and codes of its rows, when none of them is taken. */
  readonly rows?: readonly string[];
  /** How many of its rows are taken, when it only looks harmful. */
  readonly taken?: number;
}
type Made = Omit<HostileFile, 'what' | 'query'> & { readonly query?: string };
/** Some good rows in a file of people, and the number under which this file's people are not those of another. */
interface Chance {
  readonly random: Random;
  readonly some: readonly string[];
  readonly id: string;
}

const HEADER = 'idnumber,username,firstname,lastname,email';
const PEOPLE = 'preset=native&element=people';
const JOBS_HEADER = 'person_id,assignment_id,position_type,valid_from,manager_ref,manager_kind,manager_responsibilities';
const JOBS = 'preset=native&element=assignments';
const KILO = 1024;
const MEGA = KILO * KILO;

const csv = (...rows: readonly string[]) => Buffer.from([HEADER, ...rows].join('\n'));
const jobs = (...rows: readonly string[]) => ({ content: Buffer.from([JOBS_HEADER, ...rows].join('\n')), query: JOBS });
const undecodable = { refused: ['undecodable'] };

function bytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** A zip archive of one file, as far as a reader of its first bytes can tell. */
function zipped(content: Buffer): Buffer {
  const head = Buffer.from('504b0304140000000800', 'hex');
  return Buffer.concat([head, Buffer.alloc(20), Buffer.from('a.csv'), deflateRawSync(content)]);
}

const KINDS: Readonly<Record<string, (chance: Chance) => Made>> = {
  'nothing in it': ({ random }) => ({
    content: Buffer.from(random.of(['', '\n', '\r\n\r\n', ' ', '\uFEFF', '\uFEFF\n'])),
    refused: ['empty-file'],
  }),
  'only a header': ({ random }) => ({ content: Buffer.from(HEADER + random.of(['', '\n', '\r\n', '\n\n\n'])), refused: ['no-rows'] }),
  'its header twice': ({ random, id }) => {
    const between = Array.from({ length: random.below(5) }, (_, at) => `${id}-${at},,,,`);
    const missing = between.map((_, at) => `${at + 2} missing-value`);
    return { content: csv(...between, HEADER), rows: [...missing, `${between.length + 2} header-again`] };
  },
  'a quotation mark never closed': ({ some, random }) => ({
    content: csv(...some, `x,"${'y\n'.repeat(1 + random.below(50_000))}`),
    refused: ['unclosed-quote', 'row-too-large'],
  }),
  'a quotation mark within a cell': ({ some, random }) => ({
    content: csv(...some, random.of(['x,y"z,a,b,c', 'x,"y"z,a,b,c', 'x,y,a,b,"c" ', '"x""'])),
    refused: ['bad-quotes', 'unclosed-quote'],
  }),
  'nothing but quotation marks': ({ random }) => ({
    content: Buffer.from('"'.repeat(1 + 2 * random.below(2 * MEGA))),
    refused: ['row-too-large', 'unclosed-quote', 'bad-quotes', 'empty-file', 'missing-columns'],
  }),
  'a million columns': ({ random }) => ({
    content: Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => `c${at}`).join(random.of([',', ';', '\t', '|']))),
    refused: ['row-too-large'],
  }),
  'hundreds of columns': ({ random, id }) => ({
    content: Buffer.from(`${HEADER}${',x'.repeat(random.below(10))}${Array.from({ length: 300 }, (_, at) => `,c${at}`).join('')}\n${id}`),
    refused: ['too-many-columns', 'duplicate-column'],
  }),
  'a million cells in a row': ({ some }) => ({ content: csv(...some, ','.repeat(1_000_000)), refused: ['row-too-large'] }),
  'a cell of 10 MB': ({ some, random }) => ({
    content: csv(...some, `x,${random.of(['y'.repeat(10 * MEGA), `"${'y""'.repeat(3 * MEGA)}"`, `"${'\n'.repeat(10 * MEGA)}"`])},a,b,c`),
    refused: ['row-too-large'],
  }),
  'a compressed bomb': ({ random }) => ({
    content: random.of([gzipSync(Buffer.alloc(10 * MEGA)), zipped(Buffer.alloc(10 * MEGA)), gzipSync(csv('a,b,c,d,e'))]),
    ...undecodable,
  }),
  'a body that says that it is compressed': ({ some, random }) => ({
    content: gzipSync(csv(...some)),
    headers: { 'content-encoding': random.of(['gzip', 'deflate', 'br', 'gzip, gzip']) },
    refused: ['unsupported-media-type'],
  }),
  'another type': ({ some, random }) => ({
    content: csv(...some),
    headers: {
      'content-type': random.of([
        'text/plain',
        'application/gzip',
        'application/zip',
        'application/json',
        'application/vnd.ms-excel',
        'text/csvx',
      ]),
    },
    refused: ['unsupported-media-type'],
  }),
  'UTF-16': ({ some, random }) => {
    const text = `${random.of(['\uFEFF', ''])}${csv(...some).toString()}\n`;
    const little = Buffer.from(text, 'utf16le');
    return { content: random.below(2) === 0 ? little : little.swap16(), taken: some.length };
  },
  'UTF-16 that is torn': ({ some, random }) => {
    const whole = Buffer.from(`\uFEFF${csv(...some).toString()}\nx,${random.of(['\ud800', '\udc00a', '\udfff\ud800'])},y,z,`, 'utf16le');
    return { content: random.below(2) === 0 ? whole : whole.subarray(0, -1), ...undecodable };
  },
  'NUL characters': ({ some, random }) => {
    const content = csv(...some);
    content[random.below(content.length)] = 0;
    return { content, ...undecodable };
  },
  'bytes that are no UTF-8': ({ some, random }) => {
    const bad = random.of([
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0xe0, 0x80, 0xaf],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xff, 0xfe, 0xfd, 0x81],
    ]);
    return { content: Buffer.concat([csv(...some), Buffer.from('\nx,\u00e9'), Buffer.from(bad)]), ...undecodable };
  },
  'Latin-1': ({ random, id }) => ({
    content: Buffer.from(`${HEADER}\n${id},${id},J\u00fcrg,M\u00e9ry${random.of(['', '\u00df', '\u00a0'])},`, 'latin1'),
    taken: 1,
  }),
  'random bytes': ({ random }) => {
    const content = bytes(random, 600 + random.below(200 * KILO));
    return { content, refused: ['undecodable'] };
  },
  'formulas in names': ({ random, id }) => ({
    content: csv(
      `${id},${id},"${random.of(['=HYPERLINK(""http://x"")', '@SUM(1)', '+cmd|calc', '-2+3', '\t=1', '\r=1', '＝1', '%0A=1'])}",Lee,`,
    ),
    taken: 1,
  }),
  'formulas for ids': ({ random }) => ({
    content: csv(`"${random.of(['=1 + 1', "=cmd|' /C calc'!A0", '@a b', '- 1', '+1/2'])}",x,a,b,`),
    rows: ['2 bad-id'],
  }),
  'one key with two meanings': ({ random, id }) => ({
    content: csv(`${id},${id}a,A,B,`, random.of([`${id},${id}a,A,C,`, ` ${id} ,${id}b,A,B,`, `${id},${id}b,A,B,`])),
    rows: ['2 duplicate-key', '3 duplicate-key'],
  }),
  'one key with an accent in two ways': ({ random, id }) => {
    const accent = random.of(['é', 'ü', 'ệ']);
    return {
      content: csv(`${id}${accent.normalize('NFC')},${id}a,A,B,`, `${id}${accent.normalize('NFD')},${id}b,A,C,`),
      rows: ['2 duplicate-key', '3 duplicate-key'],
    };
  },
  'keys that differ by case or width': ({ random, id }) => ({
    content: csv(`${id}a,${id}x,A,B,`, `${id}${random.of(['A', 'ａ', 'Ａ'])},${id}y,A,B,`),
    rows: ['2 confusable-key', '3 confusable-key'],
  }),
  'user names that differ by case or by how accents are written': ({ random, id }) => {
    const [one, other] = random.of([
      ['x', 'X'],
      ['é', 'e\u0301'],
      ['é', 'É'],
    ] as const);
    return { content: csv(`${id}a,${id}${one},A,B,`, `${id}b,${id}${other},A,B,`), rows: ['2 duplicate-username', '3 duplicate-username'] };
  },
  'any ends of lines, and bad rows among them': ({ random }) => {
    const ends = Array.from({ length: 1 + random.below(20) }, () => random.of(['\n', '\r\n', '\r']));
    const rows = ends.map((end, at) => `b d${at},"x${random.of(['\n', '\r\n', '\r'])}y",,,${end}`);
    return { content: Buffer.from(`${HEADER}\r\n${rows.join('')}`), rows: ends.map((_, at) => `${2 + 2 * at} bad-id`) };
  },
  'a mark in the middle': ({ random, id }) => ({
    content: Buffer.from(`\uFEFF${random.of(['', '\uFEFF'])}${HEADER}\n${id}\uFEFFx,${id},a,b,`),
    rows: ['2 bad-id'],
  }),
  'too few and too many cells': ({ random, id }) => ({
    content: csv(id + ','.repeat(random.below(4)), id + ','.repeat(5 + random.below(1_000))),
    rows: ['2 wrong-cell-count', '3 wrong-cell-count'],
  }),
  'ids that are none': ({ random, id }) => ({
    content: csv(`${id}${random.of(['a b', 'a/b', '\u202egnp', '\u200b', '\u0007', 'x'.repeat(101), '😀'.repeat(26)])}z,${id},a,b,`),
    rows: ['2 bad-id'],
  }),
  'text without end': ({ random, id }) => ({
    content: csv(`${id},${id},${'x'.repeat(501 + random.below(60_000))},b,`),
    rows: ['2 too-long'],
  }),
  'columns of a prototype': ({ random, id }) => ({
    content: Buffer.from(
      `idnumber,username,${random.of(['__proto__', 'constructor', 'constructor.prototype', 'toString'])}\n${id},${id},x`,
    ),
    taken: 1,
  }),
  'columns that say the same, or are missing': ({ random }) => ({
    content: Buffer.from(
      random.of([`${HEADER},USER NAME\n1`, `${HEADER},email\n1`, 'username,email\na,b', 'idnumber username\n1 2', '<html>\n<body>']),
    ),
    refused: ['duplicate-column', 'missing-columns'],
  }),
  'dates that are none': ({ random }) => ({
    ...jobs(
      `p,a,s,${random.of(['2024-02-30', '32.13.2024', 'soon', '2024-1-1', '1e9', '99999999999999', '-1', '２０２４-01-01', '0000-00-00'])},,,`,
    ),
    rows: ['2 bad-date'],
  }),
  'dates that could be any': ({ random }) => ({
    ...jobs(...random.of([['p,a,s,04/07/2024,,,'], ['p,a,s,31/01/2024,,,', 'p,b,s,01/31/2024,,,']])),
    refused: ['ambiguous-dates'],
  }),
  'managers that cannot be': ({ random }) => {
    const [row, code] = random.of([
      ['nobody,a,s,2024-01-01,,,', 'unknown-person'],
      ['ann,x,s,2024-01-01,nobody,direct,approval', 'unknown-manager'],
      ['ann,x,s,2024-01-01,ann,direct,approval', 'self-manager'],
      ['ann,x,s,2024-01-01,a/b/c,direct,approval', 'bad-id'],
      ['ann,x,s,2024-01-01,ann,boss,approval', 'unknown-kind'],
    ] as const);
    return { ...jobs(row), rows: [`2 ${code}`] };
  },
  'rows without end': ({ random }) => ({
    content: Buffer.from(`${HEADER}\n${random.of(['\u0020\n', ',\n', 'x\n']).repeat(1_000_001)}`),
    refused: ['too-many-rows'],
  }),
  'more than we take': ({ random }) => ({
    content: Buffer.alloc(65 * MEGA, random.of(['a,b\n', 'x', '\n'])),
    refused: ['too-large'],
  }),
};

const LONG = ['rows without end', 'a cell of 10 MB', 'more than we take', 'a compressed bomb'];

/** So many files, of every kind in turn; those that take a second each come once. */
export function* hostileFiles(random: Random, count: number): Generator<HostileFile> {
  const kinds = Object.entries(KINDS);
  const quick = kinds.filter(([what]) => !LONG.includes(what));
  for (let at = 0; at < count; at++) {
    const [what, make] = kinds[at] ?? quick[at % quick.length]!;
    const id = `h${at}`;
    const some = Array.from({ length: 1 + random.below(20) }, (_, row) => `${id}-${row},${id}-${row},Zo\u00eb,"L\u00e9, ""x""",`);
    yield { what, query: PEOPLE, ...make({ random, some, id }) };
  }
}

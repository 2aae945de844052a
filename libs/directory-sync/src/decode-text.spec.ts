// Encodings: what is told by a mark, by the caller or by the bytes, and the place at which a file cannot be read.
import { Rejection } from '@app/kernel';
import { Decoding, type Encoding } from './decode-text';

const TEXT = 'idnumber,username\r\nc1,Zoë Ďaďo — naïve\r\nc2,Ωmega 日本 😀\r\n';
const LATIN = 'idnumber;username\nc1;Zoë “Müller” — 5 €\n';
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
const WINDOWS: Readonly<Record<string, string>> = { '“': '\x93', '”': '\x94', '—': '\x97', '€': '\x80' };
const windows = (text: string) =>
  Buffer.from(
    text.replaceAll(/[“”—€]/g, (one) => WINDOWS[one]!),
    'latin1',
  );

/** Decodes in chunks of so many bytes. */
function read(bytes: Uint8Array, { stated, chunk = bytes.length || 1 }: { stated?: Encoding; chunk?: number } = {}) {
  const decoding = new Decoding('a.csv', stated);
  let text = '';
  for (let at = 0; at < bytes.length; at += chunk) for (const part of decoding.decode(bytes.subarray(at, at + chunk))) text += part;
  return { text: text + decoding.end(), encoding: decoding.encoding };
}

function refusal(bytes: Uint8Array, more: Parameters<typeof read>[1] = {}): unknown {
  try {
    read(bytes, more);
  } catch (error) {
    const { code, facts } = error as Rejection;
    return `${code} line ${String(facts['line'])} byte ${String(facts['byte'])}`;
  }
  return undefined;
}

test.each<[string, Buffer, string, Encoding]>([
  ['UTF-8', Buffer.from(TEXT), TEXT, 'utf-8'],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`), `\uFEFF${TEXT}`, 'utf-8'],
  ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), `\uFEFF${TEXT}`, 'utf-16le'],
  ['UTF-16 BE with a mark', swapped(Buffer.from(`\uFEFF${TEXT}`, 'utf16le')), `\uFEFF${TEXT}`, 'utf-16be'],
  ['UTF-16 LE without', Buffer.from(TEXT, 'utf16le'), TEXT, 'utf-16le'],
  ['UTF-16 BE without', swapped(Buffer.from(TEXT, 'utf16le')), TEXT, 'utf-16be'],
  ['windows-1252', windows(LATIN), LATIN, 'windows-1252'],
  ['Latin-1', Buffer.from('id;name\n1;J\u00fcrg', 'latin1'), 'id;name\n1;Jürg', 'windows-1252'],
  ['Latin-1 far from its head', windows(`a\n${'x\n'.repeat(100_000)}é`), `a\n${'x\n'.repeat(100_000)}é`, 'windows-1252'],
  ['Latin-1 with its last letter beyond ASCII', windows('a\né'), 'a\né', 'windows-1252'],
  ['ASCII', Buffer.from('a,b\n1,2'), 'a,b\n1,2', 'utf-8'],
  ['nothing', Buffer.alloc(0), '', 'utf-8'],
])('%s is told, however the bytes come', (_what, bytes, text, encoding) => {
  for (const chunk of [1, 3, 511, 65_536, bytes.length + 1]) expect(read(bytes, { chunk })).toEqual({ text, encoding });
});

test('what the caller says of it goes before what the bytes tell, and not before a mark', () => {
  expect(read(Buffer.from('é'), { stated: 'windows-1252' }).text).toBe('Ã©');
  expect(refusal(windows('é,x\né,y'), { stated: 'utf-8' })).toBe('undecodable line 1 byte 0');
  expect(read(Buffer.from('日本\n', 'utf16le'), { stated: 'utf-16le' }).text).toBe('日本\n');
  expect(refusal(Buffer.from('\uFEFFa'), { stated: 'utf-16le' })).toBe('undecodable line 1 byte 0');
});

test.each<[string, Buffer, string]>([
  ['of both kinds', Buffer.concat([Buffer.from('a\nZoë\n'), windows('é,x')]), 'undecodable line 3 byte 7'],
  ['of both kinds, the other way round', Buffer.concat([windows('a\né,x\n'), Buffer.from('Zoë')]), 'undecodable line 2 byte 2'],
  ['of a lone surrogate', Buffer.from([0x61, 10, 0x62, 0xed, 0xa0, 0x80]), 'undecodable line 2 byte 3'],
  ['of a character longer than it may be', Buffer.from([0x61, 13, 0xc0, 0x80]), 'undecodable line 2 byte 2'],
  ['that ends within a character', Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xc3]), 'undecodable line 1 byte 4'],
  ['of half a pair', Buffer.concat([Buffer.from('\uFEFFa\r\nb\ud83d', 'utf16le'), Buffer.from([0x41, 0])]), 'undecodable line 2 byte 10'],
  ['of an odd number of bytes', Buffer.from(`\uFEFFab`, 'utf16le').subarray(0, 5), 'undecodable line 1 byte 4'],
  ['with NUL characters', Buffer.from('a\r\né\0'), 'undecodable line 2 byte 5'],
  ['with bytes that are no letter', Buffer.from([0x61, 0xe9, 0x2c, 0x81]), 'undecodable line 1 byte 3'],
  ['of controls among Latin-1', Buffer.from([0x61, 0xe9, 0x2c, 0x1b]), 'undecodable line 1 byte 3'],
  ['that is an archive', Buffer.from('PK\x03\x04 and more'), 'undecodable line 1 byte 0'],
])('a file %s is refused with its line and byte', (_what, bytes, expected) => {
  for (const chunk of [1, bytes.length]) expect(refusal(bytes, { chunk })).toBe(expected);
});
test('lines are counted to the byte that cannot be read, over many pieces and any ends of lines', () => {
  const good = Buffer.from('zeile — ü\r\nzwei\rdrei\n'.repeat(9_000));
  for (const chunk of [977, 65_536, good.length]) {
    expect(refusal(Buffer.concat([good, Buffer.from([0xff])]), { chunk })).toBe(`undecodable line 27001 byte ${good.length}`);
  }
});

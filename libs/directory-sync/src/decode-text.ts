// Bytes to text. A file says its encoding by a mark at its start, or the caller says it, or its bytes tell; nothing is ever replaced.
import { reject } from '@app/kernel';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Enough for a header, whose letters show which byte of each pair is empty. */
const SNIFFED_BYTES = 512;
/** Small enough that the place of a bad byte in a piece is found at once. */
const PIECE_BYTES_MAX = 64 * 1024;
const MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];
const NO_TEXT: readonly (readonly [string, readonly number[]])[] = [
  ['it is an archive or a workbook', [0x50, 0x4b, 0x03, 0x04]],
  ['it is a workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['it is compressed', [0x1f, 0x8b]],
];
const NEITHER = 'it is neither UTF-8 nor windows-1252 throughout';
/** The bytes to which windows-1252 gives no character, and the control characters that no export writes. */
const NO_CHARACTER = /[\x80-\x9f]/;
const NO_EXPORT = /(?![\t\n\r])\p{Cc}/u;

interface Fault {
  readonly at: number;
  readonly why: string;
}

/**
 * Decodes one file piece by piece. Without a mark it is UTF-16 when every other byte of its head is empty, else UTF-8; or
 * windows-1252, of which Latin-1 is a part, when the first byte beyond ASCII cannot be UTF-8. A file that seems to hold both is
 * refused: either reading would garble names in silence.
 */
export class Decoding {
  /** What the file is taken for so far. A file of ASCII alone is UTF-8 as well as any other. */
  encoding: Encoding = 'utf-8';
  private chosen = false;
  private guessed = false;
  private beyondAscii = false;
  private waiting: Uint8Array = new Uint8Array();
  private bytes = 0;
  private lines = new LineCount();

  constructor(
    private readonly file: string,
    private readonly stated: Encoding | undefined,
  ) {}

  /** The line that comes next. */
  get line(): number {
    return this.lines.next;
  }

  /** @throws Rejection `undecodable` with the line and the byte */
  *decode(chunk: Uint8Array): Generator<string> {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES_MAX) {
      this.waiting = joined(this.waiting, chunk.subarray(at, at + PIECE_BYTES_MAX));
      if (this.waiting.length < SNIFFED_BYTES && !this.chosen) continue;
      if (!this.chosen) this.choose();
      yield this.take(wholeLength(this.waiting, this.guessed ? 'utf-8' : this.encoding));
    }
  }

  /** What is left when no more bytes come. @throws Rejection as above */
  end(): string {
    if (!this.chosen) this.choose();
    return this.take(this.waiting.length);
  }

  private choose(): void {
    const other = NO_TEXT.find(([, start]) => startsWith(this.waiting, start));
    if (other) this.refuse(this.waiting, { at: 0, why: other[0] });
    const marked = MARKS.find(([, mark]) => startsWith(this.waiting, mark))?.[0];
    if (marked && this.stated && marked !== this.stated) {
      this.refuse(this.waiting, { at: 0, why: `a mark says that it is ${marked}, and not ${this.stated}` });
    }
    const known = marked ?? this.stated ?? inPairs(this.waiting.subarray(0, SNIFFED_BYTES));
    this.encoding = known ?? 'utf-8';
    this.guessed = known === undefined;
    this.chosen = true;
  }

  private take(length: number): string {
    const piece = this.waiting.subarray(0, length);
    const isUtf8 = () => decodedAs('utf-8', piece) !== undefined;
    if (this.guessed && this.encoding === 'utf-8' && !this.beyondAscii && !isUtf8() && characterAt(piece) < 0) {
      // All that came before is ASCII, which reads the same.
      this.encoding = 'windows-1252';
    }
    const text = decodedAs(this.encoding, piece);
    const fault = this.faultIn(piece, text);
    if (fault) this.refuse(piece, fault);
    this.waiting = this.waiting.subarray(length);
    this.bytes += length;
    this.lines.add(text!);
    this.beyondAscii ||= text!.length !== length;
    return text!;
  }

  private faultIn(piece: Uint8Array, text: string | undefined): Fault | undefined {
    if (text === undefined) {
      const { at, cutOff } = badCharacter(this.encoding, piece);
      return { at, why: cutOff ? 'it ends within a character' : this.guessed ? NEITHER : `it is not ${this.encoding}` };
    }
    const nul = text.indexOf('\0');
    if (nul >= 0) return { at: bytesOf(this.encoding, text.slice(0, nul)), why: 'it holds NUL characters' };
    if (this.encoding !== 'windows-1252') return undefined;
    const character = this.guessed ? characterAt(piece) : -1;
    if (character >= 0) return { at: character, why: NEITHER };
    const at = text.search(this.guessed ? NO_EXPORT : NO_CHARACTER);
    return at < 0 ? undefined : { at, why: 'it holds what is no text in windows-1252' };
  }

  private refuse(piece: Uint8Array, { at, why }: Fault): never {
    this.lines.add(decodedAs(this.encoding, piece.subarray(0, at)) ?? '');
    const byte = this.bytes + at;
    const detail = `the file cannot be read from byte ${byte} on: ${why}; save it as CSV UTF-8, or say its encoding`;
    return reject('invalid', 'undecodable', { file: this.file, line: this.line, byte, detail });
  }
}

/** Lines end as they do in editors: with a line feed, a carriage return, or both. */
class LineCount {
  next = 1;
  private afterReturn = false;

  add(text: string): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.next++;
    for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') this.next++;
    // A piece may end between the two.
    if (this.afterReturn && text.startsWith('\n')) this.next--;
    if (text !== '') this.afterReturn = text.endsWith('\r');
  }
}

/** UTF-16 without a mark: the letters of a header leave one byte of each pair empty, and nearly always the same one. */
function inPairs(head: Uint8Array): Encoding | undefined {
  let [first, second] = [0, 0];
  head.forEach((byte, at) => {
    if (byte !== 0) return;
    if (at % 2 === 0) first++;
    else second++;
  });
  if (Math.max(first, second) <= head.length / 4 || Math.min(first, second) * 10 > Math.max(first, second)) return undefined;
  return first < second ? 'utf-16le' : 'utf-16be';
}

/** How many of the bytes are whole characters; the rest waits for more. */
function wholeLength(bytes: Uint8Array, encoding: Encoding): number {
  const { length } = bytes;
  if (encoding === 'windows-1252') return length;
  if (encoding === 'utf-8') {
    for (let back = 1; back <= 3 && back <= length; back++) {
      const byte = bytes[length - back]!;
      if (byte >= 0xc0) return followers(byte) >= back ? length - back : length;
      if (byte < 0x80) break;
    }
    return length;
  }
  const even = length - (length % 2);
  const high = bytes[encoding === 'utf-16le' ? even - 1 : even - 2] ?? 0;
  return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
}

/** Where the bytes have the shape of a character of UTF-8 beyond ASCII, or -1; one that is too long or no character counts too. */
function characterAt(bytes: Uint8Array): number {
  return bytes.findIndex((byte, at) => {
    if (byte < 0xc0) return false;
    const rest = bytes.subarray(at + 1, at + 1 + followers(byte));
    return rest.length > 0 && rest.length === followers(byte) && rest.every((one) => one >= 0x80 && one < 0xc0);
  });
}

/** How many bytes follow the first one of a character. */
function followers(first: number): number {
  return first >= 0xf8 || first < 0xc0 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
}

/** Where the first character begins that cannot be, and whether it could if more bytes came. */
function badCharacter(encoding: Encoding, bytes: Uint8Array): { readonly at: number; readonly cutOff: boolean } {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodedAs(encoding, bytes.subarray(0, middle), { stream: true }) === undefined) bad = middle;
    else good = middle;
  }
  let at = good;
  while (decodedAs(encoding, bytes.subarray(0, at)) === undefined) at--;
  return { at, cutOff: good === bytes.length };
}

function decodedAs(encoding: Encoding, bytes: Uint8Array, options?: { stream: boolean }): string | undefined {
  try {
    // A mark within a file stays: only its first one says something of the file.
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, options);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    return undefined;
  }
}

function bytesOf(encoding: Encoding, text: string): number {
  if (encoding === 'utf-8') return new TextEncoder().encode(text).length;
  return encoding === 'windows-1252' ? text.length : text.length * 2;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

// What every event log keeps to. An adapter joins with one call of `eventLogContract`.
import fc from 'fast-check';
import { eventId } from '@app/event-log';
import {
  APPEND_EVENTS_MAX,
  EVENT_BYTES_MAX,
  NO_STREAM,
  PAGE_EVENTS_MAX,
  RevisionConflict,
  UnfitEvent,
  type EventLog,
  type NewEvent,
  type Recorded,
  type Typed,
} from '@app/kernel';

const AT = '2026-11-01T08:00:00.000Z';
let commands = 0;

/** Events of one command with an id of its own, so that no append is taken for the retry of another. */
export function events(...contents: readonly object[]): NewEvent[] {
  const command = `command-${++commands}`;
  return contents.map((content, index) => ({
    event: { type: 'Noted', ...content },
    meta: { id: eventId(command, index, AT), command, actor: 'ann', at: AT },
  }));
}

/**
 * @param open makes an empty log; called before each test
 * @param close lets go of it; called after each test
 */
export function eventLogContract(name: string, open: () => Promise<EventLog>, close: (log: EventLog) => Promise<void>): void {
  describe(`${name} keeps the contract of the event log:`, () => {
    let log: EventLog;
    const now = () => log;
    beforeEach(async () => {
      log = await open();
    });
    afterEach(() => close(log));

    describe('appending', () => appending(now));
    describe('reading', () => reading(now));
    describe('subscribing', () => subscribing(now));
    describe('payloads', () => payloads(now));
  });
}

function appending(log: () => EventLog): void {
  test('answers where the stream and the log end', async () => {
    expect(await log().append('note-a', NO_STREAM, events({ n: 1 }, { n: 2 }))).toEqual({ stream: 'note-a', revision: 1, position: 2 });
    expect(await log().append('note-b', NO_STREAM, events({ n: 3 }))).toEqual({ stream: 'note-b', revision: 0, position: 3 });
    expect(await log().append('note-a', 1, events({ n: 4 }))).toEqual({ stream: 'note-a', revision: 2, position: 4 });
  });

  test.each([
    ['no stream, and there is one', NO_STREAM],
    ['an earlier revision', 0],
    ['a later revision', 2],
  ])('expecting %s is refused, and says where the stream is', async (_what, expected) => {
    await log().append('note-a', NO_STREAM, events({}, {}));
    const refused = log().append('note-a', expected, events({}));
    await expect(refused).rejects.toThrow(RevisionConflict);
    await expect(refused).rejects.toMatchObject({ stream: 'note-a', expected, actual: 1 });
    expect(await log().readAll()).toHaveLength(2);
  });

  test('expecting a revision of a stream that does not exist is refused', async () => {
    await expect(log().append('note-a', 0, events({}))).rejects.toMatchObject({ expected: 0, actual: NO_STREAM });
    expect((await log().head()).position).toBe(0);
  });

  test('of many writers at once exactly one wins each revision', async () => {
    for (let expected = NO_STREAM; expected < 9; expected++) {
      const race = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => log().append('note-a', expected, events({ n }))));
      expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect((await log().read('note-a')).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('writers of different streams do not hinder one another', async () => {
    const receipts = await Promise.all(Array.from({ length: 200 }, (_, n) => log().append(`note-${n}`, NO_STREAM, events({ n }))));
    expect(new Set(receipts.map(({ position }) => position)).size).toBe(200);
    expect((await log().head()).position).toBe(200);
  });

  test('the same event ids again answer the first receipt and add nothing, also later and at once', async () => {
    const batch = events({ n: 1 }, { n: 2 });
    const [first, atOnce] = await Promise.all([log().append('note-a', NO_STREAM, batch), log().append('note-a', NO_STREAM, batch)]);
    await log().append('note-a', 1, events({ n: 3 }));
    const later = await log().append('note-a', NO_STREAM, batch);
    for (const receipt of [atOnce, later]) expect(receipt).toEqual(first);
    expect(first).toEqual({ stream: 'note-a', revision: 1, position: 2 });
    expect(await log().readAll()).toHaveLength(3);
  });

  test('a part of an earlier append, or more than it, is no retry of it', async () => {
    const batch = events({ n: 1 }, { n: 2 });
    await log().append('note-a', NO_STREAM, batch);
    await expect(log().append('note-a', NO_STREAM, [...batch, ...events({})])).rejects.toThrow(RevisionConflict);
    await expect(log().append('note-a', 0, batch)).rejects.toThrow(RevisionConflict);
  });

  test('E53: recorded time never goes back along the log, and a refused append does not move it', async () => {
    const at = (instant: string) => events({}).map(({ event, meta }) => ({ event, meta: { ...meta, at: instant } }));
    await log().append('note-a', NO_STREAM, at('2026-11-02T00:00:00.000Z'));
    await log().append('note-b', NO_STREAM, at('2026-11-01T00:00:00.000Z'));
    await expect(log().append('note-a', NO_STREAM, at('2036-01-01T00:00:00.000Z'))).rejects.toThrow(RevisionConflict);
    await log().append('note-c', NO_STREAM, at('2026-11-03T00:00:00.000Z'));
    expect((await log().readAll()).map(({ meta }) => meta.at.slice(0, 10))).toEqual(['2026-11-02', '2026-11-02', '2026-11-03']);
  });

  test('the head moves with every append', async () => {
    const empty = await log().head();
    expect(empty).toEqual({ position: 0, hash: '0'.repeat(64) });
    await log().append('note-a', NO_STREAM, events({}));
    const { position, hash } = await log().head();
    expect([position, hash.length, hash === empty.hash]).toEqual([1, 64, false]);
  });
}

function reading(log: () => EventLog): void {
  const numbers = (page: readonly Recorded[]) => page.map(({ event }) => (event as Typed & { n: number }).n);
  beforeEach(async () => {
    await log().append('note-a', NO_STREAM, events({ n: 0 }, { n: 1 }, { n: 2 }));
    await log().append('note-b', NO_STREAM, events({ n: 3 }));
    await log().append('note-a', 2, events({ n: 4 }));
  });

  test('gives back the event, its metadata and its place', async () => {
    const [noted] = events({ n: 5, deep: { list: [1, { two: null }] } });
    await log().append('note-b', 0, [noted!]);
    expect(await log().read('note-b', { from: 1 })).toEqual([{ ...noted, stream: 'note-b', revision: 1, position: 6 }]);
  });
  test('a stream forwards, backwards and in pages', async () => {
    expect(numbers(await log().read('note-a'))).toEqual([0, 1, 2, 4]);
    expect(numbers(await log().read('note-a', { from: 1, max: 2 }))).toEqual([1, 2]);
    expect(numbers(await log().read('note-a', { direction: 'backwards' }))).toEqual([4, 2, 1, 0]);
    expect(numbers(await log().read('note-a', { direction: 'backwards', from: 1 }))).toEqual([1, 0]);
    expect(numbers(await log().read('note-a', { direction: 'backwards', max: 1 }))).toEqual([4]);
  });
  test('nothing of a stream that does not exist, or after its end', async () => {
    expect(await log().read('note-z')).toEqual([]);
    expect(await log().read('note-a', { from: 4 })).toEqual([]);
  });
  test('the whole log after a position, forwards and backwards', async () => {
    expect(numbers(await log().readAll())).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(await log().readAll({ after: 2, max: 2 }))).toEqual([2, 3]);
    expect(numbers(await log().readAll({ after: 5 }))).toEqual([]);
    expect(numbers(await log().readAll({ direction: 'backwards', max: 2 }))).toEqual([4, 3]);
    expect(numbers(await log().readAll({ direction: 'backwards', after: 3 }))).toEqual([1, 0]);
  });
  test('never more than a page', async () => {
    const many = Array.from({ length: APPEND_EVENTS_MAX }, (_, n) => ({ n }));
    await log().append('note-c', NO_STREAM, events(...many));
    expect(await log().readAll({ max: 1e9 })).toHaveLength(PAGE_EVENTS_MAX);
    expect(await log().readAll({ after: PAGE_EVENTS_MAX })).toHaveLength(5);
  });
}

function subscribing(log: () => EventLog): void {
  /** Takes events until there are enough of them, then stops. */
  async function take(after: number, count: number, max?: number): Promise<number[]> {
    const stop = new AbortController();
    const positions: number[] = [];
    for await (const batch of log().subscribe(after, { signal: stop.signal, max })) {
      for (const { position } of batch) positions.push(position);
      if (positions.length >= count) stop.abort();
    }
    return positions;
  }

  test('gives what is there, then what comes, each once and in order', async () => {
    await log().append('note-a', NO_STREAM, events({}, {}));
    const taken = take(0, 5);
    await log().append('note-a', 1, events({}));
    await log().append('note-b', NO_STREAM, events({}, {}));
    expect(await taken).toEqual([1, 2, 3, 4, 5]);
  });
  test('starts after a position, in batches of the size asked for', async () => {
    await log().append('note-a', NO_STREAM, events({}, {}, {}, {}));
    expect(await take(2, 2, 1)).toEqual([3, 4]);
  });
  test('stops by the signal while it waits, and at once when it was given before', async () => {
    const stop = new AbortController();
    const waiting = (async () => {
      for await (const batch of log().subscribe(0, { signal: stop.signal })) throw new Error(`${batch.length} events`);
    })();
    await log().head();
    stop.abort();
    await waiting;
    for await (const batch of log().subscribe(0, { signal: AbortSignal.abort() })) throw new Error(`${batch.length} events`);
  });
  test('many subscribers beside many writers each see the whole log', async () => {
    const all = Array.from({ length: 300 }, (_, n) => n + 1);
    const takers = [0, 0, 100].map((after) => take(after, 300 - after, 7));
    await Promise.all(all.map((n) => log().append(`note-${n}`, NO_STREAM, events({ n }))));
    expect(await Promise.all(takers)).toEqual([all, all, all.slice(100)]);
  });
  test('a slow subscriber misses nothing, however far it falls behind', async () => {
    const appends = 12;
    for (let n = 0; n < appends; n++) await log().append(`note-${n}`, NO_STREAM, events(...Array.from({ length: 1_000 }, () => ({}))));
    const positions = await take(0, appends * 1_000);
    expect(positions).toEqual(Array.from({ length: appends * 1_000 }, (_, n) => n + 1));
  });
}

function payloads(log: () => EventLog): void {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  test.each<[string, object]>([
    ['a BigInt', { x: 1n }],
    ['undefined', { x: undefined }],
    ['undefined in a list', { x: [undefined] }],
    ['a cycle', cycle],
    ['a cycle through a list', { x: [cycle] }],
    ['NaN', { x: NaN }],
    ['infinity', { x: -Infinity }],
    ['a function', { x: () => 1 }],
    ['a symbol', { x: Symbol('x') }],
    ['a Date', { x: new Date(0) }],
    ['a Map', { x: new Map() }],
    ['half a character', { x: 'a\ud800' }],
    ['half a character in a name', { 'a\udc00': 1 }],
    ['a NUL character', { x: 'a\0b' }],
    ['no type', { type: '' }],
    ['a type that is no text', { type: 1 }],
    ['more than the most bytes', { x: 'a'.repeat(EVENT_BYTES_MAX) }],
    ['more than the most bytes in few characters', { x: '€'.repeat(EVENT_BYTES_MAX / 3) }],
    ['a nest of lists without end', { x: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown }],
  ])('with %s are refused, nothing of their append is kept, and the next append works', async (_what, content) => {
    await expect(log().append('note-a', NO_STREAM, events({ good: true }, content))).rejects.toThrow(UnfitEvent);
    expect(await log().readAll()).toEqual([]);
    expect(await log().append('note-a', NO_STREAM, events({ good: true }))).toMatchObject({ revision: 0, position: 1 });
  });

  test('none, or too many at once, are refused', async () => {
    await expect(log().append('note-a', NO_STREAM, [])).rejects.toThrow(UnfitEvent);
    const many = Array.from({ length: APPEND_EVENTS_MAX + 1 }, () => ({}));
    await expect(log().append('note-a', NO_STREAM, events(...many))).rejects.toThrow(UnfitEvent);
  });

  test('an unfit one does not hold up those that were sent with it', async () => {
    const together = await Promise.allSettled([
      log().append('note-a', NO_STREAM, events({ n: 1 })),
      log().append('note-b', NO_STREAM, events({ x: 1n })),
      log().append('note-c', NO_STREAM, events({ n: 2 })),
    ]);
    expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test.each(['', 'note-\0', 'note-\ud800', `note-${'a'.repeat(1_000)}`])('a stream cannot be named %j', (stream) =>
    expect(log().append(stream, NO_STREAM, events({}))).rejects.toThrow(UnfitEvent),
  );

  test('just under the most bytes, one is kept whole', async () => {
    const text = 'a'.repeat(EVENT_BYTES_MAX - 1_000);
    await log().append('note-a', NO_STREAM, events({ text }));
    expect((await log().read('note-a'))[0]!.event).toEqual({ type: 'Noted', text });
  });

  test('whatever is legal JSON reads back as it was written', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    const content = fc.dictionary(text, fc.jsonValue({ stringUnit: 'grapheme' }), { maxKeys: 5 }).map(withoutOddities);
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), text, async (contents, id) => {
        const stream = `note-${id.slice(0, 100).toWellFormed()}`;
        const expected = (await log().read(stream, { direction: 'backwards', max: 1 }))[0]?.revision ?? NO_STREAM;
        const sent = events(...contents.map((value) => ({ ...value, type: 'Noted' })));
        const { position } = await log().append(stream, expected, sent);
        const page = await log().readAll({ after: position - sent.length });
        expect(page.map(({ event }) => event)).toStrictEqual(sent.map(({ event }) => event));
        expect(await log().read(stream, { from: expected + 1 })).toStrictEqual(page);
      }),
      { numRuns: 150 },
    );
  });
}

/** JSON knows no negative zero, and has NUL only as an escape, which the log refuses. */
function withoutOddities<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll('\\u0000', ' ')) as Value;
}

// The part of the contract of the event log that says what an event may hold.
import fc from 'fast-check';
import { APPEND_EVENTS_MAX, EVENT_BYTES_MAX, NO_STREAM, UnfitEvent } from '@app/kernel';
import { events, note, type World } from './event-log.world';

export function payloads(world: () => World): void {
  const log = () => world().log;
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
    await expect(log().append(note('a'), NO_STREAM, events({ good: true }, content))).rejects.toThrow(UnfitEvent);
    expect(await log().readAll({ after: world().start })).toEqual([]);
    expect(await log().append(note('a'), NO_STREAM, events({ good: true }))).toMatchObject({ revision: 0 });
  });

  test('none, or too many at once, are refused', async () => {
    await expect(log().append(note('a'), NO_STREAM, [])).rejects.toThrow(UnfitEvent);
    const many = Array.from({ length: APPEND_EVENTS_MAX + 1 }, () => ({}));
    await expect(log().append(note('a'), NO_STREAM, events(...many))).rejects.toThrow(UnfitEvent);
  });

  test('an unfit one does not hold up those that were sent with it', async () => {
    const together = await Promise.allSettled([
      log().append(note('a'), NO_STREAM, events({ n: 1 })),
      log().append(note('b'), NO_STREAM, events({ x: 1n })),
      log().append(note('c'), NO_STREAM, events({ n: 2 })),
    ]);
    expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test.each(['', 'note-\0', 'note-\ud800', `note-${'a'.repeat(1_000)}`])('a stream cannot be named %j', (stream) =>
    expect(log().append(stream, NO_STREAM, events({}))).rejects.toThrow(UnfitEvent),
  );

  test('just under the most bytes, one is kept whole', async () => {
    const text = 'a'.repeat(EVENT_BYTES_MAX - 1_000);
    await log().append(note('a'), NO_STREAM, events({ text }));
    expect((await log().read(note('a')))[0]!.event).toEqual({ type: 'Noted', text });
  });

  test('whatever is legal JSON reads back as it was written', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    const content = fc.dictionary(text, fc.jsonValue({ stringUnit: 'grapheme' }), { maxKeys: 5 }).map(withoutOddities);
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), text, async (contents, id) => {
        const stream = note(id.slice(0, 100).toWellFormed());
        const expected = (await log().read(stream, { direction: 'backwards', max: 1 }))[0]?.revision ?? NO_STREAM;
        const sent = events(...contents.map((value) => ({ ...value, type: 'Noted' })));
        const { position: before } = await log().head();
        await log().append(stream, expected, sent);
        const page = await log().readAll({ after: before });
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

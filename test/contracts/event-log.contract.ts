// What every event log keeps to. An adapter joins with one call of `eventLogContract`. A log that already holds events joins too:
// a test looks only behind where it began, and names its streams anew. Positions increase, and need not be consecutive.
import { APPEND_EVENTS_MAX, NO_STREAM, PAGE_EVENTS_MAX, RevisionConflict, type EventLog, type Recorded, type Typed } from '@app/kernel';
import { payloads } from './event-log.payloads';
import { events, nextTest, note, positionsIn, type World } from './event-log.world';

export { events } from './event-log.world';

/**
 * @param open makes a log, or opens one that nobody else writes to; called before each test
 * @param close lets go of it; called after each test
 */
export function eventLogContract(name: string, open: () => Promise<EventLog>, close: (log: EventLog) => Promise<void>): void {
  describe(`${name} keeps the contract of the event log:`, () => {
    let world: World;
    const now = () => world;
    beforeEach(async () => {
      const log = await open();
      world = { log, start: (await log.head()).position };
      nextTest();
    });
    afterEach(() => close(world.log));

    describe('appending', () => appending(now));
    describe('reading', () => reading(now));
    describe('subscribing', () => subscribing(now));
    describe('payloads', () => payloads(now));
  });
}

function appending(world: () => World): void {
  const log = () => world().log;
  const positions = () => positionsIn(world());
  test('answers where the stream and the log end', async () => {
    const receipts = [
      await log().append(note('a'), NO_STREAM, events({ n: 1 }, { n: 2 })),
      await log().append(note('b'), NO_STREAM, events({ n: 3 })),
      await log().append(note('a'), 1, events({ n: 4 })),
    ];
    const [, second, third, fourth] = await positions();
    expect(receipts).toEqual([
      { stream: note('a'), revision: 1, position: second },
      { stream: note('b'), revision: 0, position: third },
      { stream: note('a'), revision: 2, position: fourth },
    ]);
  });

  test.each([
    ['no stream, and there is one', NO_STREAM],
    ['an earlier revision', 0],
    ['a later revision', 2],
  ])('expecting %s is refused, and says where the stream is', async (_what, expected) => {
    await log().append(note('a'), NO_STREAM, events({}, {}));
    const refused = log().append(note('a'), expected, events({}));
    await expect(refused).rejects.toThrow(RevisionConflict);
    await expect(refused).rejects.toMatchObject({ stream: note('a'), expected, actual: 1 });
    expect(await positions()).toHaveLength(2);
  });

  test('expecting a revision of a stream that does not exist is refused', async () => {
    await expect(log().append(note('a'), 0, events({}))).rejects.toMatchObject({ expected: 0, actual: NO_STREAM });
    expect((await log().head()).position).toBe(world().start);
  });

  test('of many writers at once exactly one wins each revision', async () => {
    for (let expected = NO_STREAM; expected < 9; expected++) {
      const race = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => log().append(note('a'), expected, events({ n }))));
      expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect((await log().read(note('a'))).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('writers of different streams do not hinder one another', async () => {
    const receipts = await Promise.all(Array.from({ length: 200 }, (_, n) => log().append(note(n), NO_STREAM, events({ n }))));
    expect(new Set(receipts.map(({ position }) => position)).size).toBe(200);
    expect((await log().head()).position).toBe(Math.max(...receipts.map(({ position }) => position)));
  });

  test('the same event ids again answer the first receipt and add nothing, also later and at once', async () => {
    const batch = events({ n: 1 }, { n: 2 });
    const [first, atOnce] = await Promise.all([log().append(note('a'), NO_STREAM, batch), log().append(note('a'), NO_STREAM, batch)]);
    await log().append(note('a'), 1, events({ n: 3 }));
    const later = await log().append(note('a'), NO_STREAM, batch);
    for (const receipt of [atOnce, later]) expect(receipt).toEqual(first);
    const [, second, ...others] = await positions();
    expect(first).toEqual({ stream: note('a'), revision: 1, position: second });
    expect(others).toHaveLength(1);
  });

  test('a part of an earlier append, or more than it, is no retry of it', async () => {
    const batch = events({ n: 1 }, { n: 2 });
    await log().append(note('a'), NO_STREAM, batch);
    await expect(log().append(note('a'), NO_STREAM, [...batch, ...events({})])).rejects.toThrow(RevisionConflict);
    await expect(log().append(note('a'), 0, batch)).rejects.toThrow(RevisionConflict);
  });

  test('E53: recorded time never goes back along the log, and a refused append does not move it', async () => {
    const at = (instant: string) => events({}).map(({ event, meta }) => ({ event, meta: { ...meta, at: instant } }));
    await log().append(note('a'), NO_STREAM, at('2026-11-02T00:00:00.000Z'));
    await log().append(note('b'), NO_STREAM, at('2026-11-01T00:00:00.000Z'));
    await expect(log().append(note('a'), NO_STREAM, at('2036-01-01T00:00:00.000Z'))).rejects.toThrow(RevisionConflict);
    await log().append(note('c'), NO_STREAM, at('2026-11-03T00:00:00.000Z'));
    const recorded = (await log().readAll({ after: world().start })).map(({ meta }) => meta.at);
    expect(recorded).toEqual(recorded.toSorted());
    expect([recorded.length, recorded[0]! >= '2026-11-02', recorded[2]! < '2036']).toEqual([3, true, true]);
  });

  test('the head moves with every append', async () => {
    const before = await log().head();
    if (before.position === 0) expect(before.hash).toBe('0'.repeat(64));
    const receipt = await log().append(note('a'), NO_STREAM, events({}));
    const { position, hash } = await log().head();
    expect([position, hash.length, hash === before.hash]).toEqual([receipt.position, 64, false]);
  });
}

function reading(world: () => World): void {
  const log = () => world().log;
  const numbers = (page: readonly Recorded[]) => page.map(({ event }) => (event as Typed & { n: number }).n);
  beforeEach(async () => {
    await log().append(note('a'), NO_STREAM, events({ n: 0 }, { n: 1 }, { n: 2 }));
    await log().append(note('b'), NO_STREAM, events({ n: 3 }));
    await log().append(note('a'), 2, events({ n: 4 }));
  });

  test('gives back the event, its metadata and its place', async () => {
    const [noted] = events({ n: 5, deep: { list: [1, { two: null }] } });
    const { position } = await log().append(note('b'), 0, [noted!]);
    const place = { stream: note('b'), revision: 1, position };
    expect(await log().read(note('b'), { from: 1 })).toEqual([{ ...noted, ...place, meta: { ...noted!.meta, at: expect.any(String) } }]);
  });
  test('a stream forwards, backwards and in pages', async () => {
    expect(numbers(await log().read(note('a')))).toEqual([0, 1, 2, 4]);
    expect(numbers(await log().read(note('a'), { from: 1, max: 2 }))).toEqual([1, 2]);
    expect(numbers(await log().read(note('a'), { direction: 'backwards' }))).toEqual([4, 2, 1, 0]);
    expect(numbers(await log().read(note('a'), { direction: 'backwards', from: 1 }))).toEqual([1, 0]);
    expect(numbers(await log().read(note('a'), { direction: 'backwards', max: 1 }))).toEqual([4]);
  });
  test('nothing of a stream that does not exist, or after its end', async () => {
    expect(await log().read(note('z'))).toEqual([]);
    expect(await log().read(note('a'), { from: 4 })).toEqual([]);
  });
  test('the whole log after a position, forwards and backwards', async () => {
    const { start } = world();
    const [, second, third, , fifth] = (await log().readAll({ after: start })).map(({ position }) => position);
    expect(numbers(await log().readAll({ after: start }))).toEqual([0, 1, 2, 3, 4]);
    expect(numbers(await log().readAll({ after: second, max: 2 }))).toEqual([2, 3]);
    expect(numbers(await log().readAll({ after: fifth }))).toEqual([]);
    expect(numbers(await log().readAll({ direction: 'backwards', max: 2 }))).toEqual([4, 3]);
    expect(numbers(await log().readAll({ direction: 'backwards', after: third, max: 2 }))).toEqual([1, 0]);
  });
  test('never more than a page', async () => {
    const many = Array.from({ length: APPEND_EVENTS_MAX }, (_, n) => ({ n }));
    await log().append(note('c'), NO_STREAM, events(...many));
    const page = await log().readAll({ after: world().start, max: 1e9 });
    expect(page).toHaveLength(PAGE_EVENTS_MAX);
    expect(await log().readAll({ after: page.at(-1)!.position })).toHaveLength(5);
  });
}

function subscribing(world: () => World): void {
  const log = () => world().log;
  const positions = () => positionsIn(world());
  /** Takes events until there are enough of them, then stops. */
  async function take(after: number, count: number, max?: number): Promise<number[]> {
    const stop = new AbortController();
    const taken: number[] = [];
    for await (const batch of log().subscribe(after, { signal: stop.signal, max })) {
      for (const { position } of batch) taken.push(position);
      if (taken.length >= count) stop.abort();
    }
    return taken;
  }

  test('gives what is there, then what comes, each once and in order', async () => {
    await log().append(note('a'), NO_STREAM, events({}, {}));
    const taken = take(world().start, 5);
    await log().append(note('a'), 1, events({}));
    await log().append(note('b'), NO_STREAM, events({}, {}));
    expect(await taken).toEqual(await positions());
  });
  test('starts after a position, in batches of the size asked for', async () => {
    await log().append(note('a'), NO_STREAM, events({}, {}, {}, {}));
    const [, second, ...later] = await positions();
    expect(await take(second!, 2, 1)).toEqual(later);
  });
  test('stops by the signal while it waits, and at once when it was given before', async () => {
    const stop = new AbortController();
    const waiting = (async () => {
      for await (const batch of log().subscribe(world().start, { signal: stop.signal })) throw new Error(`${batch.length} events`);
    })();
    await log().head();
    stop.abort();
    await waiting;
    for await (const batch of log().subscribe(0, { signal: AbortSignal.abort() })) throw new Error(`${batch.length} events`);
  });
  test('many subscribers beside many writers each see the whole log', async () => {
    const { start } = world();
    const early = await Promise.all(Array.from({ length: 100 }, (_, n) => log().append(note(`early-${n}`), NO_STREAM, events({ n }))));
    const hundredth = Math.max(...early.map(({ position }) => position));
    const takers = [take(start, 300, 7), take(start, 300, 7), take(hundredth, 200, 7)];
    await Promise.all(Array.from({ length: 200 }, (_, n) => log().append(note(n), NO_STREAM, events({ n }))));
    const all = await positions();
    expect(all).toHaveLength(300);
    expect(await Promise.all(takers)).toEqual([all, all, all.slice(100)]);
  });
  test('a slow subscriber misses nothing, however far it falls behind', async () => {
    const appends = 12;
    for (let n = 0; n < appends; n++) await log().append(note(n), NO_STREAM, events(...Array.from({ length: 1_000 }, () => ({}))));
    const taken = await take(world().start, appends * 1_000);
    expect(new Set(taken).size).toBe(appends * 1_000);
    expect(taken).toEqual(taken.toSorted((a, b) => a - b));
  }, 30_000);
}

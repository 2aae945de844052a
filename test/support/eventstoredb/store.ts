// What the nodes of the stand-in share: the events, in order, with positions that grow by bytes as a real server's do.

export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Stored extends Proposed {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** In units of 100 ns. */
  readonly created: string;
}

/** A revision, or what the protocol has in its place. */
export type Expected = number | 'any' | 'no-stream' | 'stream-exists';

export type Appended =
  | { readonly outcome: 'added' | 'known-already'; readonly last: Stored }
  | { readonly outcome: 'wrong-version'; readonly actual: number | undefined }
  | { readonly outcome: 'too-large' };

export const APPEND_BYTES_MAX = 1024 * 1024;
const RECORD_BYTES = 180;
/** A real server writes events of its own between others. */
const SYSTEM_EVENT_EVERY = 40;

export class Store {
  readonly all: Stored[] = [];
  private readonly streams = new Map<string, Stored[]>();
  private readonly places = new Map<number, number>();
  private wakes: (() => void)[] = [];
  private end = 0;

  constructor() {
    this.add('$epochs', [system('$epoch-information')]);
  }

  append(stream: string, expected: Expected, events: readonly Proposed[]): Appended {
    const bytes = events.reduce((sum, { data, metadata, type }) => sum + data.length + metadata.length + 2 * type.length, 0);
    if (bytes > APPEND_BYTES_MAX) return { outcome: 'too-large' };
    const before = this.stream(stream);
    const actual = before.at(-1)?.revision;
    if (!meets(expected, actual)) {
      const first = typeof expected === 'number' ? expected + 1 : 0;
      const earlier = before.slice(first, first + events.length);
      const same = earlier.length === events.length && earlier.every(({ id }, at) => id === events[at]!.id);
      return same ? { outcome: 'known-already', last: earlier.at(-1)! } : { outcome: 'wrong-version', actual };
    }
    const last = this.add(stream, events);
    if (this.all.length % SYSTEM_EVENT_EVERY === 0) this.add('$stats-127.0.0.1:2113', [system('$statsCollected')]);
    const wakes = this.wakes;
    this.wakes = [];
    for (const wake of wakes) wake();
    return { outcome: 'added', last };
  }

  stream(name: string): readonly Stored[] {
    return this.streams.get(name) ?? [];
  }

  /** The place in `all` of the event at a position; nothing when no event is there, which a real server refuses too. */
  placeOf(position: number): number | undefined {
    return this.places.get(position);
  }

  /** Settles when there are more events than so many. */
  grown(count: number): Promise<void> {
    if (this.all.length > count) return Promise.resolve();
    return new Promise((resolve) => this.wakes.push(resolve));
  }

  private add(stream: string, events: readonly Proposed[]): Stored {
    const list = this.streams.get(stream) ?? [];
    this.streams.set(stream, list);
    for (const event of events) {
      const stored: Stored = {
        ...event,
        stream,
        revision: list.length,
        position: this.end,
        created: (BigInt(Date.now()) * 10_000n).toString(),
      };
      this.places.set(this.end, this.all.length);
      this.end += RECORD_BYTES + event.data.length + event.metadata.length;
      list.push(stored);
      this.all.push(stored);
    }
    return list.at(-1)!;
  }
}

function meets(expected: Expected, actual: number | undefined): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'no-stream':
      return actual === undefined;
    case 'stream-exists':
      return actual !== undefined;
    default:
      return actual === expected;
  }
}

function system(type: string): Proposed {
  return { id: crypto.randomUUID(), type, contentType: 'application/json', data: Buffer.from('{}'), metadata: Buffer.from('') };
}

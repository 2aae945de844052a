// The event log in memory: for specs and simulations. It passes the contract suite of the durable ones.
import {
  NO_STREAM,
  PAGE_EVENTS_MAX,
  RevisionConflict,
  type Direction,
  type EventLog,
  type NewEvent,
  type Receipt,
  type Recorded,
} from '@app/kernel';
import { chained, FIRST_HASH } from './hash-chain';
import { LiveTail, subscription } from './live-tail';
import { stamped, written } from './payload';

/** Keeps events as text, as the durable logs do, so that what reads back was really written. */
export class MemoryEventLog implements EventLog {
  private readonly events: Recorded[] = [];
  private readonly streams = new Map<string, Recorded[]>();
  private readonly tail = new LiveTail(0);
  private hash = FIRST_HASH;
  private lastAt = '';

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Receipt> {
    const texts = written(stream, stamped(events, this.lastAt));
    const before = this.streams.get(stream) ?? [];
    const actual = before.at(-1)?.revision ?? NO_STREAM;
    if (actual !== expected) {
      const earlier = before.slice(expected + 1, expected + 1 + events.length);
      const same = earlier.length === events.length && earlier.every(({ meta }, at) => meta.id === events[at]!.meta.id);
      if (!same) throw new RevisionConflict(stream, expected, actual);
      return { stream, revision: earlier.at(-1)!.revision, position: earlier.at(-1)!.position };
    }
    const added = texts.map(({ data, meta }, at): Recorded => {
      const place = { position: this.events.length + at + 1, stream, revision: actual + at + 1 };
      this.hash = chained(this.hash, { ...place, data, meta });
      return { ...place, event: JSON.parse(data), meta: JSON.parse(meta) };
    });
    this.streams.set(stream, [...before, ...added]);
    this.events.push(...added);
    this.tail.push(added);
    const { revision, position, meta } = added.at(-1)!;
    this.lastAt = meta.at;
    return { stream, revision, position };
  }

  async read(stream: string, page: { from?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const all = this.streams.get(stream) ?? [];
    const found =
      page.direction === 'backwards'
        ? all.filter(({ revision }) => revision <= (page.from ?? Infinity)).reverse()
        : all.filter(({ revision }) => revision >= (page.from ?? 0));
    return found.slice(0, pageSize(page.max));
  }

  async readAll(page: { after?: number; direction?: Direction; max?: number } = {}): Promise<readonly Recorded[]> {
    const found =
      page.direction === 'backwards'
        ? this.events.filter(({ position }) => position < (page.after ?? Infinity)).reverse()
        : this.events.slice(page.after ?? 0);
    return found.slice(0, pageSize(page.max));
  }

  subscribe(after: number, { signal, max }: { signal: AbortSignal; max?: number }): AsyncIterable<readonly Recorded[]> {
    return subscription(this.tail, (page) => this.readAll(page), after, { signal, max: pageSize(max) });
  }

  async head(): Promise<{ position: number; hash: string }> {
    return { position: this.events.length, hash: this.hash };
  }

  async close(): Promise<void> {}
}

function pageSize(max = PAGE_EVENTS_MAX): number {
  return Math.min(Math.max(1, max), PAGE_EVENTS_MAX);
}

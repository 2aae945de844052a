// Reading from EventStoreDB: page by page in time, without the server's own events, and the whole log as a ledger.
import type { ResolvedEvent, StreamingRead } from '@eventstore/db-client';
import { PAGE_EVENTS_MAX, type Direction } from '@app/kernel';
import { noop, placeOf, positionOf, typeOf, type Client, type EventStoreDbConnection, type ServerEvent } from './eventstoredb-connection';
import { chained } from './hash-chain';
import { Chain, type Ledger } from './ledger';

/** Longer pages hold the server up, and are read anew as a whole after a fault. */
export const SERVER_PAGE_EVENTS_MAX = 500;
/** What begins with it belongs to the server. */
export const SYSTEM = '$';

export class EventStoreDbReader {
  constructor(private readonly calls: EventStoreDbConnection) {}

  /** One page of $all, without the server's own events. */
  async all({ after, direction = 'forwards', max: wanted }: { after?: number; direction?: Direction; max?: number }) {
    const found: ServerEvent[] = [];
    const max = Math.min(Math.max(1, wanted ?? PAGE_EVENTS_MAX), PAGE_EVENTS_MAX);
    let maxCount = Math.min(SERVER_PAGE_EVENTS_MAX, max + 1);
    for (let cursor = after; ; maxCount = SERVER_PAGE_EVENTS_MAX) {
      const fromPosition = placeOf(cursor, direction);
      const part = await this.page((client) => client.readAll({ direction, fromPosition, maxCount, ...this.calls.always }));
      for (const event of part) {
        const position = positionOf(event);
        // Forwards the server gives the event at the position again.
        const beyond = cursor === undefined || (direction === 'forwards' ? position > cursor : position < cursor);
        if (beyond && !event.type.startsWith(SYSTEM) && found.length < max) found.push(event);
      }
      if (found.length === max || part.length < maxCount) return found;
      cursor = positionOf(part.at(-1)!);
    }
  }

  /** All events of one call; none when there is no such stream. */
  async page(read: (client: Client) => StreamingRead<ResolvedEvent>): Promise<readonly ServerEvent[]> {
    try {
      return await this.calls.settled('a read', async (client, timeoutMs) => {
        const events: ServerEvent[] = [];
        const reading = read(client);
        reading.on('error', noop); // It may fail once more when nobody listens any longer.
        const timer = setTimeout(() => reading.destroy(new Error('no answer in time')), timeoutMs);
        try {
          for await (const { event } of reading) events.push(event as unknown as ServerEvent);
          return events;
        } finally {
          clearTimeout(timer);
          reading.cancel().catch(noop);
        }
      });
    } catch (error) {
      if (typeOf(error) === 'stream-not-found') return [];
      throw error;
    }
  }
}

/** Counts and chains all events in their order: the same history has the same hash as in a file. */
export async function* ledgerBy(pageAfter: (position: number) => Promise<readonly ServerEvent[]>): Ledger {
  const chain = new Chain();
  for (let position = 0; ;) {
    const page = await pageAfter(position);
    if (page.length === 0) return chain.proof();
    const entries = [];
    for (const { streamId: stream, revision, data, metadata } of page) {
      const texts = { data: JSON.stringify(data), meta: JSON.stringify(metadata) };
      const link = { position: chain.position + 1, stream, revision: Number(revision), ...texts };
      const entry = { ...link, hash: chained(chain.hash, link) };
      const reason = chain.add(entry);
      if (reason !== undefined) return chain.proof(reason);
      entries.push(entry);
    }
    yield entries;
    position = positionOf(page.at(-1)!);
  }
}

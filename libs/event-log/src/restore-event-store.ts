// Fills an event store from a ledger: in its order, under its event ids and times, each event at its revision.
import { NO_STREAM } from '@app/kernel';
import { EventStoreDbConnection, settingsOf, typeOf, type Times } from './eventstoredb-connection';
import { EventStoreDbEventLog } from './eventstoredb-event-log';
import type { Entry } from './hash-chain';
import { proofOf, type Ledger, type Proof } from './ledger';
import { NotEmpty } from './restore-log';

/** Below the server's own limit of 1 MiB for an append; a larger event goes alone. */
const APPEND_UNITS_MAX = 256 * 1024;
const TIMES: Times = { tryMs: 10_000, giveUpMs: 60_000 };

/**
 * Restores a ledger into an event store. One that holds the beginning of this ledger already, as an interrupted restore
 * leaves it, is gone on with. Nobody else may write meanwhile. What the store holds in the end is read back and proven.
 * @throws NotEmpty when it holds, or gets meanwhile, anything else
 */
export async function restoreEventStore(url: string, ledger: Ledger, times = TIMES): Promise<Proof> {
  const connection = new EventStoreDbConnection(settingsOf(url), times);
  const log = new EventStoreDbEventLog(url, times);
  try {
    const there = await log.verify();
    if (there.fault) throw otherEvents();
    const proof = await proofOf(ledger, async (entries) => {
      const known = entries[there.events - entries[0]!.position];
      if (known && known.hash !== there.hash) throw otherEvents();
      for (const append of appendsOf(entries.filter(({ position }) => position > there.events))) await keep(connection, append);
    });
    if (proof.fault) return proof;
    if (proof.events < there.events) throw otherEvents();
    const found = await log.verify();
    if (found.hash !== proof.hash) throw otherEvents();
    return proof;
  } finally {
    await Promise.all([log.close(), connection.close()]);
  }
}

/** Neighbours of one stream go in one append, which the server keeps side by side; all else goes one after the other. */
function* appendsOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let append: Entry[] = [];
  let units = 0;
  for (const entry of entries) {
    const more = entry.data.length + entry.meta.length;
    if (append.length > 0 && (append[0]!.stream !== entry.stream || units + more > APPEND_UNITS_MAX)) {
      yield append;
      [append, units] = [[], 0];
    }
    append.push(entry);
    units += more;
  }
  if (append.length > 0) yield append;
}

async function keep(connection: EventStoreDbConnection, append: readonly Entry[]): Promise<void> {
  const { stream, revision } = append[0]!;
  const expectedRevision = revision - 1 === NO_STREAM ? 'no_stream' : BigInt(revision - 1);
  const events = append.map(({ data, meta }) => {
    const [event, metadata] = [JSON.parse(data), JSON.parse(meta)];
    return { id: metadata.id, type: event.type, contentType: 'application/json' as const, data: event, metadata };
  });
  try {
    await connection.settled('an append', (client, deadline) =>
      client.appendToStream(stream, events, { expectedRevision, deadline, ...connection.always }),
    );
  } catch (error) {
    if (typeOf(error) === 'wrong-expected-version') throw otherEvents();
    throw error;
  }
}

function otherEvents(): NotEmpty {
  return new NotEmpty('the event store holds events that are not the beginning of this history');
}

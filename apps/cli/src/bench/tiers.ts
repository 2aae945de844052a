// Both tiers side by side, and what the guard around the event store's client costs. It needs an event store of its own.
import { join } from 'node:path';
import { EventStoreDbEventLog } from '@app/event-log';
import { NO_STREAM } from '@app/kernel';
import { newId, now } from '@app/platform';
import { Ours } from './ours';
import { asks } from './people';
import type { Line } from './report';
import { alternating, round, type Round } from './rounds';
import { approveOnce, timed } from './side';

const WIDTHS = [1, 16, 64];

/** Where the cluster is; absent settings make the bench refuse this metric. */
export interface Place {
  readonly eventStore: string;
  readonly redis: string;
}

export function placeOf({ EVENT_STORE_URL: eventStore, REDIS_URL: redis }: NodeJS.ProcessEnv): Place | undefined {
  return eventStore && redis ? { eventStore, redis } : undefined;
}

export async function tiers(folder: string, roundMs: number): Promise<readonly Line[]> {
  const place = placeOf(process.env)!;
  return [...(await approvals(folder, roundMs, place)), ...(await appends(roundMs, place))];
}

/** The unit of work, each command durable and shown before the next: in the cluster by a process that runs everything. */
async function approvals(folder: string, roundMs: number, place: Place): Promise<readonly Line[]> {
  const cluster = await Ours.open(join(folder, 'cluster'), { notices: true, cluster: { ...place, worker: true } });
  const embedded = await Ours.open(join(folder, 'embedded'), { notices: true });
  const next = asks();
  const lines: Line[] = [];
  for (const width of WIDTHS) {
    const play = (side: Ours, ms: number): Promise<Round> => round(width, (took) => approveOnce(side, next.next().value, took), { ms });
    const [ours, its] = await alternating<Ours>([cluster, embedded], roundMs, play);
    lines.push({ what: 'approvals in the cluster', at: `${width} in flight`, unit: '/s', ours: ours!, beside: 'embedded', its: its! });
  }
  await cluster.close();
  await embedded.close();
  return lines;
}

type Append = () => Promise<unknown>;

/** One event to a new stream: through the adapter, and by the bare client. */
async function appends(roundMs: number, { eventStore }: Place): Promise<readonly Line[]> {
  const log = new EventStoreDbEventLog(eventStore);
  const bare = await bareClient(eventStore);
  const event = { type: 'Noted', text: 'x'.repeat(200) };
  const guarded: Append = () =>
    log.append(`bench-${newId()}`, NO_STREAM, [{ event, meta: { id: newId(), command: newId(), actor: 'bench', at: now() } }]);
  const lines: Line[] = [];
  for (const width of WIDTHS) {
    const play = (append: Append, ms: number) => round(width, (took) => timed(append(), took).then(() => {}), { ms });
    const [ours, its] = await alternating<Append>([guarded, () => bare.append(event)], roundMs, play);
    lines.push({ what: 'appends', at: `${width} in flight`, unit: '/s', ours: ours!, beside: 'bare client', its: its! });
  }
  await log.close();
  await bare.dispose();
  return lines;
}

async function bareClient(url: string): Promise<{ append: (event: { type: string }) => Promise<unknown>; dispose: () => Promise<void> }> {
  const { EventStoreDBClient, jsonEvent, NO_STREAM: noStream } = await import('@eventstore/db-client');
  const client = EventStoreDBClient.connectionString(url);
  return {
    // Both take the same way to the server: credentials keep the client from its batches.
    append: ({ type, ...data }) =>
      client.appendToStream(`bench-${newId()}`, jsonEvent({ id: newId(), type, data }), {
        expectedRevision: noStream,
        credentials: { username: 'admin', password: 'changeit' },
      }),
    dispose: () => client.dispose(),
  };
}

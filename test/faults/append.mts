// A process that appends to the log of DATA_DIR, many at once, and says what was acknowledged. It goes on until it is killed.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as EventLog from '@app/event-log';

const load = createRequire(import.meta.url);
const { eventId } = load('../../dist/libs/event-log/src/event-id.js') as typeof EventLog;
const { SqliteEventLog } = load('../../dist/libs/event-log/src/sqlite-event-log.js') as typeof EventLog;
const { DATA_DIR = '', SYNCHRONOUS = 'full', CHECKPOINT_PAGES = '8000', LIFE = '', WIDTH = '4' } = process.env;
const AT = '2026-11-01T08:00:00.000Z';

const log = new SqliteEventLog(DATA_DIR, {}, { synchronous: SYNCHRONOUS as 'full', checkpointPages: Number(CHECKPOINT_PAGES) });
await Promise.all(Array.from({ length: Number(WIDTH) }, (_, client) => appendOn(`note-${LIFE}x${client}`)));

/** Events of one to three per append and of different sizes; each acknowledgement is a line `position id id …`. */
async function appendOn(stream: string): Promise<never> {
  for (let revision = -1, n = 0; ; n++) {
    const events = Array.from({ length: 1 + (n % 3) }, (_, index) => ({
      event: { type: 'Noted', n, text: 'x'.repeat((n * 37) % 900) },
      meta: { id: eventId(`${stream}/${n}`, AT)(index), command: `${stream}/${n}`, actor: 'ann', at: AT },
    }));
    const receipt = await log.append(stream, revision, events);
    revision = receipt.revision;
    // Straight into the pipe: what the witness reads was acknowledged before whatever comes after.
    writeSync(1, `${receipt.position} ${events.map(({ meta }) => meta.id).join(' ')}\n`);
  }
}

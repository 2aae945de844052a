// Files of read models: whether one, perhaps copied from another replica, belongs to this log.
import { rmSync } from 'node:fs';
import type { EventLog } from '@app/kernel';
import { ReadModels } from './read-models';

/**
 * Makes read models of another log anew, from its beginning: they are made of nothing but the log, so that a wrong copy
 * costs a slow start and never a wrong answer. Checkpoints of sagas go with them; their command ids make repetitions one.
 * @returns why, or nothing when they are of this log
 */
export async function disownForeign(log: EventLog, models: ReadModels): Promise<string | undefined> {
  const why = await foreign(log, models);
  if (why === undefined) return undefined;
  const path = `${models.path}.new`;
  removeReadModels(path);
  models.becomes(new ReadModels(path, models.projections));
  return why;
}

async function foreign(log: EventLog, models: ReadModels): Promise<string | undefined> {
  const last = models.lastEvent;
  if (!last) return undefined;
  const { position: head } = await log.head();
  if (last.position > head) return `they have come to position ${last.position}, and the log ends at ${head}`;
  const [recorded] = await log.read(last.stream, { from: last.revision, max: 1 });
  if (recorded?.position === last.position && recorded.meta.id === last.id) return undefined;
  return `the event at position ${last.position} is another one`;
}

/** Removes a file of read models with what SQLite keeps beside it. */
export function removeReadModels(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

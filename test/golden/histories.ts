// The golden histories: files of events as releases recorded them, and what each has to lead to.
import { join } from 'node:path';
import { digestsOf, ledgerInFile, restoreLog, type ReadModelDigest } from '@app/event-log';
import type { Recorded } from '@app/kernel';
import { Runtime } from '@app/platform/runtime';
import { librariesFor } from '../../apps/api/src/libraries';
import { temporaryFolder } from '../support/folders';
import { filesLike, ROOT } from '../support/sources';

export const FOLDER = join(ROOT, 'test/data/golden');
export const libraries = librariesFor({ SMTP_URL: 'smtp://mail.example' });

/** Every type of event that a log can hold. */
export const eventTypes = libraries.flatMap(({ deciders }) => deciders.flatMap(({ events }) => Object.keys(events)));

export interface Golden {
  readonly events: number;
  readonly hash: string;
  readonly readModels: readonly ReadModelDigest[];
}

/** From the oldest release to the newest. */
export function histories(): readonly string[] {
  const paths = filesLike('test/data/golden/*.jsonl').map((path) => join(ROOT, path));
  return paths.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

/** The file beside a history that says what it leads to. */
export function goldenOf(history: string): string {
  return history.replace(/\.jsonl$/, '.json');
}

/** Reads the history as the product reads a log, and follows it with nothing but the read models. */
export async function replayed(path: string): Promise<{ readonly golden: Golden; readonly types: readonly string[] }> {
  const folder = temporaryFolder();
  const { events, hash, fault } = await restoreLog(folder, ledgerInFile(path));
  if (fault) throw new Error(`${path}:${fault.position}: ${fault.reason}`);
  const ignore = () => {};
  const { log, models } = new Runtime({ folder, libraries, warn: ignore, fatal: ignore });
  const types = new Set<string>();
  for (let page: readonly Recorded[]; (page = await log.readAll({ after: models.position })).length > 0;) {
    models.apply(page);
    for (const { event } of page) types.add(event.type);
  }
  const readModels = await digestsOf(models);
  const parked = models.parked();
  await log.close();
  models.close();
  if (parked.length > 0) throw new Error(`${path} has events that a read model cannot take: ${JSON.stringify(parked)}`);
  return { golden: { events, hash, readModels }, types: [...types] };
}

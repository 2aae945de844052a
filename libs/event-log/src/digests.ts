// Digests of read models, by which two that were made of the same log are compared.
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ReadModels } from './read-models';

/** One read model: its rows and a SHA-256 over them, whatever their order. */
export interface ReadModelDigest {
  readonly name: string;
  readonly rows: number;
  readonly digest: string;
}

const ROWS_TOGETHER = 500;

/** The digest of each read model, in a fixed order; taken in parts, so that whoever uses this process meanwhile hardly waits. */
export async function digestsOf(models: ReadModels): Promise<readonly ReadModelDigest[]> {
  const digests: ReadModelDigest[] = [];
  for (const { name, tables } of models.projections) {
    const sum = createHash('sha256');
    let rows = 0;
    for (const table of tables) {
      for (const row of models.rows(table)) {
        sum.update(`${table} ${JSON.stringify(row)}\n`);
        if (++rows % ROWS_TOGETHER === 0) await breathe();
      }
    }
    digests.push({ name, rows, digest: sum.digest('hex') });
  }
  return digests;
}

// Secrets of this installation: made at the first start, readable by their owner only.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config';

/** Keys by which this installation knows its operator and signs its cursors. */
export interface Secrets {
  /** Bearer token of whoever can read the data folder: the command line. */
  readonly operator: string;
  readonly cursor: string;
}

/**
 * Reads `<folder>/secrets.json`, and makes it at the first start.
 * @throws ConfigError when others on the machine can read it
 */
export function secretsIn(folder: string): Secrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'secrets.json');
  if (!existsSync(path)) {
    const made: Secrets = { operator: `op_${randomKey()}`, cursor: randomKey() };
    // Written whole and then named, so that a crash leaves no half of it.
    writeFileSync(`${path}.new`, JSON.stringify(made), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  if ((statSync(path).mode & 0o077) !== 0) throw new ConfigError(`DATA_DIR: ${path} can be read by others; its mode has to be 0600`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

function randomKey(): string {
  return randomBytes(32).toString('base64url');
}

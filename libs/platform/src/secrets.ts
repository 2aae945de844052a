// Secrets of this installation: made at the first start, readable by their owner only.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, type Config } from './config';

/** Keys by which this installation knows its operator and signs its cursors. */
export interface Secrets {
  /** Bearer token of whoever can read the data folder: the command line. */
  readonly operator: string;
  readonly cursor: string;
}

/**
 * Reads `secrets.json` in the data folder, and makes it at the first start. Replicas share one file: a cursor that one of
 * them gave out comes back to another.
 * @throws ConfigError when others on the machine can read it, or it can be neither read nor made
 */
export function secretsOf({ DATA_DIR, SECRETS_FILE }: Pick<Config, 'DATA_DIR' | 'SECRETS_FILE'>): Secrets {
  const path = SECRETS_FILE ?? join(DATA_DIR, 'secrets.json');
  const setting = SECRETS_FILE ? 'SECRETS_FILE' : 'DATA_DIR';
  try {
    makeUnlessThere(path);
    if ((statSync(path).mode & 0o077) !== 0) throw new ConfigError(`${setting}: ${path} can be read by others; its mode has to be 0600`);
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigError(`${setting}: ${path} holds no secrets`);
    if (Error.isError(error) && 'syscall' in error) throw new ConfigError(`${setting}: ${path} cannot be used: ${error.message}`);
    throw error;
  }
}

function makeUnlessThere(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) return;
  const made: Secrets = { operator: `op_${randomKey()}`, cursor: randomKey() };
  // Written whole and then named, so that a crash leaves no half of it, and of two who start at once the first is right.
  const whole = `${path}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(made), { mode: 0o600 });
  try {
    linkSync(whole, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(whole);
  }
}

function randomKey(): string {
  return randomBytes(32).toString('base64url');
}

// Finds the server that has the data folder open, or boots the application over the folder: there is one writer, never two.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type Config } from '@app/platform/config';
import { secretsOf } from '@app/platform/secrets';
import { Api, isAlive } from './api';
import { EXIT, Failure } from './failure';

/** The API, spoken as the operator of this installation. */
export interface Reached {
  readonly api: Api;
  /** Lets go of it; an application that was booted for this is stopped. */
  readonly close: () => Promise<void>;
}
interface Announced {
  readonly address: string;
  readonly pid: number;
}

/** A server that has much to do is waited for; where none runs, nobody is. */
const PROBE_TIMEOUT_MS = 15_000;

/**
 * The server over this data folder, running or booted here.
 * @throws Failure when another process has the folder open and does not answer, or the log cannot be trusted
 */
export async function reach(config: Config): Promise<Reached> {
  const server = await livingServer(config);
  return server ? { api: server, close: async () => {} } : boot(config);
}

/** The API of the server that runs over the folder, if one does. What a dead process left behind counts for nothing. */
export async function livingServer(config: Config): Promise<Api | undefined> {
  const announced = announcedIn(config.DATA_DIR);
  // The port may belong to another program by now, which must not be given the token.
  if (!announced || !isRunning(announced.pid) || !(await isAlive(announced.address, PROBE_TIMEOUT_MS))) return undefined;
  return new Api(announced.address, secretsOf(config).operator);
}

/** Boots the application in this process. */
export async function boot(config: Config, { worker = false } = {}): Promise<Reached> {
  // First of all: an application that fails half started would keep this process from ending.
  const { operator } = secretsOf(config);
  const { bootApplication } = await import('./boot.js');
  try {
    const { address, close } = await bootApplication(config, worker);
    return { api: new Api(address, operator), close };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'LogRefused')) throw error;
    // A server that was starting when we looked first has the folder now.
    const server = await livingServer(config);
    if (server) return { api: server, close: async () => {} };
    const holder = announcedIn(config.DATA_DIR);
    if (holder && isRunning(holder.pid)) {
      const { pid, address } = holder;
      throw new Failure(EXIT.unreachable, 'unreachable', `process ${pid} has ${config.DATA_DIR} open and does not answer on ${address}`);
    }
    throw new Failure(EXIT.refused, 'log-refused', error.message);
  }
}

function announcedIn(folder: string): Announced | undefined {
  try {
    const { address, pid } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'));
    return typeof address === 'string' && Number.isSafeInteger(pid) ? { address, pid } : undefined;
  } catch (error) {
    // Not there, or half written by a process that died: nobody announced a server.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return undefined;
    if (error instanceof Error && 'syscall' in error) throw new ConfigError(`DATA_DIR: cannot be looked into: ${error.message}`);
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code === 'EPERM';
    throw error;
  }
}

// The built command line and server as child processes, each over a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from './until';

const dist = resolve(__dirname, '../../dist/apps');

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}
export interface Server {
  readonly address: string;
  readonly pid: number;
  /** SIGTERM, and waits for the end. Gives the exit code. */
  stop(): Promise<number | null>;
  /** kill -9: nothing is tidied up. */
  kill(): Promise<void>;
}

/** Runs `countersign` with these words to its end. */
export function countersign(folder: string, ...words: readonly string[]): Promise<Ran> {
  return countersignWith(environment(folder), ...words);
}

/** The same under these settings and no others. */
export async function countersignWith(settings: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'], ...settings };
  const child = spawn(process.execPath, [join(dist, 'cli/src/main.js'), ...words], { env });
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exit, out, err };
}

/** What was said on stderr beside how far a long import is: how long it takes is the machine's business. */
export function withoutProgress(err: string): string {
  return err.replaceAll(/^(reading|comparing|recording)\b.*\n/gm, '');
}

/** Starts the server over a folder, on a free port. */
export async function startServer(folder: string): Promise<Server> {
  const place = join(folder, 'server.json');
  const child = spawn(process.execPath, [join(dist, 'api/src/main.js')], { env: environment(folder), stdio: 'ignore' });
  const ended = once(child, 'exit');
  const { address, pid } = await until(() => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const announced = existsSync(place) && JSON.parse(readFileSync(place, 'utf8') || 'null');
    return announced?.pid === child.pid ? announced : undefined;
  }, 120_000);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [exit] = await ended;
    return exit;
  };
  return { address, pid, stop: () => end('SIGTERM'), kill: async () => void (await end('SIGKILL')) };
}

function environment(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], DATA_DIR: folder, PORT: '0', LOG_LEVEL: '' };
}

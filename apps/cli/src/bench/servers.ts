// Starts the two servers as processes of their own, and ends them.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

const START_MS_MAX = 30_000;
const POLL_MS = 5;
/** As `npm start` has them; the reference gets the same. */
export const YOUNG = '--max-semi-space-size=32';
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' };

/** The product itself, on a port of the loopback. */
export async function startProduct(folder: string): Promise<Server> {
  const env = {
    PATH: process.env['PATH'],
    DATA_DIR: folder,
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    ...ONE_ARENA,
  };
  const child = spawn(process.execPath, [YOUNG, join(__dirname, '../../../api/src/main.js')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const place = join(folder, 'server.json');
  const start = performance.now();
  while (!existsSync(place) || !endsWhole(place)) {
    if (child.exitCode !== null || performance.now() > start + START_MS_MAX) throw new Error('the server did not start');
    await wait(POLL_MS);
  }
  const { address } = JSON.parse(readFileSync(place, 'utf8'));
  return { port: Number(new URL(address).port), stop: () => end(child) };
}

/** The reference beside it. */
export async function startReference(folder: string): Promise<Server> {
  const child = fork(join(__dirname, 'reference-server.js'), [folder], { execArgv: [YOUNG], env: { ...process.env, ...ONE_ARENA } });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the reference did not start')));
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }];
  ended.catch(() => {}); // Once it has started, its end is what we asked for.
  return { port, stop: () => end(child) };
}

function endsWhole(place: string): boolean {
  return readFileSync(place, 'utf8').endsWith('}');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}

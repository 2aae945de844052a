// A real Redis for suites: its own process, port and folder, as safe as production, and free to be killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { STARTING_MS_MAX, until } from './until';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** kill -9: nothing is flushed. */
  kill(): Promise<void>;
  /** Makes it forget everything. */
  flush(): Promise<void>;
  /** Removes its files while it is not running. */
  forget(): Promise<void>;
  /** Changes a setting of the running server. */
  set(setting: string, value: string): Promise<void>;
  /** Answers nothing and closes nothing, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts `redis-server` on a free loopback port with `appendonly yes` and `noeviction`, and what else is asked for. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const all = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  let child: ChildProcess | undefined;

  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      const output: string[] = [];
      const started = spawn(
        'redis-server',
        Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      child = started;
      started.on('error', (error) => output.push(String(error)));
      started.stdout.on('data', (chunk) => output.push(String(chunk)));
      started.stderr.on('data', (chunk) => output.push(String(chunk)));
      await until(() => {
        if (started.exitCode !== null) throw new Error(`redis-server ended: ${output.join('')}`);
        return output.join('').includes('Ready to accept connections');
      }, STARTING_MS_MAX).catch((error) => {
        throw new Error(`redis-server did not start (is it installed?): ${output.join('')}`, { cause: error });
      });
    },
    kill: () => end(child, 'SIGKILL'),
    flush: () => say('FLUSHALL'),
    async forget() {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
    set: (setting, value) => say(`CONFIG SET ${setting} ${value}`),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async stop() {
      await end(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;

  async function say(command: string): Promise<void> {
    const answer = await text(connect(port, '127.0.0.1').end(`${command}\r\n`));
    if (!answer.startsWith('+OK')) throw new Error(`${command}: ${answer}`);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/**
 * A port that was free a moment ago. It is below those that the system gives to whoever connects somewhere: one of them would be
 * taken by somebody else while Redis is away.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + randomInt(12_000);
    const probe = createServer().listen(port, '127.0.0.1');
    try {
      await once(probe, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

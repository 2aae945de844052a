// The real server for suites: a process of its own with its own data folder, free to be stopped and killed.
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Api, expected } from './http';
import { stopwatch } from './stolen-time';
import { STARTING_MS_MAX, until } from './until';

const MAIN = resolve(__dirname, '../../dist/apps/api/src/main.js');
const running = new Set<ChildProcess>();
const folders: string[] = [];
afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** From the asking on, less what the host stole. */
  readonly ms: number;
}

export class Server {
  private child: ChildProcess | undefined;
  private output: string[] = [];
  private api: Api | undefined;

  /** Over a data folder of its own, unless it is told of one. */
  constructor(
    private readonly environment: Readonly<Record<string, string>> = {},
    readonly folder = newFolder(),
  ) {}

  /** Starts the process and waits until it is ready. Answers the milliseconds from its spawning to `/readyz` 200. */
  async start(timeoutMs = STARTING_MS_MAX): Promise<number> {
    const start = performance.now();
    this.spawn();
    const url = await until(() => {
      if (this.hasEnded) throw new Error(`the server ended: ${this.said}`);
      return /answers on (http:\S+)/.exec(this.said)?.[1];
    }, timeoutMs).catch((error: unknown) => {
      throw new Error(`the server does not start: it ${this.state}, and said "${this.said}"`, { cause: error });
    });
    this.api?.close();
    this.api = new Api(url);
    await until(async () => (await this.api!.get('//readyz')).status === 200, timeoutMs);
    return performance.now() - start;
  }

  /** Starts the process and waits for nothing. */
  spawn(): void {
    if (!this.hasEnded) throw new Error('the server runs already');
    this.output = [];
    const settings = { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', DATA_DIR: this.folder };
    const child = spawn(process.execPath, [MAIN], { env: { ...settings, ...this.environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    child.once('close', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => this.output.push(String(chunk)));
  }

  get address(): string {
    return this.api!.url;
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** What the process has said since its last start. */
  get said(): string {
    return this.output.join('');
  }

  /** What the process is doing, as Linux says: running, sleeping, waiting for the disk. */
  private get state(): string {
    const status = `/proc/${this.pid}/status`;
    return existsSync(status) ? /^State:.*$/m.exec(readFileSync(status, 'utf8'))![0] : 'is gone';
  }

  /** Speaks as nobody. */
  get anonymous(): Api {
    return this.api!;
  }

  /** Speaks as whoever can read the data folder. */
  get operator(): Api {
    return this.api!.as(JSON.parse(readFileSync(this.environment['SECRETS_FILE'] ?? join(this.folder, 'secrets.json'), 'utf8')).operator);
  }

  /** Makes a token and speaks as the one to whom it belongs. */
  async as(username: string, role: 'user' | 'admin' | 'auditor' | 'integration' = 'user'): Promise<Api> {
    const { token } = expected(201, await this.operator.post('/tokens', { username, role }));
    return this.api!.as(token);
  }

  /** SIGTERM: it drains. */
  stop(): Promise<Ended> {
    return this.end('SIGTERM');
  }

  /** kill -9: nothing is flushed, nothing is said. */
  kill(): Promise<Ended> {
    return this.end('SIGKILL');
  }

  /** Waits for a process that ends by itself. */
  async ended(): Promise<Ended> {
    const ms = stopwatch();
    const child = this.child!;
    if (!this.hasEnded) await once(child, 'close');
    return { code: child.exitCode, signal: child.signalCode, output: this.said, ms: ms() };
  }

  private end(signal: NodeJS.Signals): Promise<Ended> {
    const ended = this.ended();
    this.child!.kill(signal);
    return ended;
  }

  private get hasEnded(): boolean {
    return !this.child || this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** Starts the server over a data folder that was there before it. */
export async function startServer(folder: string): Promise<Server> {
  const server = new Server({}, folder);
  await server.start();
  return server;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  folders.push(folder);
  return folder;
}

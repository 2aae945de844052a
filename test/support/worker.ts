// A worker of the cluster for suites: a process of its own with its own data folder, free to be stopped, killed and frozen.
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { temporaryFolder } from './folders';
import { STARTING_MS_MAX, until } from './until';

const MAIN = resolve(__dirname, '../../dist/apps/worker/src/main.js');
const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

export class Worker {
  readonly folder = temporaryFolder();
  private child: ChildProcess | undefined;
  private output: string[] = [];

  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  async start(): Promise<void> {
    this.output = [];
    const settings = { PATH: process.env['PATH'], LOG_LEVEL: 'warn', PORT: '0', DATA_DIR: this.folder };
    const child = spawn(process.execPath, [MAIN], { env: { ...settings, ...this.environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    child.once('close', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => this.output.push(String(chunk)));
    await until(() => {
      if (!running.has(child)) throw new Error(`the worker ended: ${this.said}`);
      return this.said.includes('Countersign works');
    }, STARTING_MS_MAX);
  }

  /** Where it tells its health. */
  get address(): string {
    return /on (http:\S+)/.exec(this.said)![1]!;
  }

  get said(): string {
    return this.output.join('');
  }

  freeze(): void {
    this.child!.kill('SIGSTOP');
  }

  thaw(): void {
    this.child!.kill('SIGCONT');
  }

  /** SIGTERM: it hands over and drains. Answers its exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child!.exitCode;
  }

  /** kill -9: nothing is handed over. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child!;
    if (!running.has(child)) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
}

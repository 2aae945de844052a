// The event store for suites as real processes: one that keeps the events, and nodes before it that can be killed or frozen.
import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { Told } from './eventstoredb/main';

const LOADER = join(__dirname, 'typescript.cjs');
/** After so long the others have chosen another leader. */
const ELECTION_MS = 500;
const ADDRESS = '127.0.0.1';

interface Member {
  readonly port: number;
  readonly target: number;
  process: ChildProcess;
}

export class EventStore {
  private constructor(
    private readonly store: ChildProcess,
    private readonly members: Member[],
  ) {}

  static async start(nodes = 3): Promise<EventStore> {
    const store = forked('main.ts', String(nodes));
    const targets = portsIn(await firstLine(store));
    const members = await Promise.all(targets.map((target) => member(target)));
    const eventStore = new EventStore(store, members);
    eventStore.tell({ ports: members.map(({ port }) => port) });
    return eventStore;
  }

  get url(): string {
    return `esdb://${this.members.map(({ port }) => `${ADDRESS}:${port}`).join(',')}?tls=false`;
  }

  get nodes(): number {
    return this.members.length;
  }

  /** kill -9 of a node. If it led, another one leads after a moment. */
  async kill(node: number): Promise<void> {
    await ended(this.members[node]!.process);
    await sleep(ELECTION_MS);
    this.tell({ down: node });
  }

  /** Starts a node that was killed, on its port. */
  async restart(node: number): Promise<void> {
    const { port, target } = this.members[node]!;
    this.members[node] = await member(target, port);
    this.tell({ up: node });
  }

  /** The node stops as it is, with its connections open. */
  async freeze(node: number): Promise<void> {
    this.members[node]!.process.kill('SIGSTOP');
    await sleep(ELECTION_MS);
    this.tell({ down: node });
  }

  thaw(node: number): void {
    this.members[node]!.process.kill('SIGCONT');
    this.tell({ up: node });
  }

  async stop(): Promise<void> {
    await Promise.all([this.store, ...this.members.map((one) => one.process)].map(ended));
  }

  private tell(told: Told): void {
    this.store.send(told);
  }
}

async function member(target: number, wanted = 0): Promise<Member> {
  const child = forked('node-main.ts', String(wanted), String(target));
  const said = text(child.stderr!);
  const [port] = await Promise.race([
    once(child, 'message') as Promise<[number]>,
    once(child, 'exit').then(async () => {
      throw new Error(`a node of the event store did not start: ${await said}`);
    }),
  ]);
  return { port, target, process: child };
}

function forked(file: string, ...args: readonly string[]): ChildProcess {
  const path = join(__dirname, 'eventstoredb', file);
  return fork(path, args, { execArgv: ['--no-warnings', '-r', LOADER], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr!.on('data', (chunk) => (said += String(chunk)));
  for await (const chunk of child.stdout!) {
    said += String(chunk);
    if (said.includes('\n')) return said;
  }
  throw new Error(`the event store did not start: ${said}`);
}

function portsIn(url: string): readonly number[] {
  return [...url.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

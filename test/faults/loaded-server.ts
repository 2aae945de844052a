// A server with a small organisation, its witness, and many who submit and decide at once.
import type { Api } from '../support/http';
import { employ, register } from '../support/organisation';
import type { Random } from '../support/random';
import { Server } from '../support/server';
import { FINANCE, LEARNERS, Load, MANAGERS } from './load';
import { Ledger } from './witness';

export class LoadedServer {
  readonly server: Server;
  readonly ledger: Ledger;
  readonly load: Load;
  private readonly tokens = new Map<string, string>();
  private readonly apis = new Map<string, Api>();

  constructor(random: Random, environment: Readonly<Record<string, string>>) {
    this.server = new Server(environment);
    this.ledger = new Ledger(this.server.folder);
    this.load = new Load(random, (actor) => this.as(actor));
  }

  /** The first start: makes the organisation, and a token for everybody in it. */
  async populate(): Promise<void> {
    await this.server.start();
    const { operator } = this.server;
    await register(operator, ...LEARNERS, ...MANAGERS, FINANCE);
    for (const person of LEARNERS) await employ(operator, person, { direct: MANAGERS[0], temporary: MANAGERS[1] });
    for (const person of [...LEARNERS, ...MANAGERS, FINANCE]) this.tokens.set(person, (await this.server.as(person)).token!);
    this.connect();
  }

  async start(timeoutMs?: number): Promise<void> {
    await this.server.start(timeoutMs);
    this.connect();
  }

  as(person: string): Api {
    return this.apis.get(person)!;
  }

  /** Lets go of every connection; a new process has a new port. */
  connect(): void {
    for (const [person, token] of this.tokens) {
      this.apis.get(person)?.close();
      this.apis.set(person, this.server.anonymous.as(token));
    }
  }
}

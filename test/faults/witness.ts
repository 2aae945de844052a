// What the witness holds: every command that was sent, what was answered, and what the log has of it.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { derivedId } from '@app/platform/ids';
import type { Answer, Api, Json } from '../support/http';

/** One command: who sent what under which key, and what the answer was, if there was one. */
export interface Sent {
  readonly actor: string;
  readonly api: (actor: string) => Api;
  readonly path: string;
  readonly body: Json;
  readonly key: string;
  readonly ifMatch?: string;
  answer?: Answer;
}

/** Sends it; an answer that never came leaves it open. */
export async function send(sent: Sent): Promise<Answer | undefined> {
  const { actor, api, path, body, key, ifMatch } = sent;
  try {
    return await api(actor).post(path, body, { 'idempotency-key': key, ...(ifMatch && { 'if-match': ifMatch }) });
  } catch {
    return undefined; // The process is gone; whether the command was recorded is what the retry shows.
  }
}

export function accepted({ answer }: Sent): boolean {
  return answer !== undefined && answer.status < 300;
}

const DECISIONS = ['StepApproved', 'RequestGranted', 'RequestDenied'];
const OWN = ['RequestSubmitted', ...DECISIONS];

/** An event as a log of either tier gives it. */
export interface LogLine {
  readonly position: number;
  readonly stream: string;
  readonly event: Json;
  readonly meta: Json;
}

/** Counts what must be in a log once. */
export class Counted {
  /** How often each command's own event is in the log. */
  private readonly times = new Map<string, number>();
  /** How often each step of each request was decided. */
  private readonly decided = new Map<string, number>();
  /** Requests after whose last event somebody has yet to be asked, or nobody to be named. */
  private readonly unanswered = new Set<string>();

  take({ stream, event, meta }: LogLine): void {
    if (!stream.startsWith('request-')) return;
    if (OWN.includes(event.type)) count(this.times, meta.command);
    if (DECISIONS.includes(event.type)) count(this.decided, `${stream} step ${event.step}`);
    if (['RequestSubmitted', 'StepApproved'].includes(event.type)) this.unanswered.add(stream);
    else this.unanswered.delete(stream);
  }

  timesOf({ actor, key }: Pick<Sent, 'actor' | 'key'>): number {
    return this.times.get(derivedId(actor, key)) ?? 0;
  }

  decidedTwice(): readonly string[] {
    return [...this.decided].filter(([, times]) => times > 1).map(([step]) => step);
  }

  commandsTwice(): readonly string[] {
    return [...this.times].filter(([, times]) => times > 1).map(([command]) => command);
  }

  /** Requests that reached no state: somebody is asked, nobody is there to ask, or it has ended. */
  stuck(): readonly string[] {
    return [...this.unanswered];
  }

  get commands(): number {
    return this.times.size;
  }
}

/** Reads the log of a dead process and counts. */
export class Ledger extends Counted {
  position = 0;

  constructor(private readonly folder: string) {
    super();
  }

  read(): void {
    for (const line of linesOf(this.folder, this.position)) {
      this.position = line.position;
      this.take(line);
    }
  }
}

/** The log in the folder of a process that has ended, from behind a position. */
export function* linesOf(folder: string, after = 0): Generator<LogLine> {
  const log = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  const rows = log.prepare(
    `select position, name as stream, data, meta from events join streams on number = stream where position > ? order by position`,
  );
  for (const { position, stream, data, meta } of rows.iterate(after) as Iterable<Json>) {
    yield { position, stream, event: JSON.parse(data), meta: JSON.parse(meta) };
  }
  log.close();
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

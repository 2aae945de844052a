// Listens to server-sent events as a browser does, and keeps what it hears.
import { get, type ClientRequest } from 'node:http';
import type { Api, Json } from './http';
import { until } from './until';

export interface Heard {
  readonly id: number;
  readonly type: string;
  readonly data: Json;
}

export class Listener {
  /** What was told, without the signs of life. */
  readonly heard: Heard[] = [];
  /** Whether the server has ended the stream. */
  over = false;
  private request!: ClientRequest;

  /** Settles when the server has begun to answer. */
  static async to(api: Api, lastEventId?: number): Promise<Listener> {
    const listener = new Listener();
    const headers = { authorization: `Bearer ${api.token}`, ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }) };
    await new Promise<void>((resolve, reject) => {
      listener.request = get(`${api.url}/api/v1/stream`, { headers, agent: false }, (answer) => {
        let rest = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const blocks = (rest + chunk).split('\n\n');
          rest = blocks.pop()!;
          for (const block of blocks) listener.take(block);
        });
        answer.on('close', () => (listener.over = true)).on('error', () => {});
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`the stream answers ${answer.statusCode}`));
      });
      listener.request.on('error', reject);
    });
    return listener;
  }

  /** Settles when so many events have come. */
  async has(events: number): Promise<readonly Heard[]> {
    await until(() => this.heard.length >= events);
    return this.heard;
  }

  close(): void {
    this.request.destroy();
  }

  private take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const),
    );
    const type = fields.get('event') ?? '';
    if (!fields.has('data') || type === 'pulse') return;
    this.heard.push({ id: Number(fields.get('id')), type, data: JSON.parse(fields.get('data')!) });
  }
}

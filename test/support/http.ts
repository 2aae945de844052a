// A plain HTTP client for suites: any method, any body, keep-alive; nothing is mended on the way.
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export type Json = any;
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON where it is JSON, else its text. */
  readonly body: Json;
}
export interface Sending {
  /** Sent as JSON, unless it is text or bytes already. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Speaks to one server as one caller. */
export class Api {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  as(token: string | undefined): Api {
    return new Api(this.url, token);
  }

  get(path: string, headers?: Sending['headers']): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  post(path: string, body: Json = {}, headers?: Sending['headers']): Promise<Answer> {
    return this.send('POST', path, { body, headers });
  }

  put(path: string, body: Json): Promise<Answer> {
    return this.send('PUT', path, { body });
  }

  /** @throws Error when the connection breaks before the whole answer is there */
  send(method: string, path: string, { body, headers = {} }: Sending = {}): Promise<Answer> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = body === undefined ? undefined : raw ? body : JSON.stringify(body);
    const all = {
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(bytes !== undefined && { 'content-length': String(Buffer.byteLength(bytes)) }),
      ...(bytes !== undefined && !raw && { 'content-type': 'application/json' }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + pathOf(path), { method, headers: all, agent: this.agent }, (answer) => {
        text(answer).then(
          (body) => resolve({ status: answer.statusCode!, headers: answer.headers, body: parsed(body, answer.headers['content-type']) }),
          reject,
        );
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** Lets go of the connections that are kept. */
  close(): void {
    this.agent.destroy();
  }
}

/** The answer's body, when its status is the one that was wanted. */
export function expected(status: number, answer: Answer): Json {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Paths under the API are written without its prefix; others begin with a slash twice. */
function pathOf(path: string): string {
  return path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
}

function parsed(body: string, type = ''): Json {
  return /\bjson\b/.test(type) && body !== '' ? JSON.parse(body) : body;
}

// The HTTP API as the command line speaks it: with a token, JSON in and out.
import { Readable } from 'node:stream';
import { EXIT, Failure } from './failure';

export interface Answer<Body = any> {
  readonly status: number;
  readonly body: Body;
  /** Revision in the `ETag`, for `If-Match`. */
  readonly revision?: number;
}
export interface Sending {
  readonly body?: unknown;
  /** Sent as it is, with its own type: a file, or several in a form. */
  readonly content?: Blob | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the caller calls a field of the body, where that is wrong. */
  readonly named?: (field: string) => string;
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';

export class Api {
  constructor(
    readonly address: string,
    private readonly token: string,
  ) {}

  /** The same server, as somebody else. */
  as(token: string): Api {
    return new Api(this.address, token);
  }

  /** Sends and gives whatever the server answers, refusals too. @throws Failure when nobody answers */
  async send<Body = any>(method: Method, path: string, { body, content, headers = {} }: Sending = {}): Promise<Answer<Body>> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const payload = content ?? (body === undefined ? undefined : JSON.stringify(body));
    const init = { method, headers: { authorization: `Bearer ${this.token}`, ...json, ...headers }, body: payload };
    const response = await fetch(`${this.address}/api/v1/${path}`, init).catch((error: unknown) => unreachable(this.address, error));
    const text = await response.text();
    const revision = /"(\d+)"/.exec(response.headers.get('etag') ?? '')?.[1];
    return { status: response.status, body: bodyOf(text), ...(revision !== undefined && { revision: Number(revision) }) };
  }

  /** Sends and gives the answer's body. @throws Failure when it is refused */
  async call<Body = any>(method: Method, path: string, sending?: Sending): Promise<Body> {
    const { status, body } = await this.send(method, path, sending);
    if (status >= 400) throw refusal(status, body, sending?.named);
    return body;
  }

  /** What the answer holds, as it comes. @throws Failure when it is refused */
  async stream(path: string): Promise<AsyncIterable<string>> {
    return (await this.bytes(path)).content.setEncoding('utf8');
  }

  /** The same as bytes, and how many they are where the server says so. @throws Failure when it is refused */
  async bytes(path: string): Promise<{ readonly length: number; readonly content: Readable }> {
    const response = await fetch(`${this.address}/api/v1/${path}`, { headers: { authorization: `Bearer ${this.token}` } }).catch(
      (error: unknown) => unreachable(this.address, error),
    );
    if (!response.ok) throw refusal(response.status, bodyOf(await response.text()));
    return { length: Number(response.headers.get('content-length')), content: Readable.fromWeb(response.body!) };
  }

  get<Body = any>(path: string): Promise<Body> {
    return this.call('GET', path);
  }

  /** Every item of a list, page by page. */
  async *list<Item = any>(path: string): AsyncGenerator<Item> {
    const page = `${path}${path.includes('?') ? '&' : '?'}limit=200`;
    for (let after = ''; ;) {
      const { items, next } = await this.get<{ items: Item[]; next?: string }>(`${page}${after}`);
      yield* items;
      if (next === undefined) return;
      after = `&after=${encodeURIComponent(next)}`;
    }
  }
}

/** Whether a server answers at the address. */
export async function isAlive(address: string, timeoutMs: number): Promise<boolean> {
  const answer = fetch(`${address}/livez`, { signal: AbortSignal.timeout(timeoutMs) });
  return answer.then(
    async (response) => response.ok && bodyOf(await response.text())?.status === 'ok',
    () => false,
  );
}

/** A refusal as people read it: its title, its detail, each wrong field. */
export function refusal(status: number, problem: any, named = (field: string) => field): Failure {
  const {
    type: _type,
    title,
    status: _status,
    detail,
    instance: _instance,
    code = `http-${status}`,
    errors = [],
    ...facts
  } = problem ?? {};
  const fields = errors.map(({ field, message }: { field: string; message: string }) => `${named(field)} ${message}`);
  const words = [detail ?? title ?? `the server answered ${status}`, ...fields].join('; ');
  // What presets there are the server knows, since some are saved; to name another is wrong usage all the same.
  const isUsage = status === 400 || code === 'unknown-preset';
  return new Failure(isUsage ? EXIT.usage : EXIT.refused, code, words, facts);
}

function unreachable(address: string, error: unknown): never {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  throw new Failure(EXIT.unreachable, 'unreachable', `${address} does not answer: ${cause instanceof Error ? cause.message : cause}`);
}

function bodyOf(text: string): any {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

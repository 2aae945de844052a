// One keep-alive connection. It is bare, so that the load costs less than what it measures.
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: any;
}
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: string;
  readonly seen?: number;
  readonly body?: object;
}

export class Connection {
  private text = '';
  private answered?: { resolve: (answer: Answer) => void; reject: (error: Error) => void };

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (part) => this.take(String(part)));
    socket.on('error', (error) => this.answered?.reject(error));
    socket.on('close', () => this.answered?.reject(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** One request at a time. @throws Error for any answer that is not a success */
  async call({ method, path, token, seen, body }: Call): Promise<any> {
    const content = body === undefined ? '' : JSON.stringify(body);
    const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', `authorization: Bearer ${token}`];
    if (seen !== undefined) lines.push(`if-match: "${seen}"`);
    if (body !== undefined) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(content)}`);
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.answered = { resolve, reject };
      this.socket.write(`${lines.join('\r\n')}\r\n\r\n${content}`);
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  close(): void {
    this.answered = undefined;
    this.socket.destroy();
  }

  private take(part: string): void {
    this.text += part;
    const end = this.text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/^content-length: (\d+)/im.exec(this.text.slice(0, end))?.[1] ?? 0);
    if (this.text.length < end + 4 + length) return;
    const body = this.text.slice(end + 4, end + 4 + length);
    const status = Number(this.text.slice(9, 12));
    this.text = this.text.slice(end + 4 + length);
    this.answered?.resolve({ status, body: body === '' ? undefined : JSON.parse(body) });
  }
}

// Many connections that send one request after the other: bare, so that it costs less than what it is to overload.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sending {
  readonly head: string;
  readonly body: string;
}
export interface Heard {
  readonly status: number;
  /** Seconds after which it may come again, where it was told to. */
  readonly retryAfter?: number;
}

/** One client: what `next` gives is sent, and its answer told, until it gives nothing more. It comes again when it was told to. */
export async function flood<One extends Sending>(
  url: string,
  next: () => One | undefined,
  heard: (one: One, answer: Heard | undefined) => void,
): Promise<void> {
  const { hostname, port } = new URL(url);
  for (let one = next(); one;) {
    const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1');
    for (let open = true; one && open; one = next()) {
      const { head, body } = one;
      socket.write(`${head}\r\nhost: ${hostname}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      const answer = await answerOn(socket);
      heard(one, answer);
      open = answer !== undefined;
      await sleep((answer ? (answer.retryAfter ?? 0) : 1) * 1_000);
    }
    socket.destroy();
  }
}

/** Nothing when the connection broke. */
function answerOn(socket: ReturnType<typeof connect>): Promise<Heard | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const settle = (answer: Heard | undefined) => {
      socket.removeAllListeners();
      socket.on('error', () => {}); // One that comes while nobody waits shows with the next request.
      resolve(answer);
    };
    socket.once('error', () => settle(undefined)).once('close', () => settle(undefined));
    socket.on('data', (part) => {
      text += String(part);
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = text.slice(0, end);
      if (text.length < end + 4 + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)) return;
      const retryAfter = /^retry-after: (\d+)/im.exec(head)?.[1];
      settle({ status: Number(head.slice(9, 12)), ...(retryAfter && { retryAfter: Number(retryAfter) }) });
    });
  });
}

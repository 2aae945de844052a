// What a process really holds: its heap when all that nobody can reach is gone. Its inspector is opened for that, on loopback.
import { once } from 'node:events';
import { residentMb } from './memory';
import type { Server } from './server';
import { until } from './until';

const MB = 1024 * 1024;

export interface Held {
  /** Objects that can be reached, and the bytes of their buffers. */
  readonly heapMb: number;
  /** The whole process, right after everything else was given back. */
  readonly residentMb: number;
}

export class Heap {
  private calls = 0;
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly pid: number,
    private readonly socket: WebSocket,
  ) {
    this.ended = once(socket, 'close');
  }

  /** The server has to run with `--inspect-port=0`, so that others may be looked at beside it. */
  static async of(server: Server): Promise<Heap> {
    process.kill(server.pid, 'SIGUSR1');
    const url = await until(() => /Debugger listening on (ws:\S+)/.exec(server.said)?.[1]);
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new Heap(server.pid, socket);
  }

  /** Collects everything that can be, which stops the process for a moment, and says what is left. */
  async held(): Promise<Held> {
    await this.call('HeapProfiler.collectGarbage');
    const { usedSize = 0, backingStorageSize = 0 } = await this.call('Runtime.getHeapUsage');
    return { heapMb: Math.round((10 * (usedSize + backingStorageSize)) / MB) / 10, residentMb: residentMb(this.pid) };
  }

  close(): void {
    this.socket.close();
  }

  private async call(method: string): Promise<Record<string, number>> {
    const id = ++this.calls;
    const answered = new Promise<Record<string, number>>((resolve, reject) => {
      const listen = ({ data }: MessageEvent) => {
        const answer = JSON.parse(data);
        if (answer.id !== id) return;
        this.socket.removeEventListener('message', listen);
        if (answer.error) reject(new Error(answer.error.message));
        else resolve(answer.result);
      };
      this.socket.addEventListener('message', listen);
      void this.ended.then(() => reject(new Error('the process has ended')));
    });
    this.socket.send(JSON.stringify({ id, method }));
    return answered;
  }
}

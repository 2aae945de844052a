// What an operator's machine asks a worker: the same three paths that a server has, and nothing of the API.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Runtime } from '@app/platform';
import type { Metrics } from '@app/platform/metrics';
import { readinessOf } from '@app/platform/readiness';

interface Told {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Listens on the port, and answers the server and the port that it got. */
export async function serveHealth(
  { runtime, metrics }: { runtime: Runtime; metrics: Metrics },
  { host, port }: { host: string; port: number },
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, reply) => {
    const path = request.url?.split('?')[0] ?? '';
    answerTo(path).then(
      ({ status, type, text }) => reply.writeHead(status, { 'content-type': type }).end(text),
      (error: unknown) => reply.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };

  async function answerTo(path: string): Promise<Told> {
    if (path === '/livez') return json(200, { status: 'ok' });
    if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: await metrics.text() };
    if (path !== '/readyz') return { status: 404, type: 'text/plain', text: 'A worker answers /livez, /readyz and /metrics.' };
    const { wrong } = await readinessOf(runtime, Date.now());
    return wrong.length > 0 ? json(503, { code: 'not-ready', detail: wrong.join('; ') }) : json(200, { status: 'ok' });
  }
}

function json(status: number, body: object): Told {
  return { status, type: 'application/json', text: JSON.stringify(body) };
}

// Requests of which only a part came: a stop waits a moment for the rest, and for nobody who never sends it.
import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expected } from './support/http';
import { register } from './support/organisation';
import { Server } from './support/server';
import { until } from './support/until';

const BODY = JSON.stringify({ id: 'pia', username: 'pia', givenName: 'Pia', familyName: 'Cruz' });

/** A connection on which this was sent and nothing more; `rest` is what the server says until it closes. */
async function opened(server: Server, sent: string) {
  const { hostname, port } = new URL(server.anonymous.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  await once(socket, 'connect');
  if (sent !== '') socket.write(sent);
  return { socket, rest: text(socket).catch(() => '') };
}

function headOf(server: Server): string {
  const bearer = `authorization: Bearer ${server.operator.token}`;
  const length = `content-length: ${Buffer.byteLength(BODY)}`;
  return ['POST /api/v1/people HTTP/1.1', 'host: x', bearer, 'content-type: application/json', length, '', ''].join('\r\n');
}

/** What was sent before has been read: later questions are answered. */
async function settled(server: Server): Promise<void> {
  await until(async () => (await server.anonymous.get('//readyz')).status === 200);
}

test.each([
  ['nothing', () => ''],
  ['half a line', () => 'GET /api/v1/me HT'],
  ['half of the headers', () => 'GET /api/v1/me HTTP/1.1\r\nhost: x\r\n'],
  ['half a body', (server: Server) => `${headOf(server)}${BODY.slice(0, 9)}`],
])('whoever sent %s and no more does not hold up a stop, nor make it a failure', async (_what, sent) => {
  const server = new Server();
  await server.start();
  const { rest } = await opened(server, sent(server));
  await settled(server);
  const { code, output, ms } = await server.stop();
  expect({ code, output: output.includes('stop') }).toEqual({ code: 0, output: false });
  // A stop that waits for somebody is ended by force after 8 s.
  expect(ms).toBeLessThan(7_000);
  await rest;
});

test('a request whose rest comes at once after the stop began is carried out and answered', async () => {
  const server = new Server();
  await server.start();
  await register(server.operator, 'lea');
  const { socket, rest } = await opened(server, `${headOf(server)}${BODY.slice(0, 9)}`);
  await settled(server);
  const ended = server.stop();
  socket.write(BODY.slice(9));
  expect(await rest).toMatch(/^HTTP\/1\.1 201 /);
  expect(await ended).toMatchObject({ code: 0 });
  await server.start();
  expected(200, await server.operator.get('/people/pia'));
  await server.stop();
});

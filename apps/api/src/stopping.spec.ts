import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { HttpException } from '@nestjs/common';
import fastify from 'fastify';
import { refuseWhileStopping } from './stopping';

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

test('what was let in before a stop is answered, what follows on the same connection is told to come again elsewhere', async () => {
  const app = fastify({ return503OnClosing: false });
  refuseWhileStopping(app);
  app.setErrorHandler<HttpException>((error, _request, reply) => reply.status(error.getStatus()).send(error.getResponse()));
  const [begun, stopping, work] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  app.addHook('preClose', async () => stopping.resolve());
  app.get('/work', () => {
    begun.resolve();
    return work.promise;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const said = text(socket);
  socket.write(GET('/work'));
  await begun.promise;
  const closed = app.close();
  await stopping.promise;
  const next = once(app.server, 'request');
  socket.write(GET('/work'));
  await next;
  work.resolve('done');
  await closed;
  expect(await said).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\ndoneHTTP\/1\.1 503 .*^connection: close\r$.*"code":"not-ready"/ims);
});

// Requests that come on an open connection after the server has begun to close.
import { HttpException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** Answers them 503 `not-ready`, as a problem like any other. Fastify, which would say so in words of its own, is told not to. */
export function refuseWhileStopping(fastify: FastifyInstance): void {
  let stopping = false;
  fastify.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  fastify.addHook('onRequest', (_request, _reply, done) => {
    done(stopping ? new HttpException({ code: 'not-ready', detail: 'The server is stopping.' }, 503) : undefined);
  });
}

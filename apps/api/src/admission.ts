// How many requests are under way at once: more are turned away at the door, before anything of them was read.
import { HttpException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Enough to fill every flush of the disk; more would only wait, and hold memory while they do. */
const REQUESTS_MAX = 500;
const RETRY_AFTER_S = '1';
/** What tells operators how it stands must be answered most of all now; a stream of events is no work that ends. */
const ALWAYS_IN = new Set(['/livez', '/readyz', '/metrics', '/api/v1/stream']);

/** Answers 503 `overloaded` while too many requests are under way. Nothing that was let in is turned away later. */
export function admit(fastify: FastifyInstance): void {
  const inside = new Set<FastifyRequest>();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (ALWAYS_IN.has(request.routeOptions.url ?? '')) return done();
    if (inside.size >= REQUESTS_MAX) {
      void reply.header('retry-after', RETRY_AFTER_S);
      return done(new HttpException({ code: 'overloaded' }, 503));
    }
    inside.add(request);
    // Who hangs up while his command runs keeps his place until it is done: it costs the same, heard or not.
    reply.raw.once('close', () => request.raw.complete || inside.delete(request));
    done();
  });
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    inside.delete(request);
    done();
  });
}

// How many requests are under way at once: more are turned away before anything is done for them.
import { HttpException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest, preValidationHookHandler } from 'fastify';

/** Enough to fill every flush of the disk; more would only wait, and hold memory while they do. */
export const REQUESTS_MAX = 500;
const RETRY_AFTER_S = '1';
/** What tells operators how it stands must be answered most of all now; a stream of events is no work that ends. */
const ALWAYS_IN = new Set(['/livez', '/readyz', '/metrics', '/api/v1/stream']);

/**
 * Answers 503 `overloaded` while too many requests are under way. A request counts from when it is here as a whole, so
 * that nobody fills the room by sending slowly (files of an import, which are read as they come, count from their
 * beginning, and only administrators send them), until it is answered, even when its client no longer listens. To be called
 * before the routes are made.
 */
export function admit(fastify: FastifyInstance): void {
  const inside = new Set<FastifyRequest>();
  const enter: preValidationHookHandler = (request, reply, done) => {
    if (inside.size >= REQUESTS_MAX) {
      void reply.header('retry-after', RETRY_AFTER_S);
      return done(new HttpException({ code: 'overloaded' }, 503));
    }
    inside.add(request);
    done();
  };
  fastify.addHook('onRoute', (route) => {
    if (!ALWAYS_IN.has(route.url)) route.preValidation = [enter, route.preValidation ?? []].flat();
  });
  fastify.addHook('onSend', (request, _reply, _payload, done) => {
    inside.delete(request);
    done();
  });
}

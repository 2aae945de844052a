// A path that exists, asked with a method that it does not take: 405, and in `Allow` those that it takes.
import { HttpException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

interface Path {
  readonly pattern: URLPattern;
  readonly methods: Set<string>;
}

/** To be called before the routes are made. A path that no route has is left to be a 404. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const paths = new Map<string, Path>();
  fastify.addHook('onRoute', ({ method, url }) => {
    const path = paths.get(url) ?? { pattern: new URLPattern({ pathname: url }), methods: new Set() };
    for (const one of [method].flat()) path.methods.add(one);
    paths.set(url, path);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const pathname = request.url.split('?')[0]!;
    const fitting = [...paths.values()].filter(({ pattern }) => pattern.test({ pathname }));
    const methods = new Set(fitting.flatMap((path) => [...path.methods]));
    if (methods.size === 0) return done();
    void reply.header('allow', [...methods].toSorted().join(', '));
    done(new HttpException({ code: 'method-not-allowed' }, 405));
  });
}

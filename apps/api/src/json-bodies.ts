// Bodies in JSON: what is none is refused with the place where it ends to be one.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refused } from '@app/platform';

type Parse = (request: FastifyRequest, body: string, done: (error: Error | null, body?: unknown) => void) => unknown;

/** The framework reads them, and keeps to itself what is wrong with one. */
export function readJson(fastify: FastifyInstance): void {
  const parse: Parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    parse(request, body, (error, value) => (error ? done(faultOf(body)) : done(null, value)));
  });
}

function faultOf(body: string): Error {
  if (body === '') return refused(400, 'malformed-json', [{ field: 'body', message: 'is empty' }]);
  try {
    const forbidden = forbiddenIn(body.replace(/^\uFEFF/, ''));
    return refused(400, 'invalid-input', [{ field: forbidden, message: 'is not known here' }]);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refused(400, 'malformed-json', [{ field: 'body', message: `is no JSON: ${error.message}` }]);
  }
}

/** The key that would change what objects are, without the place of it: nothing of ours is called so at any. */
function forbiddenIn(json: string): string {
  let found = 'constructor';
  JSON.parse(json, (key: string, value: unknown) => {
    if (key === '__proto__') found = key;
    return value;
  });
  return found;
}

// The HTTP application: Nest on Fastify, JSON only, problem+json, OpenAPI.
import 'reflect-metadata';
import { HttpException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import multipart from '@fastify/multipart';
import { Logger } from 'nestjs-pino';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId, refuseEarly, refuseUnread, type Config } from '@app/platform';
import { Metrics } from '@app/platform/metrics';
import { admit } from './admission';
import { AppModule } from './app.module';
import { readJson } from './json-bodies';
import { describeApi } from './openapi';
import { refuseOtherMethods } from './other-methods';
import { requireDeclaredRoutes } from './route-checks';
import { addSecurityHeaders, securityHeadersOf } from './security-headers';
import { refuseWhileStopping } from './stopping';

const BODY_BYTES_MAX = 256 * 1024;
const IMPORT_BYTES_MAX = 64 * 1024 * 1024;
const FILES_MAX = 4;
/** An id of 200 characters, each of which may take twelve bytes in an address. */
const PARAMETER_BYTES_MAX = 2_400;
const IMPORTS = '/api/v1/imports';
const JSON_TYPE = 'application/json';

/** Makes the application, ready to listen. `fatal` is called when the log or the disk fails. In a cluster it may be a `worker` as well. */
export async function createApp(config: Config, fatal: (error: unknown) => void, { worker = false } = {}): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    genReqId: newId,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: PARAMETER_BYTES_MAX },
    frameworkErrors: refuseBeforeHooks,
    clientErrorHandler: refuseUnread,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, fatal, worker), adapter, {
    // Nest would tell of each route at every start, and of a failed start with a trace; whoever started it says why it failed.
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.setGlobalPrefix('api/v1', { exclude: ['livez', 'readyz', 'metrics'] });
  const fastify: FastifyInstance = adapter.getInstance();
  // First, for what another hook refuses carries them too.
  addSecurityHeaders(fastify);
  refuseWhileStopping(fastify);
  refuseOtherMethods(fastify);
  admit(fastify);
  readForms(fastify);
  readJson(fastify);
  acceptOnlyJson(fastify);
  measure(fastify, app.get(Metrics));
  requireDeclaredRoutes(app);
  describeApi(app);
  await app.init();
  app.useLogger(app.get(Logger));
  return app;
}

/** What is refused for its address has passed no hook. */
function refuseBeforeHooks(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  refuseEarly(error, request, reply.headers(securityHeadersOf(request.url)));
}

/** Its hooks clear away files that it has saved, which it is never asked to do: without them no request pays two promises for that. */
function readForms(fastify: FastifyInstance): void {
  const hookless: FastifyInstance = Object.create(fastify, { addHook: { value: () => hookless } });
  multipart(hookless, { limits: { fileSize: IMPORT_BYTES_MAX, files: FILES_MAX, fields: 10, parts: 20 } }, (fault) => {
    if (fault) throw fault;
  });
}

/** JSON everywhere; CSV and several files at once for imports alone. Anything else, or compressed, is 415 before it is read. */
function acceptOnlyJson(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  fastify.addContentTypeParser('text/csv', { bodyLimit: IMPORT_BYTES_MAX }, (_request, payload, done) => done(null, payload));
  fastify.addHook('onRequest', (request, _reply, done) => done(bodyFault(request)));
}

function bodyFault({ headers, method, url }: FastifyRequest): HttpException | undefined {
  const type = headers['content-type'];
  const file = type !== undefined && type !== JSON_TYPE && /^(text\/csv\b|multipart\/form-data;.*boundary=.)/i.test(type);
  const takesFiles = method === 'POST' && url.startsWith(IMPORTS) && url.split('?')[0] === IMPORTS;
  const encoding = headers['content-encoding'] ?? 'identity';
  if ((type !== undefined && file !== takesFiles) || encoding !== 'identity')
    return new HttpException({ code: 'unsupported-media-type' }, 415);
  if (Number(headers['content-length'] ?? 0) > IMPORT_BYTES_MAX) return new HttpException({ code: 'too-large' }, 413);
  return undefined;
}

function measure(fastify: FastifyInstance, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.answered({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime);
    done();
  });
}

// Every error leaves as RFC 9457 problem+json, with a stable code and, where there is one, the place.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RedisUnavailable } from '@app/event-log';
import { LogFailed, LogFull, Rejection, type RejectionKind } from '@app/kernel';
import { newId } from './ids';

/** One wrong field and what is wrong with it. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly facts?: Readonly<Record<string, unknown>>;
}

const STATUS_OF_KIND: Readonly<Record<RejectionKind, number>> = { invalid: 422, forbidden: 403, 'not-found': 404, conflict: 409 };
/** Codes for which HTTP has a status of its own. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { 'stale-revision': 412, 'not-signed-in': 401 };
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'not-signed-in',
  404: 'no-such-path',
  405: 'method-not-allowed',
  408: 'too-slow',
  413: 'too-large',
  415: 'unsupported-media-type',
  431: 'headers-too-large',
  503: 'not-ready',
};

/** What Node's reader of HTTP calls what it cannot take, where HTTP has a status for it. */
const STATUS_OF_FAULT: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const DISK_FULL = 'Nothing was recorded. Send the same again, with the same Idempotency-Key, when there is room on the disk.';
const LOG_FAILED = 'Whether it was recorded is not known. Send the same again, with the same Idempotency-Key, when the server is back.';

/** An answer that refuses a request for its form, before any rule is asked. */
export function refused(status: number, code: string, errors: readonly FieldError[]): HttpException {
  return new HttpException({ code, errors }, status);
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('problem');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    answer(this.problemOf(error, request), request, reply);
  }

  private problemOf(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof Rejection) return ofRejection(error, request);
    if (error instanceof HttpException) return ofHttp(error);
    if (error instanceof LogFull) return { status: 507, code: 'disk-full', detail: DISK_FULL };
    if (error instanceof LogFailed) return { status: 503, code: 'log-failed', detail: LOG_FAILED };
    if (error instanceof RedisUnavailable) return { status: 503, code: 'redis-unavailable' };
    const status = statusOf(error);
    if (status !== undefined && status < 500) return { status, code: codeOf(status), detail: (error as Error).message };
    this.logger.error({ err: error, req: { id: request.id, method: request.method, url: request.url } }, 'unexpected');
    return { status: 500, code: 'internal-error' };
  }
}

/** Answers what Fastify refuses before it looks for a route: an address that cannot be read, or is too long. */
export function refuseEarly(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const status = statusOf(error) ?? 400;
  answer({ status, code: codeOf(status), detail: error.message }, request, reply);
}

/** Answers what Node could not read as HTTP, and ends the connection: there is neither a request nor a reply yet. */
export function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const status = STATUS_OF_FAULT[error.code ?? ''] ?? 400;
  const body = JSON.stringify(documentOf({ status, code: codeOf(status), detail: error.message }, newId()));
  const headers = ['connection: close', `content-type: ${PROBLEM_TYPE}`, `content-length: ${Buffer.byteLength(body)}`];
  socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', body].join('\r\n'));
  socket.destroySoon();
}

function answer(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const { status } = problem;
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.status(status).header('content-type', PROBLEM_TYPE).send(documentOf(problem, request.id));
}

function documentOf({ status, code, detail, errors, facts }: Problem, instance: string): object {
  return { type: `urn:countersign:${code}`, title: titleOf(code), status, detail, instance, code, errors, ...facts };
}

function ofRejection({ kind, code, facts }: Rejection, request: FastifyRequest): Problem {
  // A decision that names no revision is told so only when the rules would have let it through.
  if (code === 'stale-revision' && request.headers['if-match'] === undefined) {
    return { status: 428, code: 'if-match-required', detail: 'Name the revision that you saw in If-Match.', facts };
  }
  const { detail, ...rest } = facts;
  return { status: STATUS_OF_CODE[code] ?? STATUS_OF_KIND[kind], code, ...(typeof detail === 'string' && { detail }), facts: rest };
}

function ofHttp(error: HttpException): Problem {
  const status = error.getStatus();
  const body = error.getResponse();
  const given = typeof body === 'object' ? (body as { code?: string; errors?: readonly FieldError[]; detail?: string }) : {};
  // What the framework refuses comes as its words alone.
  const detail = typeof body === 'string' ? body : given.detail;
  return { status, code: given.code ?? codeOf(status), detail, errors: given.errors };
}

function codeOf(status: number): string {
  return CODE_OF_STATUS[status] ?? 'bad-request';
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown; status?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** `not-your-turn` reads "Not your turn". */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

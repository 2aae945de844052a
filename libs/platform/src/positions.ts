// Read your own writes, on whichever process answers: a write says its position, and a read may ask for one.
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventLog, Origin } from '@app/kernel';
import type { ReadModels } from '@app/event-log';
import { refused, type FieldError } from './problem.filter';

/** Header of an answer: the position after which read models show what the command did. */
export const POSITION = 'position';
/** Header or query of a GET: the position that its answer must show. */
export const MIN_POSITION = 'min-position';

const WAIT_MS_MAX = 5_000;
/** Reads of one caller that wait at once. Each takes one of the places of all who are served, so one caller never has them all. */
const WAITING_MAX = 50;

/** The answer that each command's caller waits for. */
const replies = new WeakMap<Origin, FastifyReply>();

/** Remembers where to say the positions of what a caller's commands record. */
export function answersTo(origin: Origin, reply: FastifyReply): void {
  replies.set(origin, reply);
}

/** Says in the answer to the caller where his command was recorded; of several commands it is the furthest. */
export function sayPosition(origin: Origin, position: number): void {
  const reply = replies.get(origin);
  if (!reply || position <= Number(reply.getHeader(POSITION) ?? 0)) return;
  void reply.header(POSITION, String(position));
}

/** How many reads of each caller wait. */
const waiting = new Map<string, number>();

/** Who asks, and the log where its end is known in this process: for what it does not hold nobody waits. */
export interface Asking {
  readonly by: string;
  readonly log?: Pick<EventLog, 'head'> | undefined;
}

/**
 * Lets a read go on when the read models of this process show the position that it asks for: at once where it asks for
 * none or is shown already, else within a bounded time.
 * @throws 400 `bad-position` for what is no position, 503 `position-not-reached` when the time is over, the log does not go
 * so far, or the caller waits too often
 */
export function shown(request: FastifyRequest, models: ReadModels, asking: Asking): true | Promise<true> {
  const position = positionAsked(request);
  return models.position >= position || reachedInTime(models, position, asking);
}

async function reachedInTime(models: ReadModels, position: number, { by, log }: Asking): Promise<true> {
  const before = waiting.get(by) ?? 0;
  if (before < WAITING_MAX) {
    waiting.set(by, before + 1);
    try {
      const isThere = !log || (await log.head()).position >= position;
      if (isThere) await models.reached(position, AbortSignal.timeout(WAIT_MS_MAX));
    } finally {
      const left = waiting.get(by)! - 1;
      if (left > 0) waiting.set(by, left);
      else waiting.delete(by);
    }
  }
  if (models.position >= position) return true;
  const detail = `The read models here are at position ${models.position}. Ask again.`;
  throw new HttpException({ code: 'position-not-reached', detail }, 503);
}

/** @throws 400 where a route that takes no query is given one; every read takes a position */
export function requireNoQuery({ query, method }: FastifyRequest): void {
  const errors: FieldError[] = [];
  for (const field in query as object) {
    if (field !== MIN_POSITION || !isRead({ method })) errors.push({ field, message: 'is not known here' });
  }
  if (errors.length > 0) throw refused(400, 'invalid-input', errors);
}

export function isRead({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

function positionAsked(request: FastifyRequest): number {
  const query = request.query as Record<string, unknown>;
  const asked = [request.headers[MIN_POSITION], query[MIN_POSITION]].filter((value) => value !== undefined);
  // Every GET takes it, so no schema of a query has to name it.
  delete query[MIN_POSITION];
  return Math.max(0, ...asked.map(positionFrom));
}

function positionFrom(value: unknown): number {
  const position = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(position)) {
    throw refused(400, 'bad-position', [{ field: MIN_POSITION, message: 'is not a position as writes answer it' }]);
  }
  return position;
}

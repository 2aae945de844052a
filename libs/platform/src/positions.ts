// Read your own writes, on whichever process answers: a write says its position, and a read may ask for one.
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from '@app/kernel';
import type { ReadModels } from '@app/event-log';
import { refused } from './problem.filter';

/** Header of an answer: the position after which read models show what the command did. */
export const POSITION = 'position';
/** Header or query of a GET: the position that its answer must show. */
export const MIN_POSITION = 'min-position';

const WAIT_MS_MAX = 5_000;

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

/**
 * Lets a read go on when the read models of this process show the position that it asks for: at once where it asks for
 * none or is shown already, else within a bounded time.
 * @throws 400 `bad-position` for what is no position, 503 `position-not-reached` when the time is over
 */
export function shown(request: FastifyRequest, models: ReadModels): true | Promise<true> {
  const position = positionAsked(request);
  return models.position >= position || reachedInTime(models, position);
}

async function reachedInTime(models: ReadModels, position: number): Promise<true> {
  await models.reached(position, AbortSignal.timeout(WAIT_MS_MAX));
  if (models.position >= position) return true;
  const detail = `The read models here are at position ${models.position}. Ask again.`;
  throw new HttpException({ code: 'position-not-reached', detail }, 503);
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

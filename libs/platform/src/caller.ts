// Who calls, from where time, ids and identity enter. Every route says whom it lets in.
import { Readable } from 'node:stream';
import {
  applyDecorators,
  createParamDecorator,
  HttpException,
  Inject,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { reject, type Moment, type Origin } from '@app/kernel';
import { derivedId, digestOf, now } from './ids';
import { takesQuery } from './checked';
import { answersTo, isRead, requireNoQuery, shown } from './positions';
import { refused } from './problem.filter';
import { Runtime } from './runtime';

/** Somebody who showed a valid token. */
export interface Principal {
  /** Id of the person, or the account's name where it belongs to none. */
  readonly actor: string;
  readonly username: string;
  /** The person behind the account, if it has one. */
  readonly person?: string;
  readonly role: 'user' | 'admin' | 'auditor' | 'integration';
  /** Whoever holds the data folder. No token makes one, and no name. */
  readonly operator?: boolean;
}
/** The caller of one request: an origin for commands, and the day on which it happens. */
export interface Caller extends Principal, Origin {
  readonly on: string;
}

/** A request that was let in, and the moment at which that was. */
type SignedIn = FastifyRequest & { signedIn: Moment & { readonly principal: Principal } };

/** Turns a bearer token into a principal; nothing for one that is unknown, expired or belongs to somebody inactive. */
export abstract class Authentication {
  abstract principalOf(token: string, at: string): Principal | undefined;
}

/** Whom a route lets in. `signed-in` is anybody with a valid token; the others have it with the role. */
export type Audience = 'public' | 'signed-in' | 'user' | 'admin' | 'auditor';
const AUDIENCE = 'audience';

/** Says whom a route lets in, also in the description of the surface; a route without it fails the start. */
export const Allow = (...audience: readonly [Audience, ...Audience[]]) =>
  applyDecorators(SetMetadata(AUDIENCE, audience), ApiExtension('x-audience', audience));

/** What a route says of itself. */
interface Declared {
  readonly audience: readonly Audience[];
  /** Whether it takes a query. */
  readonly query: boolean;
}

/** The audience that a handler or its controller declares. */
export function audienceOf(reflector: Reflector, handler: object, controller: object): readonly Audience[] | undefined {
  return reflector.get(AUDIENCE, handler as never) ?? reflector.get(AUDIENCE, controller as never);
}

/**
 * Lets a request in or answers 401 or 403; deny is the default. A read that asks for a position is let in when the read
 * models show it: here, because who waits must be known, and a guard of its own would cost every request.
 */
@Injectable()
export class AllowGuard implements CanActivate {
  /** By handler, for looking up what was declared takes longer than the rest. */
  private readonly known = new Map<object, Declared>();

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(Runtime) private readonly runtime: Runtime,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { audience, query } = this.declaredBy(context);
    if (audience.includes('public')) return true;
    const request = context.switchToHttp().getRequest<SignedIn>();
    const at = now();
    const principal = this.authentication.principalOf(bearerOf(request), at);
    if (!principal) throw new HttpException({ code: 'not-signed-in' }, 401);
    request.signedIn = { principal, at, on: this.runtime.dayOf(at) };
    const fits = audience.includes('signed-in') || audience.includes(principal.role as Audience);
    if (!fits) return reject('forbidden', 'role-required', { roles: audience });
    if (!query) requireNoQuery(request);
    return isRead(request) ? shown(request, this.runtime.models, { by: principal.actor, log: this.runtime.file }) : true;
  }

  private declaredBy(context: ExecutionContext): Declared {
    const handler = context.getHandler();
    let declared = this.known.get(handler);
    if (!declared) {
      const controller = context.getClass();
      declared = { audience: audienceOf(this.reflector, handler, controller) ?? [], query: takesQuery(controller, handler.name) };
      this.known.set(handler, declared);
    }
    return declared;
  }
}

/** The caller as an origin for commands. The `Idempotency-Key` becomes the command's id, so that a retry is one command. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const http = context.switchToHttp();
  const request = http.getRequest<SignedIn>();
  const { principal, at, on } = request.signedIn;
  const { actor, username, person, role, operator } = principal;
  const { command, body } = commandOf(request, principal);
  const caller: Caller = { actor, username, person, role, operator, command, body, at, on };
  if (!isRead(request)) answersTo(caller, http.getResponse<FastifyReply>());
  return caller;
});

/** The revision named in `If-Match`: what the caller saw. `NOTHING_SEEN` when the header is absent. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (header === undefined) return NOTHING_SEEN;
  const revision = /^(?:W\/)?("?)(\d{1,15})\1$/.exec(header)?.[2];
  if (revision === undefined) throw refused(400, 'bad-if-match', [{ field: 'If-Match', message: 'is not a revision, as in "3"' }]);
  return Number(revision);
});

/** No stream ever is at this revision, so a decision that names none is refused after the rules have had their say. */
export const NOTHING_SEEN = -2;

const KEY = /^[\x21-\x7e]{1,200}$/;

function commandOf(request: FastifyRequest, { actor }: Principal): { command: string; body?: string } {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return { command: request.id };
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw refused(400, 'bad-idempotency-key', [{ field: 'Idempotency-Key', message: 'is not 1 to 200 visible ASCII characters' }]);
  }
  const place = `${request.method} ${request.url}`;
  // What a stream holds is known when it has been read: whoever reads it adds its digest.
  const content = request.body instanceof Readable ? '' : JSON.stringify(request.body ?? null);
  return { command: derivedId(actor, key), body: digestOf(`${place}\n${content}`).slice(0, 16) };
}

/** The bearer token of a request; empty when it has none. */
export function bearerOf({ headers }: FastifyRequest): string {
  return /^Bearer ([\w.~+/=-]{1,500})$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

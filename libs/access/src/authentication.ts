// From a bearer token to a principal. A token holds no rights: they are looked up, and again whenever they may have changed.
import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Recent, type Views } from '@app/kernel';
import { hierarchy, isActive, personOf } from '@app/organisation';
import { Authentication, digestOf, Runtime, SECRETS, type Principal, type Secrets } from '@app/platform';
import { tokens, tokenWith, type TokenRow } from './account';

/** The principal of whoever can read the data folder: the command line. */
const OPERATOR: Principal = { actor: 'operator', username: 'operator', role: 'admin', operator: true };

/**
 * Whether the log would not tell the account from the operator, or from somebody else: its name is recorded as who acted
 * where it belongs to no person, else the person's id.
 */
export function isReserved(views: Views, { username, person }: { readonly username: string; readonly person: string | null }): boolean {
  return (person ?? username) === OPERATOR.actor || (person === null && personOf(views, username) !== undefined);
}

interface Known {
  readonly principal: Principal;
  readonly expiresAt: string;
  /** Of the read models that it was looked up in. */
  readonly version: number;
  readonly day: string;
}

const KNOWN_MAX = 10_000;

@Injectable()
export class TokenAuthentication extends Authentication {
  private readonly known = new Recent<Known>(KNOWN_MAX);

  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {
    super();
  }

  principalOf(token: string, at: string): Principal | undefined {
    if (token.startsWith('op_')) return same(token, this.secrets.operator) ? OPERATOR : undefined;
    const { models, dayOf } = this.runtime;
    const version = models.version(tokens.name) + models.version(hierarchy.name);
    // Somebody may leave, or come back, on a day.
    const day = dayOf(at);
    const known = this.known.get(token);
    if (known?.version === version && known.day === day) return known.expiresAt > at ? known.principal : undefined;
    const row = tokenWith(models, digestOf(token), at);
    const principal = row && this.holderOf(row, day);
    if (principal) this.known.set(token, { version, day, principal, expiresAt: row.expiresAt });
    return principal;
  }

  private holderOf({ username, person, role }: TokenRow, day: string): Principal | undefined {
    // Somebody may have come to have the name for his id since the token was made.
    if (isReserved(this.runtime.models, { username, person })) return undefined;
    if (person === null) return { actor: username, username, role };
    // Deactivation ends every token of the person at once (E3).
    if (!isActive(this.runtime.models, person, day)) return undefined;
    // A program is nobody, whomever it works for: nothing waits for it, and it has no requests of its own.
    return { actor: person, username, ...(role !== 'integration' && { person }), role };
  }
}

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

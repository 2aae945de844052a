// From a bearer token to a principal. Rights are looked up at each request: a token holds none.
import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isActive } from '@app/organisation';
import { Authentication, digestOf, Runtime, SECRETS, type Principal, type Secrets } from '@app/platform';
import { tokenWith } from './account';

/** The principal of whoever can read the data folder: the command line. */
const OPERATOR: Principal = { actor: 'operator', username: 'operator', role: 'admin' };

@Injectable()
export class TokenAuthentication extends Authentication {
  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {
    super();
  }

  principalOf(token: string, at: string): Principal | undefined {
    if (token.startsWith('op_')) return same(token, this.secrets.operator) ? OPERATOR : undefined;
    const row = tokenWith(this.runtime.models, digestOf(token), at);
    if (!row) return undefined;
    const { username, person, role } = row;
    if (person === null) return { actor: username, username, role };
    // Deactivation ends every token of the person at once (E3).
    return isActive(this.runtime.models, person) ? { actor: person, username, person, role } : undefined;
  }
}

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// An account: the tokens by which somebody signs in. Only digests of tokens are recorded.
import { reject, type Decider, type Projection, type Views } from '@app/kernel';
import type { Role } from './policy';

export type AccountCommand =
  | { type: 'IssueToken'; digest: string; username: string; person?: string; role: Role; expiresAt: string }
  | { type: 'RevokeToken'; digest: string };
export type AccountEvent =
  | { type: 'TokenIssued'; digest: string; username: string; person?: string; role: Role; expiresAt: string }
  | { type: 'TokenRevoked'; digest: string };
interface State {
  readonly live: readonly string[];
  readonly revoked: readonly string[];
}

/** Stream id: the username. */
export const account: Decider<State, AccountCommand, AccountEvent> = {
  name: 'account',
  initial: { live: [], revoked: [] },
  events: {
    TokenIssued: { digest: 'text', username: 'text', person: 'text?', role: 'text', expiresAt: 'text' },
    TokenRevoked: { digest: 'text' },
  },
  decide(command, { live, revoked }) {
    switch (command.type) {
      case 'IssueToken': {
        const { digest, username, person, role, expiresAt } = command;
        if (live.includes(digest)) return [];
        return [{ type: 'TokenIssued', digest, username, ...(person && { person }), role, expiresAt }];
      }
      case 'RevokeToken':
        if (live.includes(command.digest)) return [{ type: 'TokenRevoked', digest: command.digest }];
        // It may be another account's, and go on: whoever believed it taken back would be deceived.
        return revoked.includes(command.digest) ? [] : reject('not-found', 'unknown-token');
    }
  },
  evolve({ live, revoked }, event) {
    switch (event.type) {
      case 'TokenIssued':
        return { live: [...live, event.digest], revoked: without(event.digest, revoked) };
      case 'TokenRevoked':
        return { live: without(event.digest, live), revoked: [...revoked, event.digest] };
    }
  },
};

function without(digest: string, digests: readonly string[]): readonly string[] {
  return digests.filter((one) => one !== digest);
}

/** A token as it stands now. */
export interface TokenRow {
  readonly username: string;
  readonly person: string | null;
  readonly role: Role;
  readonly expiresAt: string;
}

export const tokens: Projection<AccountEvent> = {
  name: 'tokens',
  schema: `create table tokens (
    digest text primary key, username text not null, person text, role text not null, expires_at text not null) strict, without rowid`,
  tables: ['tokens'],
  on: {
    TokenIssued: (tables, { digest, username, person, role, expiresAt }) =>
      tables.run('insert or replace into tokens values (?, ?, ?, ?, ?)', digest, username, person ?? null, role, expiresAt),
    TokenRevoked: (tables, { digest }) => tables.run('delete from tokens where digest = ?', digest),
  },
};

/** The token with this digest, unless it has expired or was revoked. */
export function tokenWith(views: Views, digest: string, now: string): TokenRow | undefined {
  const row = views.get<TokenRow>('select username, person, role, expires_at as expiresAt from tokens where digest = ?', digest);
  return row && row.expiresAt > now ? row : undefined;
}

// Tokens for the embedded tier: an operator makes them, and they can be taken back.
import { randomBytes } from 'node:crypto';
import { Body, Controller, Inject, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { reject } from '@app/kernel';
import { isActive, personByUsername } from '@app/organisation';
import { Allow, CallerOf, Checked, digestOf, Runtime, To, type Caller } from '@app/platform';
import { id } from '@app/platform/schemas';
import type { AccountCommand } from './account';
import { isReserved } from './authentication';

export class ToAccount extends To<AccountCommand> {}

const TOKEN_DAYS = 90;
const role = z.enum(['user', 'admin', 'auditor', 'integration']);
const tokenBody = z.strictObject({ username: id, role: role.default('user') }).meta({ id: 'NewToken' });
const tokenAnswer = z
  .object({ token: z.string(), username: z.string(), person: z.string().optional(), role, expiresAt: z.string() })
  .meta({ id: 'Token' });
const revocationBody = z.strictObject({ username: id, token: z.string().min(10).max(200) }).meta({ id: 'TokenRevocation' });
const revocationAnswer = z.object({ revoked: z.boolean() }).meta({ id: 'TokenRevoked' });

@ApiTags('access')
@ApiBearerAuth()
@Controller('tokens')
@Allow('admin')
export class TokensController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
  ) {}

  /** Makes a token and shows it this once; the log keeps its digest only, so a key that comes again is refused. */
  @Post()
  @Checked(tokenAnswer, 201)
  async issue(@Body({ schema: tokenBody }) { username, role }: z.infer<typeof tokenBody>, @CallerOf() me: Caller) {
    // Only whoever holds the data folder gives out rights beyond one's own.
    if (!me.operator) reject('forbidden', 'operator-required');
    const person = personByUsername(this.runtime.models, username);
    if (!person && role === 'user') reject('not-found', 'unknown-username', { username });
    if (isReserved(this.runtime.models, { username, person: person?.id ?? null })) reject('conflict', 'reserved-name', { username });
    if (person && !isActive(this.runtime.models, person.id, me.on)) reject('conflict', 'person-inactive', { username });
    const token = `cs_${randomBytes(32).toString('base64url')}`;
    const expiresAt = new Date(Date.parse(me.at) + TOKEN_DAYS * 86_400_000).toISOString();
    const command: AccountCommand = {
      type: 'IssueToken',
      digest: digestOf(token),
      username,
      ...(person && { person: person.id }),
      role,
      expiresAt,
    };
    const { events } = await this.bus.execute(new ToAccount(username, command, me));
    // The command was answered before: another token was recorded and shown then, and this one is nobody's.
    if (events.length === 0) reject('conflict', 'token-shown-before', { username });
    return { token, username, ...(person && { person: person.id }), role, expiresAt };
  }

  @Post('revocation')
  @Checked(revocationAnswer)
  async revoke(@Body({ schema: revocationBody }) { username, token }: z.infer<typeof revocationBody>, @CallerOf() me: Caller) {
    await this.bus.execute(new ToAccount(username, { type: 'RevokeToken', digest: digestOf(token) }, me));
    return { revoked: true };
  }
}

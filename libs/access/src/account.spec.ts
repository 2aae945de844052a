import { MemoryEventLog, ReadModels, eventId } from '@app/event-log';
import { createRunCommand, scenario } from '@app/kernel';
import { access, account, tokenWith } from './index';

const { given } = scenario(account);
const issue = {
  type: 'IssueToken',
  digest: 'd1',
  username: 'lea',
  person: 'P1',
  role: 'user',
  expiresAt: '2027-01-01T00:00:00.000Z',
} as const;
const issued = { ...issue, type: 'TokenIssued' } as const;

test('a token is recorded by its digest', () => given().when(issue).thenEvents(issued));
test('the same token twice is one', () => given(issued).when(issue).thenNothing());
test('a token is taken back', () =>
  given(issued).when({ type: 'RevokeToken', digest: 'd1' }).thenEvents({ type: 'TokenRevoked', digest: 'd1' }));
test('a token that the account does not have cannot be taken back', () =>
  given(issued).when({ type: 'RevokeToken', digest: 'd2' }).thenRejected('unknown-token'));
test('a token that was taken back already stays so', () =>
  given(issued, { type: 'TokenRevoked', digest: 'd1' }).when({ type: 'RevokeToken', digest: 'd1' }).thenNothing());
test('an account may belong to nobody', () =>
  given()
    .when({ ...issue, person: undefined, role: 'admin' })
    .thenEvents({ type: 'TokenIssued', digest: 'd1', username: 'lea', role: 'admin', expiresAt: issue.expiresAt }));

test('a token is found until it expires or is taken back', async () => {
  const log = new MemoryEventLog();
  const models = new ReadModels(':memory:', access.projections);
  const run = createRunCommand({ log, eventId });
  const at = '2026-11-21T10:00:00.000Z';
  await run(account, 'lea', issue, { command: 'c1', actor: 'operator', at });
  models.apply(await log.readAll());
  expect(tokenWith(models, 'd1', at)).toMatchObject({ username: 'lea', person: 'P1', role: 'user' });
  expect(tokenWith(models, 'd1', '2027-01-01T00:00:00.000Z')).toBeUndefined();
  await run(account, 'lea', { type: 'RevokeToken', digest: 'd1' }, { command: 'c2', actor: 'operator', at });
  models.apply(await log.readAll());
  expect(tokenWith(models, 'd1', at)).toBeUndefined();
});

import { mkdtempSync, readFileSync, rmSync, statSync, chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyProjection, Library } from '@app/kernel';
import { requireSound } from './boot-checks';
import { configFrom } from './config';
import { derivedId, newId } from './ids';
import { secretsOf } from './secrets';

describe('settings', () => {
  test('have defaults, and an empty value counts as absent', () =>
    expect(configFrom({ PORT: '', REDIS_URL: '' })).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATA_DIR: '.data',
      TIME_ZONE: 'UTC',
      LOG_LEVEL: 'info',
      NODE_ENV: 'development',
    }));
  test.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['REDIS_URL', 'http://secret@127.0.0.1'],
    ['EVENT_STORE_URL', 'http://ann:secret@127.0.0.1:2113'],
    ['EVENT_STORE_URL', 'esdb://secret.example:2113'],
    ['SMTP_URL', 'secret'],
    ['PUBLIC_URL', 'ftp://secret'],
    ['TIME_ZONE', 'Mars/Olympus'],
    ['TIME_ZONE', '+01:00'],
    ['DATA_DIR', '/dev/null'],
    ['DATA_DIR', '/dev/null/secret'],
    ['HOST', 'secret host'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
  ])('%s=%s stops the start with its name, and without its value', (name, value) => {
    expect(() => configFrom({ [name]: value })).toThrow(new RegExp(`^${name}: `));
    expect(() => configFrom({ [name]: value })).not.toThrow(/secret/);
  });
  test('say that a cluster needs Redis beside its event store', () => {
    const cluster = { EVENT_STORE_URL: 'esdb://ann:s3cret@one.example:2113,two.example:2113?tls=true' };
    expect(() => configFrom(cluster)).toThrow(/^REDIS_URL: is needed beside EVENT_STORE_URL/);
    expect(configFrom({ ...cluster, REDIS_URL: 'redis://redis' })).toMatchObject(cluster);
  });
});

describe('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-secrets-'));
  const path = join(folder, 'secrets.json');
  afterAll(() => rmSync(folder, { recursive: true }));
  test('are made once, and only their owner can read them', () => {
    const made = secretsOf({ DATA_DIR: folder });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(secretsOf({ DATA_DIR: folder })).toEqual(made);
    expect(made.operator).not.toBe(made.cursor);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(made);
  });
  test('that others can read stop the start', () => {
    chmodSync(path, 0o644);
    expect(() => secretsOf({ DATA_DIR: folder })).toThrow(/0600/);
  });
  test('that can be neither read nor made stop the start, with the name of the setting', () => {
    const damaged = join(folder, 'damaged.json');
    writeFileSync(damaged, '{"operator":', { mode: 0o600 });
    expect(() => secretsOf({ DATA_DIR: folder, SECRETS_FILE: damaged })).toThrow(/^SECRETS_FILE: .* holds no secrets/);
    expect(() => secretsOf({ DATA_DIR: folder, SECRETS_FILE: '/dev/null/x' })).toThrow(/^SECRETS_FILE: .* cannot be used: /);
  });
});

describe('ids', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  test('are UUIDs, new ones or made of their parts', () => {
    expect(newId()).toMatch(UUID);
    expect(derivedId('a', 'b')).toMatch(UUID);
    expect(derivedId('a', 'b')).toBe(derivedId('a', 'b'));
    expect(derivedId('a', 'b')).not.toBe(derivedId('ab', ''));
  });
});

describe('the start stops', () => {
  const decider = { name: 'thing', initial: 0, events: { ThingMade: {} }, decide: () => [], evolve: () => 0 };
  const projection = (name: string, type = 'ThingMade'): AnyProjection => ({ name, schema: '', tables: [], on: { [type]: () => {} } });
  const library = (parts: Partial<Library>): Library => ({ deciders: [decider], projections: [], sagas: [], ...parts });
  test.each<[string, Partial<Library>, RegExp]>([
    ['a follower name repeats', { projections: [projection('things'), projection('things')] }, /same follower name: things/],
    ['a decider name repeats', { deciders: [decider, { ...decider, events: {} }] }, /same decider name: thing/],
    ['an event type repeats', { deciders: [decider, { ...decider, name: 'other' }] }, /same event type name: ThingMade/],
    ['a decider has a dash in its name', { deciders: [{ ...decider, name: 'a-thing' }] }, /a-thing has a dash/],
    ['a follower waits for what nobody records', { projections: [projection('things', 'ThingLost')] }, /things waits for ThingLost/],
  ])('when %s', (_when, parts, message) => expect(() => requireSound([library(parts)])).toThrow(message));
  test('and goes on when all is sound', () => expect(() => requireSound([library({ projections: [projection('things')] })])).not.toThrow());
});

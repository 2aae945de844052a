// A long import is answered before it ends, and tells how far it is; what it came to is true after a restart too.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { expected, type Api, type Answer, type Json } from './support/http';
import { Server, startServer } from './support/server';
import { until } from './support/until';

const PEOPLE = 20_000;

/** As many people, each the last one to be known. */
function people(count: number, family = 'Lee'): string {
  const rows = Array.from({ length: count }, (_, at) => `p${at},user${at},Pat,${family}\n`);
  return `idnumber,username,firstname,lastname\n${rows.join('')}`;
}

describe('over HTTP', () => {
  const server = new Server();
  let admin: Api;
  beforeAll(async () => {
    await server.start();
    admin = server.operator;
  });
  const take = (text: string, { more = '', wait = 0, key = '' } = {}): Promise<Answer> =>
    admin.send('POST', `/imports?preset=native&element=people${more}`, {
      body: text,
      headers: { 'content-type': 'text/csv', prefer: `wait=${wait}`, ...(key && { 'idempotency-key': key }) },
    });
  const state = async (id: string): Promise<Json> => expected(200, await server.operator.get(`/imports/${id}`));
  const ended = (id: string): Promise<Json> =>
    until(async () => {
      const one = await state(id);
      return one.state === 'running' ? undefined : one;
    });

  test('a dry run that takes longer is asked for its plan elsewhere, and commands are answered meanwhile', async () => {
    const answer = await take(people(PEOPLE), { more: '&dryRun=true' });
    expect(answer).toMatchObject({ status: 202, body: { state: 'running', progress: { phase: 'comparing', done: 0, total: PEOPLE } } });
    const { id } = answer.body;
    expect(answer.headers['location']).toBe(`/api/v1/operations/${id}`);
    expect(expected(200, await admin.get(`/operations/${id}`))).toMatchObject({ id, state: 'running' });
    let meanwhile = 0;
    while ((await state(id)).state === 'running') {
      expected(201, await admin.post('/people', { id: `m${meanwhile}`, username: `m${meanwhile}`, givenName: 'M', familyName: 'N' }));
      meanwhile++;
    }
    expect(meanwhile).toBeGreaterThan(0);
    expect(await state(id)).toMatchObject({ state: 'planned', dryRun: true, rows: PEOPLE, added: PEOPLE, changesCount: PEOPLE });

    const committing = await admin.send('POST', `/imports/${id}/commit`, { headers: { prefer: 'wait=0' } });
    expect(committing).toMatchObject({ status: 202, body: { id, state: 'running' } });
    const seen = new Map<string, number[]>();
    for (let one = await state(id); one.state === 'running'; one = await state(id)) {
      const { phase, done, total } = one.progress;
      expect(done).toBeLessThanOrEqual(total);
      seen.set(phase, [...(seen.get(phase) ?? []), done]);
    }
    const recorded = seen.get('recording')!;
    expect(recorded).toEqual(recorded.toSorted((one, other) => one - other));
    expect(new Set(recorded).size).toBeGreaterThan(2);
    expect(await state(id)).toMatchObject({ state: 'finished', added: PEOPLE, rejected: [], finishedAt: expect.any(String) });
  });

  test('one that is refused after its 202 says why, and one that comes in time is answered at once', async () => {
    const plan = expected(200, await take(people(PEOPLE, 'Fox'), { more: '&dryRun=true', wait: 60 }));
    expect(plan).toMatchObject({ changed: PEOPLE });
    expected(200, await take(people(1, 'Ray'), { wait: 60 }));
    const { id } = expected(202, await admin.send('POST', `/imports/${plan.id}/commit`, { headers: { prefer: 'wait=0' } }));
    expect(await ended(id)).toMatchObject({ state: 'failed', problem: { code: 'plan-stale', detail: expect.any(String) } });
  });

  test('killed while it records, it is unfinished after the restart, and the same again finishes it', async () => {
    const text = people(PEOPLE, 'Gray');
    const { id } = expected(202, await take(text, { key: 'gray' }));
    await until(async () => ((await state(id)).progress?.phase === 'recording' ? true : undefined), 60_000);
    await server.kill();
    await server.start();
    admin = server.operator;
    expect(await state(id)).toMatchObject({ state: 'unfinished', rows: PEOPLE });
    expect(expected(200, await take(text, { key: 'gray', wait: 60 }))).toMatchObject({ id, rows: PEOPLE, rejected: [] });
    expect(await state(id)).toMatchObject({ state: 'finished' });
  });

  test('killed while it is planned, nothing is known of it', async () => {
    const { id } = expected(202, await take(people(PEOPLE, 'Hill'), { more: '&dryRun=true' }));
    await server.kill();
    await server.start();
    admin = server.operator;
    expect(await admin.get(`/imports/${id}`)).toMatchObject({ status: 404, body: { code: 'unknown-import' } });
  });
});

test('the command line waits, says how far it is, and tells the result', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'people.csv');
  writeFileSync(file, people(PEOPLE * 2));
  const process = await startServer(folder);
  const words = ['import', file, '--preset', 'native', '--result', join(folder, 'result.csv')];
  const { exit, out, err } = await countersign(folder, ...words);
  expect(exit).toBe(0);
  expect(out).toMatch(/added +40,000/);
  expect(err).toMatch(/^(reading.*\n|comparing 40,000 rows\n|recording 40,000 rows(, \d+ %)?\n)+$/);
  expect((await countersign(folder, ...words.slice(0, 4), '--json')).err).toBe('');
  expect(await process.stop()).toMatchObject({ code: 0 });
});

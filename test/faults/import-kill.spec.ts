// kill -9 in the middle of an import: never half with success, and the same files again complete it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyLog } from '@app/event-log';
import { expected, type Answer, type Json } from '../support/http';
import { randomFrom, seedOf } from '../support/random';
import { Server } from '../support/server';
import { rounds } from './rounds';

const KILLS = rounds(8, 100);
const DATA = resolve(__dirname, '../data/northwood');
const random = randomFrom(seedOf());

/** The hospital group in one multipart body. */
const body = ['organisations', 'positions', 'people', 'assignments']
  .map((name) => [
    `--x\r\nContent-Disposition: form-data; name="${name}"; filename="${name}.csv"\r\n\r\n`,
    readFileSync(join(DATA, `${name}.csv`)),
    '\r\n',
  ])
  .flat()
  .concat('--x--\r\n')
  .join('');
const take = (server: Server, key: string): Promise<Answer> =>
  server.operator.send('POST', '/imports?preset=native&effective=2026-11-21', {
    body,
    headers: { 'content-type': 'multipart/form-data; boundary=x', 'idempotency-key': key },
  });
const FACTS = ['people', 'assignments', 'manager_links', 'units', 'positions', 'position_types'];
/** Where in the log a fact was recorded: a killed import has written more about itself in between. */
const PLACES = ['recorded', 'started'];

/** Stops the server, and answers everything that it knows of the organisation. */
async function organisation(server: Server): Promise<Json> {
  expect(expected(200, await server.operator.post('/audit/replay?check=true', undefined)).different).toEqual([]);
  await server.stop();
  const views = new DatabaseSync(join(server.folder, 'views.db'), { readOnly: true });
  const rows = FACTS.map((table) => views.prepare(`select * from ${table}`).all().map(withoutPlaces));
  views.close();
  return rows.map((facts) => facts.map((fact) => JSON.stringify(fact)).sort());
}

function withoutPlaces(row: Json): Json {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !PLACES.includes(column)));
}

test(`killed ${KILLS} times, an import ends where one ends that was not (SEED=${random.seed})`, async () => {
  const clean = new Server();
  await clean.start();
  const start = performance.now();
  const whole = expected(200, await take(clean, 'import'));
  const wholeMs = performance.now() - start;
  const wanted = await organisation(clean);
  expect(whole).toMatchObject({ rows: 8_234, added: 8_234, rejected: [] });

  const server = new Server();
  await server.start();
  let answered = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const answer = take(server, 'import').catch(() => undefined);
    await sleep(random.below(wholeMs));
    await server.kill();
    if ((await answer)?.status === 200) answered += 1;
    await server.start();
    const { finishedAt } = (await server.operator.get(`/imports/${whole.id}`)).body;
    // Whoever was told that it is done finds it done; whoever was not finds it open or done, never lost.
    expect(answered > 0 && finishedAt === undefined).toBe(false);
  }
  const done = expected(200, await take(server, 'import'));
  expect(done).toMatchObject({ id: whole.id, rows: 8_234, rejected: [] });
  expect(await organisation(server)).toEqual(wanted);
  expect(verifyLog(server.folder).fault).toBeUndefined();
});

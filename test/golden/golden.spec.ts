// What earlier releases recorded is read by this one as it ever was: same hash, same read models.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { countersign } from '../support/command-line';
import { expected } from '../support/http';
import { Server } from '../support/server';
import { eventTypes, goldenOf, histories, replayed, type Golden } from './histories';
import { settled } from './story';

describe.each(histories().map((path) => [basename(path), path]))('the history %s', (_name, path) => {
  const golden: Golden = JSON.parse(readFileSync(goldenOf(path), 'utf8'));

  test('has the hash that it was recorded with, and leads to the same read models as ever', async () =>
    expect((await replayed(path)).golden).toEqual(golden));

  test('is what a server of today starts over, keeps as it is, and goes on from', async () => {
    const server = new Server();
    expect(await countersign(server.folder, 'restore', path)).toMatchObject({ exit: 0 });
    await server.start();
    const { fault, events } = await settled(server.operator);
    expect(fault).toBeUndefined();
    expect(events).toBeGreaterThanOrEqual(golden.events);
    expect(expected(200, await server.operator.post('/audit/replay?check=true')).different).toEqual([]);
    expected(201, await server.operator.post('/people', { id: 'new', username: 'new', givenName: 'New', familyName: 'Comer' }));
    await server.stop();
  });

  test('holds no event that is not known any more', async () => {
    expect((await replayed(path)).types.filter((type) => !eventTypes.includes(type))).toEqual([]);
  });
});

/** Only where several processes record; the histories are those of one. `test/admissions.spec.ts` makes it, and takes it home. */
const ONLY_IN_A_CLUSTER = ['ChangeAdmitted'];

test('the newest history has a scene for every type of event', async () => {
  const { types } = await replayed(histories().at(-1)!);
  expect(eventTypes.filter((type) => !types.includes(type))).toEqual(ONLY_IN_A_CLUSTER);
});

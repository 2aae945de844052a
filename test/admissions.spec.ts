// What became of a change that was admitted, when whoever was to record it died, was slow, or was overtaken; and who leans on it.
import { setImmediate } from 'node:timers/promises';
import { Admissions, MemoryEventLog, settled, SqliteEventLog } from '@app/event-log';
import { EVENT_BYTES_MAX, LogFailed, LogFull, NO_STREAM, Rejection, UnfitEvent } from '@app/kernel';
import { organisation, person, reporting, SITE } from '@app/organisation';
import { Runtime } from '@app/platform/runtime';
import { closeAll, found, founded, FROM, hal, link, nora, seat, World, type Step } from './support/mixed-hierarchies';
import { temporaryFolder } from './support/folders';
import { held, lagging, tardy } from './support/slow-log';
import { until } from './support/until';

const LINKS = 'reporting-site';
const ADMITTED = 'admission-site';
const LINK = { type: 'AssignManager', assignment: 'hal-1', person: 'hal', manager: 'nora', kind: 'direct', responsibilities: ['approval'] };
const linkBy = (world: World, key: string) => world.send(reporting, SITE, LINK, key);

let log: MemoryEventLog;
let other: World;
beforeEach(async () => {
  log = new MemoryEventLog();
  other = new World(log, 'among others');
  await found(other);
});
afterEach(closeAll);

const idOfLink = ({ models }: World) => models.get<{ id: string }>('select id from manager_links')!.id;
const turns = async (count: number) => {
  for (; count > 0; count--) await setImmediate();
};

/** One whose appends to the stream wait, or fail. */
const through = (before: (stream: string) => Promise<void> | undefined, way: 'alone' | 'among others' = 'among others') =>
  new World(held(log, before), way);

test('whoever comes next carries out what was admitted by one who died, and the repeated command has its receipt', async () => {
  const dying = through((stream) => (stream === LINKS ? Promise.reject(new LogFailed('gone')) : undefined));
  await expect(linkBy(dying, 'k1')).rejects.toThrow('gone');
  dying.close();
  expect(await log.read(LINKS)).toEqual([]);
  // Whoever sends it again comes next himself, or somebody else does.
  await other.type('other', false);
  const [recorded, ...more] = await log.read(LINKS);
  expect(more).toEqual([]);
  const third = new World(log, 'among others');
  const { position, revision } = recorded!;
  for (const world of [other, third]) expect(await linkBy(world, 'k1')).toMatchObject({ position, revision });
  expect(await log.read(LINKS)).toHaveLength(1);
});

test('the command that is repeated first of all is recorded once as well', async () => {
  const dying = through((stream) => (stream === LINKS ? Promise.reject(new LogFailed('gone')) : undefined));
  await expect(linkBy(dying, 'k1')).rejects.toThrow('gone');
  dying.close();
  const answers = await Promise.all([linkBy(other, 'k1'), linkBy(new World(log, 'among others'), 'k1')]);
  const { position } = (await log.read(LINKS))[0]!;
  for (const answer of answers) expect(answer).toMatchObject({ position, revision: 0 });
  expect(await log.read(LINKS)).toHaveLength(1);
});

test('whoever was merely slow gets the receipt of what another has recorded for him', async () => {
  const gate = Promise.withResolvers<void>();
  const tardy = through((stream) => (stream === LINKS ? gate.promise : undefined));
  const answer = linkBy(tardy, 'k1');
  await until(async () => (await log.read(ADMITTED, { direction: 'backwards', max: 1 }))[0]?.meta.command === 'k1');
  await other.type('other', false);
  const { position } = (await log.read(LINKS))[0]!;
  gate.resolve();
  expect(await answer).toMatchObject({ position, revision: 0 });
  expect(await log.read(LINKS)).toHaveLength(1);
});

test('what was admitted for a stream that moved on is void: the command decides again, is admitted again, and recorded once', async () => {
  const gate = Promise.withResolvers<void>();
  const tardy = through((stream) => (stream === 'person-dee' ? gate.promise : undefined));
  const job = { type: 'StartAssignment', person: 'dee', assignment: 'dee-1', positionType: 't', from: FROM };
  const answer = tardy.send(person, 'dee', job, 'k1');
  const admitted = async () => (await log.read(ADMITTED)).filter(({ meta }) => meta.command === 'k1').length;
  await until(async () => (await admitted()) === 1);
  // As by an earlier release, which knew no guard about a name.
  await new World(log, 'unguarded').send(person, 'dee', {
    type: 'ChangePersonDetails',
    person: 'dee',
    username: 'dee',
    givenName: 'Dee',
    familyName: '',
  } as never);
  gate.resolve();
  expect(await answer).toMatchObject({ revision: 2 });
  expect(await admitted()).toBe(2);
  expect((await log.read('person-dee')).map(({ event }) => event.type)).toEqual([
    'PersonRegistered',
    'PersonDetailsChanged',
    'AssignmentStarted',
  ]);
  // Whoever looks later finds nothing to do.
  expect((await settled({ log })).carriedOut).toHaveLength((await log.read(ADMITTED)).length - 1);
});

test('a "no" stands only on the latest state: what another process took away is in nobody`s way', async () => {
  for (const step of [nora, hal, link]) await step(other);
  const lag = Promise.withResolvers<void>();
  const third = new World(lagging(log, (await log.head()).position, lag.promise), 'among others');
  expect(await seat(third)).toMatchObject({ code: 'manager-loop' });
  await other.send(reporting, SITE, { type: 'EndManagerLink', link: idOfLink(other), to: FROM } as never);
  const answer = seat(third);
  await turns(20);
  lag.resolve();
  expect(await answer).not.toBeInstanceOf(Rejection);
});

test('what was decided on less than is shown by now is decided again, also where the two cannot be supposed together', async () => {
  const reading = Promise.withResolvers<void>();
  let reads = 0;
  const third = new World(
    tardy(log, (stream) => (stream === 'unitTree-site' && reads++ === 0 ? reading.promise : undefined)),
    'among others',
  );
  const answer = third.units({ id: 'ward', name: 'Ward', parent: 'bay' });
  await until(() => reads > 0);
  expect(await other.units({ id: 'bay', name: 'Bay', parent: 'ward' })).not.toBeInstanceOf(Rejection);
  // In this turn it learns of that, and in the next one there is nothing to learn.
  expect(await third.type('other', false)).not.toBeInstanceOf(Rejection);
  reading.resolve();
  expect(await answer).toMatchObject({ code: 'unit-loop' });
});

test('a change that cannot be admitted as a whole is refused as one that is too large, and holds nobody up', async () => {
  const huge = other.units({ id: 'huge', name: 'x'.repeat(EVENT_BYTES_MAX - 10_000) });
  await expect(huge).rejects.toThrow(UnfitEvent);
  expect(await other.type('other', false)).not.toBeInstanceOf(Rejection);
  expect(await other.units({ id: 'large', name: 'ü'.repeat(400_000) })).not.toBeInstanceOf(Rejection);
});

test('changes that wait together are admitted together', async () => {
  let appends = 0;
  const counting = through((stream) => void (appends += stream === ADMITTED ? 1 : 0));
  await counting.send(person, 'p', { type: 'RegisterPerson', person: 'p', username: 'p', givenName: 'p', familyName: '' } as never);
  const people = Array.from({ length: 50 }, (_, at) => `p${at}`);
  await Promise.all(
    people.map(async (id) => {
      await counting.send(person, id, { type: 'RegisterPerson', person: id, username: id, givenName: id, familyName: '' } as never);
    }),
  );
  const before = (await log.read(ADMITTED)).length;
  appends = 0;
  await Promise.all(people.map((id) => counting.job('StartAssignment', id, { unit: 'office' })));
  expect((await log.read(ADMITTED)).length - before).toBe(50);
  expect(appends).toBeLessThan(10);
});

test('a log that comes home from a cluster has what was left open carried out at its start', async () => {
  const folder = temporaryFolder();
  const left = new SqliteEventLog(folder);
  const meta = { id: '01900000-0000-7000-8000-000000000001', command: 'k1', actor: 'suite', at: '2026-01-01T00:00:00.000Z' };
  const event = { type: 'PersonRegistered', person: 'p', username: 'p', givenName: 'P', familyName: '' };
  const admissions = new Admissions({ log: left, shown: () => Promise.resolve() });
  expect(await admissions.admit([{ stream: 'person-p', expected: NO_STREAM, batch: [{ event, meta }] }])).toBe(true);
  await left.close();
  const ignore = () => {};
  const runtime = new Runtime({ folder, libraries: [organisation], warn: ignore, fatal: ignore });
  await runtime.start();
  expect(runtime.models.get('select given_name from people where id = ?', 'p')).toEqual({ given_name: 'P' });
  await runtime.stop();
});

describe('in one process', () => {
  /** A world whose next append to the stream waits until it is told to fail. */
  async function failing(stream: string, before: readonly Step[]) {
    const fail = Promise.withResolvers<void>();
    const { log: whole } = await founded();
    let armed = false;
    const world = new World(held(whole, (to) => (armed && to === stream ? fail.promise : undefined)));
    for (const step of before) expect(await step(world)).not.toBeInstanceOf(Rejection);
    await world.show();
    armed = true;
    return { world, fail: () => fail.reject(new LogFull()) };
  }

  test.each([
    ['a link', LINKS, [nora, hal], link],
    ['a job', 'person-nora', [hal, link], nora],
  ] as const)('whoever would be refused because of %s beside waits until that is recorded', async (_what, stream, before, beside) => {
    const { world, fail } = await failing(stream, before);
    const [failed, answer] = [beside(world), seat(world)];
    fail();
    await expect(failed).rejects.toThrow(LogFull);
    expect(await answer).not.toBeInstanceOf(Rejection);
  });

  test('whoever passes because of something beside waits until that is recorded', async () => {
    const { world, fail } = await failing(LINKS, [nora, hal, link]);
    const failed = world.send(reporting, SITE, { type: 'EndManagerLink', link: idOfLink(world), to: FROM } as never);
    const answer = seat(world);
    fail();
    await expect(failed).rejects.toThrow(LogFull);
    expect(await answer).toMatchObject({ code: 'manager-loop' });
  });
});

// Several ask for one job id or one user name at once, in one process and in two: one of them has it, and each other is told.
import { MemoryEventLog } from '@app/event-log';
import { Rejection } from '@app/kernel';
import { assignmentOf, person, personOf } from '@app/organisation';
import { closeAll, found, World, type Step, type Way } from './support/mixed-hierarchies';
import { world as importWorld } from './support/import-world';
import { randomFrom, seedOf } from './support/random';
import { slow } from './support/slow-log';

const random = randomFrom(seedOf());
const PEOPLE = ['nora', 'hal', 'dee'] as const;
const ROUNDS = 25;
afterEach(closeAll);

const codes = (answers: readonly unknown[]) => answers.filter((one) => one instanceof Rejection).map(({ code }) => code);
const details = (id: string, username: string) => ({ person: id, username, givenName: id, familyName: '' });
const take: Record<string, { readonly by: (id: string, key: string) => Step; readonly code: string }> = {
  'the id of a job': {
    by: (id, assignment) => (world) => world.job('StartAssignment', id, { assignment }),
    code: 'assignment-exists',
  },
  'the user name of somebody new': {
    by: (id, name) => (world) => world.send(person, `${name}-${id}`, { type: 'RegisterPerson', ...details(`${name}-${id}`, name) }),
    code: 'username-taken',
  },
};

describe.each(Object.entries(take))('%s', (_what, { by, code }) => {
  test.each<readonly [Way, number]>([
    ['alone', 1],
    ['among others', 2],
  ])(`is one person's, for whoever records %s (SEED=${random.seed})`, async (way, processes) => {
    const log = slow(new MemoryEventLog(), random);
    const worlds = Array.from({ length: processes }, () => new World(log, way));
    await found(worlds[0]!);
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(PEOPLE.map((id, at) => by(id, `key-${round}`)(worlds[at % processes]!)));
      expect(codes(answers)).toEqual([code, code]);
    }
  });
});

test('a user name that two change to at once is one of theirs', async () => {
  const world = new World(slow(new MemoryEventLog(), random));
  await found(world);
  const change = (id: string, username: string) => world.send(person, id, { type: 'ChangePersonDetails', ...details(id, username) });
  for (let round = 0; round < ROUNDS; round++) {
    expect(codes(await Promise.all([change('nora', `n${round}`), change('hal', `n${round}`)]))).toEqual(['username-taken']);
  }
});

test('of two imports at once that name one job for different people one is refused its row, and who was first keeps it', async () => {
  const here = importWorld(slow(new MemoryEventLog(), random));
  await here.importText('native', 'idnumber,username\nann,ann\nbob,bob\n', { element: 'people' });
  const jobs = (id: string, owner: string) =>
    here.importText('native', `assignment_id,person_id,position_type,valid_from\nj,${owner},t,2024-01-01\n`, {
      element: 'assignments',
      id,
    });
  const results = await Promise.all([jobs('one', 'ann'), jobs('two', 'bob')]);
  expect(results.flatMap(({ rejected }) => rejected).map(({ code }) => code)).toEqual(['assignment-exists']);
  const loser = results.findIndex(({ rejected }) => rejected.length > 0);
  expect(assignmentOf(here.views, 'j')?.person).toBe(loser === 0 ? 'bob' : 'ann');
  here.close();
});

test.each([
  ['is given up, and taken by somebody new', ['new,a', 'ann,fresh']],
  ['is exchanged by two', ['ann,b', 'bob,a']],
  ['goes round three', ['ann,b', 'bob,c', 'cat,a']],
])('a user name that %s in one file is taken over, whichever row comes first', async (_what, file) => {
  for (const rows of [file, file.toReversed()]) {
    const here = importWorld();
    await here.importText('native', 'idnumber,username\nann,a\nbob,b\ncat,c\n', { element: 'people' });
    const result = await here.importText('native', ['idnumber,username', ...rows].join('\n'), { element: 'people' });
    expect(result.rejected).toEqual([]);
    for (const [id, name] of rows.map((row) => row.split(','))) expect(personOf(here.views, id!)?.username).toBe(name);
    here.close();
  }
});

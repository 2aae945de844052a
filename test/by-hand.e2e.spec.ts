// An organisation made, corrected and mended by hand over the command line, one fact at a time, each from a day (M2).
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { startServer, type Server } from './support/server';

const data = temporaryFolder();
let server: Server;

beforeAll(async () => {
  server = await startServer(data);
});
afterAll(() => server.kill());

async function run(words: string) {
  const { exit, out, err } = await countersign(data, ...words.split(' ').map((word) => word.replaceAll('_', ' ')), '--json');
  const document = JSON.parse(out || 'null');
  return { exit, err, document };
}

async function done(words: string) {
  const { exit, document } = await run(words);
  expect({ words, exit, document }).toEqual({ words, exit: 0, document: expect.anything() });
  return document;
}

const managersOn = async (day: string) =>
  (await done(`assignment show lea-1 --as-of ${day}`)).managers.map(
    ({ kind, person }: { kind: string; person: string }) => `${kind} ${person}`,
  );

test('a person is added, changed, away for a time, and never was away', async () => {
  for (const id of ['lea', 'mel', 'max'])
    await done(`person add --id ${id} --username ${id} --given-name ${id} --family-name Lee --email ${id}@x.example`);
  expect(await done('person change lea --given-name Léa --no-email')).toEqual({
    id: 'lea',
    username: 'lea',
    name: 'Léa Lee',
    active: true,
  });
  expect(await done('person deactivate mel --effective 2026-01-01')).toMatchObject({ active: false });
  expect(await done('person reactivate mel --never')).toMatchObject({ active: true });
  expect(await run('person change lea --username max')).toMatchObject({ exit: 1, document: { code: 'username-taken' } });
});

test('units and positions are from a day, and mistakes are taken back', async () => {
  await done('unit set ward --name Ward');
  await done('position set head --title Head --unit ward');
  await done('position set nurse --title Nurse --unit ward');
  await done('position set nurse --title Nurse --unit ward --superior head --effective 2026-01-01');
  const chart = async (day: string) =>
    (await done(`chart --as-of ${day}`)).map(({ depth, id }: { depth: number; id: string }) => `${depth} ${id}`);
  expect([await chart('2025-12-31'), await chart('2026-01-01')]).toEqual([
    ['1 head', '1 nurse'],
    ['1 head', '2 nurse'],
  ]);
  await done('position set nurse --title Nurse --unit ward --always');
  expect(await chart('2026-01-01')).toEqual(['1 head', '1 nurse']);
  expect(await done('position-type set bank --name Bank --at-most 1 --unit-mandatory')).toMatchObject({ atMost: 1, unitMandatory: true });
  expect(await run('unit set ward --name Ward --effective 2026-01-01 --always')).toMatchObject({ exit: 2, document: { code: 'usage' } });
});

test('a job begins, is corrected, ends, opens again and never was', async () => {
  await done('assignment add lea --id lea-1 --position-type staff --position nurse --unit ward --from 2026-01-01 --to 2026-06-01');
  expect(await done('assignment change lea-1 --from 2025-01-01 --title Nurse --open-end')).toEqual(
    expect.objectContaining({ from: '2025-01-01', title: 'Nurse', position: 'nurse' }),
  );
  expect(await done('assignment end lea-1 --effective 2027-01-01')).toMatchObject({ to: '2027-01-01' });
  expect(await done('assignment change lea-1 --open-end')).not.toHaveProperty('to');
  await done('assignment add lea --id lea-2 --position-type bank --unit ward --from 2026-01-01');
  expect(await done('assignment end lea-2 --never')).toMatchObject({ from: '2026-01-01', to: '2026-01-01' });
  expect(await run('assignment change lea-1 --unit nowhere')).toMatchObject({ exit: 1, document: { code: 'unknown-unit' } });
});

test('managers change from a day, are corrected, and never were', async () => {
  const { link } = await done('manager add lea-1 mel --from 2025-01-01');
  expect(await run('manager add lea-1 max --from 2026-01-01')).toMatchObject({ exit: 1, document: { code: 'direct-overlap' } });
  await done(`manager end ${link} --effective 2026-01-01`);
  const { link: second } = await done('manager add lea-1 max --for approval --from 2026-01-01');
  expect([await managersOn('2025-12-31'), await managersOn('2026-01-01')]).toEqual([['direct mel'], ['direct max']]);
  await done(`manager end ${second} --never`);
  await done(`manager change ${link} --open-end`);
  expect(await managersOn('2026-01-01')).toEqual(['direct mel']);
  const { link: open } = await done('manager add lea-1 max --kind alternate --for approval,goals');
  await done(`manager end ${open} --never`);
  expect(await managersOn('2026-01-01')).toEqual(['direct mel']);
});

test('a team is listed from the top down, of any day, as it was known, and by words', async () => {
  await done('person add --id kim --username kim --given-name Kim --family-name Ray');
  await done('assignment add kim --id kim-1 --position-type staff --title Surgeon --unit ward --from 2026-01-01');
  const { link } = await done('manager add kim-1 lea --from 2026-01-01');
  const people = async (words: string) => (await done(`team mel ${words}`)).map(({ person }: { person: string }) => person);
  expect([await people('--as-of 2026-02-01'), await people('--scope all --as-of 2026-02-01')]).toEqual([['lea'], ['lea', 'kim']]);
  expect([await people('--scope all --as-of 2025-12-31'), await people('--scope all --search kim')]).toEqual([['lea'], ['kim']]);
  expect(await people('--scope all --responsibility goals')).toEqual([]);
  const { out } = await countersign(data, 'team', 'mel', '--scope', 'all', '--as-of', '2026-02-01');
  expect(out.split('\n').map((line) => line.replaceAll(/(?<=\S) {2,}/g, ' | '))).toEqual([
    'name | job | title | unit | open requests | waiting for the person',
    'Léa Lee | lea-1 | Nurse | ward | 0 | 0',
    '  Kim Ray | kim-1 | Surgeon | ward | 0 | 0',
    '',
  ]);
  const { events } = await done('verify');
  await done(`manager end ${link} --never`);
  expect([await people('--scope all'), await people(`--scope all --known-at ${events}`)]).toEqual([['lea'], ['lea', 'kim']]);
  expect(await run('team nobody')).toMatchObject({ exit: 1 });
  expect(await run('team mel --responsibility praise')).toMatchObject({ exit: 2, document: { code: 'usage' } });
});

test('a team is narrowed to one of the jobs of its manager, or to whom one of its members manages (S9, S2)', async () => {
  for (const id of ['mel-1', 'mel-2']) await done(`assignment add mel --id ${id} --position-type staff --from 2026-01-01`);
  await done('assignment add max --id max-1 --position-type staff --from 2026-01-01');
  await done('manager add max-1 mel --in mel-2 --from 2026-01-01');
  await done('manager add kim-1 lea --from 2026-02-01');
  const jobs = async (words: string) =>
    (await done(`team mel --as-of 2026-02-01 ${words}`.trim())).map(({ assignment }: { assignment: string }) => assignment);
  expect(await jobs('')).toEqual(['lea-1', 'max-1']);
  expect([await jobs('--assignment mel-1'), await jobs('--assignment mel-2')]).toEqual([['lea-1'], ['lea-1', 'max-1']]);
  expect([await jobs('--scope all --assignment mel-1'), await jobs('--reports-to lea')]).toEqual([['lea-1', 'kim-1'], ['kim-1']]);
  expect(await run('team mel --assignment lea-1')).toMatchObject({ exit: 1, document: { code: 'unknown-assignment' } });
  expect(await run('team mel --assignment mel-1 --as-of 2025-01-01')).toMatchObject({ exit: 1, document: { code: 'unknown-assignment' } });
});

test('what is wrong is told by its flag, and people read a tree', async () => {
  expect(await run('person add --username zoe')).toMatchObject({ exit: 2, document: { detail: expect.stringContaining('--given-name') } });
  expect(await run('assignment add lea --position-type staff')).toMatchObject({
    exit: 2,
    document: { detail: expect.stringContaining('--from') },
  });
  expect(await run('manager add lea-1 mel --for praise')).toMatchObject({
    exit: 2,
    document: { detail: expect.stringContaining('--for') },
  });
  expect(await run('assignment end lea-1')).toMatchObject({ exit: 2, document: { detail: expect.stringContaining('--effective') } });
  const { out } = await countersign(data, 'chart', '--of', 'units', '--as-of', '2026-02-01');
  expect(out).toBe('Ward (ward): Head (head): vacant; Nurse (nurse): Léa Lee\n');
});

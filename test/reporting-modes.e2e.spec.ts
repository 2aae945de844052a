// Two hierarchies over HTTP: a unit switches from links to position codes and back, and nothing of either is lost.
import { expected, type Api, type Json } from './support/http';
import { employ, FROM, manage, nameFallback, register } from './support/organisation';
import { countersign } from './support/command-line';
import { Server } from './support/server';
import { until } from './support/until';

const DAY = '2025-01-01';
const server = new Server();
let admin: Api;
let before: string;
const get = async (path: string): Promise<Json> => expected(200, await admin.get(path));
const items = async (path: string): Promise<readonly Json[]> => (await get(path)).items;
const choose = (choice: object) => admin.post('/reporting-modes', choice);
const approvers = async (query: string): Promise<Json> => (await items(`/people/lea/approvers?${query}`))[0]!;
const asked = async (query: string) => (await approvers(query)).slate.map(({ person }: Json) => person);
const team = async (person: string, query: string) =>
  (await items(`/people/${person}/team?scope=all&responsibility=approval&${query}`)).map((one) => one.person);

/** By links, mel manages lea. By position, lea's nurse post is below a vacant sister's, and that below the matrons', which two share. */
beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'mel', 'lea', 'mia', 'max', 'fin');
  await nameFallback(admin, 'fin');
  expected(201, await admin.post('/units', { id: 'hospital', name: 'Hospital' }));
  expected(201, await admin.post('/units', { id: 'ward', name: 'Ward', parent: 'hospital' }));
  expected(201, await admin.post('/positions', { id: 'matron', title: 'Matron' }));
  expected(201, await admin.post('/positions', { id: 'sister', title: 'Sister', superior: 'matron' }));
  expected(201, await admin.post('/positions', { id: 'nurse', title: 'Nurse', superior: 'sister' }));
  const seat = (person: string, position: string) =>
    admin.post(`/people/${person}/assignments`, { id: `${person}-1`, positionType: 'substantive', position, unit: 'ward', from: FROM });
  expected(201, await seat('lea', 'nurse'));
  expected(201, await seat('mia', 'matron'));
  expected(201, await seat('max', 'matron'));
  await employ(admin, 'mel');
  await manage(admin, 'lea-1', { manager: 'mel', kind: 'direct' });
  await manage(admin, 'max-1', { manager: 'mel', kind: 'direct' });
  before = String((await get('/audit/proof')).events);
  expected(201, await choose({ unit: 'hospital', mode: 'position-code', effective: DAY }));
});
afterAll(() => server.stop());

test('what a choice would change is told before it is made, and nothing is recorded (N8)', async () => {
  const { events } = await get('/audit/proof');
  const query = 'mode=person-to-person&unit=ward&effective=2025-01-01';
  const totals = await get(`/reporting-modes/comparison?${query}&responsibility=approval`);
  expect(totals).toMatchObject({
    assignments: 4,
    people: 4,
    switched: 3,
    approvers: { assignments: 2, people: 2 },
    nobody: { now: 3, supposed: 2 },
    teams: 3,
    loops: [],
  });
  const approversOf = async (only: string) => get(`/reporting-modes/comparison/approvers?${query}&only=${only}`);
  expect(await approversOf('changed')).toMatchObject({
    items: [
      {
        assignment: 'lea-1',
        person: 'lea',
        now: [{ person: 'max' }, { person: 'mia' }],
        supposed: [{ person: 'mel' }],
        nobody: { supposed: false },
      },
      { assignment: 'max-1', now: [{ as: 'fallback' }], supposed: [{ person: 'mel' }], nobody: { now: true, supposed: false } },
    ],
    people: { mel: 'Mel Hospital' },
  });
  expect((await approversOf('nobody')).items.map(({ assignment }: Json) => assignment)).toEqual(['mel-1', 'mia-1']);
  expect((await get(`/reporting-modes/comparison/teams?${query}&responsibility=approval`)).items).toEqual([
    { person: 'max', now: 1, supposed: 0, gained: [], lost: ['lea-1'] },
    { person: 'mel', now: 0, supposed: 2, gained: ['lea-1', 'max-1'], lost: [] },
    { person: 'mia', now: 1, supposed: 0, gained: [], lost: ['lea-1'] },
  ]);
  expect((await get('/audit/proof')).events).toBe(events);
  expected(403, await (await server.as('mia')).get(`/reporting-modes/comparison?${query}`));
});
test('a choice that would let somebody report to himself is refused with the way (E13)', async () => {
  expected(201, await admin.post('/units', { id: 'lab', name: 'Lab' }));
  const job = (id: string, person: string, position: string, unit: string) =>
    admin.post(`/people/${person}/assignments`, { id, positionType: 'substantive', position, unit, from: '2023-01-01', to: '2024-01-01' });
  expected(201, await admin.post('/positions', { id: 'head', title: 'Head' }));
  expected(201, await admin.post('/positions', { id: 'hand', title: 'Hand', superior: 'head' }));
  expected(201, await job('head-job', 'mia', 'head', 'hospital'));
  expected(201, await job('hand-job', 'max', 'hand', 'lab'));
  await manage(admin, 'head-job', { manager: 'max', kind: 'direct' });
  const choice = { unit: 'lab', mode: 'position-code', effective: '2023-06-01' };
  const { loops } = await get(`/reporting-modes/comparison?${new URLSearchParams(choice)}`);
  expect(loops.map((path: readonly string[]) => path.toSorted())).toEqual([['hand-job', 'head-job']]);
  expect(await choose(choice)).toMatchObject({ status: 422, body: { code: 'manager-loop', path: loops[0] } });
});
test('a request that waits moves with the mode of its unit, and back (E38)', async () => {
  const lea = await server.as('lea');
  const { id } = expected(201, await lea.post('/requests', { kind: 'enrolment', course: 'C-1' }));
  const waitsFor = async () =>
    (await get(`/requests/${id}`)).chain
      .at(-1)
      .slate.map(({ person }: Json) => person)
      .sort();
  expect(await waitsFor()).toEqual(['max', 'mia']);
  expected(201, await choose({ unit: 'ward', mode: 'person-to-person' }));
  expect(await until(async () => (await waitsFor())[0] === 'mel')).toBe(true);
  expected(201, await choose({ unit: 'ward', mode: 'inherit' }));
  expect(await until(async () => (await waitsFor())[0] === 'max')).toBe(true);
  expect((await get(`/requests/${id}/history`)).items.filter(({ event }: Json) => event === 'SlateChanged')).toHaveLength(2);
});
test('the command line compares, chooses and lists', async () => {
  const options = ['--mode', 'person-to-person', '--unit', 'ward', '--effective', '2024-06-01', '--json'];
  const run = (...args: string[]) => countersign(server.folder, 'reporting-mode', ...args);
  expect(JSON.parse((await run('compare', ...options)).out)).toMatchObject({ effective: '2024-06-01', switched: 0, loops: [] });
  const [lea] = JSON.parse((await run('compare', ...options.with(5, DAY), '--list', 'approvers')).out);
  expect(lea).toMatchObject({ assignment: 'lea-1', supposed: [{ person: 'mel' }] });
  expect((await run('choose', '--mode', 'inherit')).exit).toBe(1);
  expect(JSON.parse((await run('choose', ...options)).out)).toEqual({ unit: 'ward', mode: 'person-to-person', from: '2024-06-01' });
  expect((await run('list')).out).toContain('hospital');
  // What the other tests see is as it was.
  expected(201, await choose({ unit: 'ward', mode: 'inherit', effective: '2024-06-01' }));
});

test('from its day the seat above approves, over a vacant one, whoever shares it (O13, O15, E36, E37)', async () => {
  expect(await asked('asOf=2024-12-31')).toEqual(['mel']);
  expect(await approvers(`asOf=${DAY}&whyNot=mel`)).toMatchObject({
    slate: [
      { person: 'max', as: 'direct', position: 'matron' },
      { person: 'mia', as: 'direct', position: 'matron' },
    ],
    skipped: [{ position: 'sister', because: 'vacant' }],
    levels: [{ assignments: [{ id: 'lea-1', mode: 'position-code', modeOf: 'hospital' }], vacant: ['sister'] }],
    whyNot: { person: 'mel', verdict: 'other-mode' },
  });
  const [job] = await items(`/people/lea/assignments?asOf=${DAY}`);
  expect(job!.managers.map(({ person, position }: Json) => `${person} ${position}`)).toEqual(['max matron', 'mia matron']);
});
test('teams follow the mode of the day, and of what was known', async () => {
  expect([await team('mel', 'asOf=2024-12-31'), await team('mel', `asOf=${DAY}`)]).toEqual([['lea', 'max'], []]);
  expect([await team('mia', 'asOf=2024-12-31'), await team('mia', `asOf=${DAY}`)]).toEqual([[], ['lea']]);
  expect(await team('mel', `asOf=${DAY}&knownAt=${before}`)).toEqual(['lea', 'max']);
  expect(await asked(`asOf=${DAY}&knownAt=${before}`)).toEqual(['mel']);
});
test('who stands above by seat may look, and who stands above by a link that does not count may not', async () => {
  expected(200, await (await server.as('mia')).get('/people/lea'));
  expected(404, await (await server.as('mel')).get('/people/lea'));
});
test('a seat that is filled approves by itself', async () => {
  const job = { id: 'fin-2', positionType: 'substantive', position: 'sister', unit: 'ward', from: '2025-02-01', to: '2025-03-01' };
  expected(201, await admin.post('/people/fin/assignments', job));
  expect([await asked('asOf=2025-02-01'), await asked('asOf=2025-03-01')]).toEqual([['fin'], ['max', 'mia']]);
});
test('whoever only aims at a seat does not hold it (O14)', async () => {
  expected(201, await admin.post('/position-types', { id: 'aim', name: 'Aim', aspirational: true }));
  const aim = { id: 'mel-2', positionType: 'aim', position: 'sister', from: FROM };
  expected(201, await admin.post('/people/mel/assignments', aim));
  expect(await asked(`asOf=${DAY}`)).toEqual(['max', 'mia']);
  expect((await get(`/positions/sister?asOf=${DAY}`)).vacant).toBe(true);
});
test('gaps are those of the mode (E35)', async () => {
  const gaps = async (asOf: string) => (await items(`/manager-gaps?asOf=${asOf}`)).map(({ assignment }) => assignment);
  expect([await gaps('2024-12-31'), await gaps(DAY)]).toEqual([
    ['mel-1', 'mia-1'],
    ['max-1', 'mel-1', 'mia-1'],
  ]);
  expected(201, await choose({ mode: 'position-code', effective: '2025-06-01' }));
  expected(201, await choose({ unit: 'hospital', mode: 'person-to-person', effective: '2025-07-01' }));
  expect(await gaps('2025-07-01')).toEqual(['mel-1', 'mia-1']);
});
test('the unit switches back, a sub-unit chooses for itself and takes it back, and the links are there as they were (O7)', async () => {
  expect(await asked('asOf=2025-07-01')).toEqual(['mel']);
  expected(201, await choose({ unit: 'ward', mode: 'position-code', effective: '2025-08-01' }));
  expect(await approvers('asOf=2025-08-01')).toMatchObject({
    slate: [{ person: 'max' }, { person: 'mia' }],
    levels: [{ assignments: [{ modeOf: 'ward' }] }],
  });
  expected(201, await choose({ unit: 'ward', mode: 'inherit', effective: '2025-09-01' }));
  expect(await asked('asOf=2025-09-01')).toEqual(['mel']);
});
test('every choice is listed, or those of a day', async () => {
  const today = new Date().toISOString().slice(0, 10);
  expect((await items('/reporting-modes')).filter(({ from }) => from !== today)).toEqual([
    { mode: 'position-code', from: '2025-06-01' },
    { unit: 'hospital', mode: 'position-code', from: DAY },
    { unit: 'hospital', mode: 'person-to-person', from: '2025-07-01' },
    { unit: 'ward', mode: 'inherit', from: '2024-06-01' },
    { unit: 'ward', mode: 'position-code', from: '2025-08-01' },
    { unit: 'ward', mode: 'inherit', from: '2025-09-01' },
  ]);
  const page = await get('/reporting-modes?limit=2');
  expect((await get(`/reporting-modes?limit=2&after=${page.next}`)).items[0].from).toBe('2025-07-01');
  expect(await items('/reporting-modes?asOf=2025-06-15')).toEqual([
    { mode: 'position-code', from: '2025-06-01' },
    { unit: 'hospital', mode: 'position-code', from: DAY },
    { unit: 'ward', mode: 'inherit', from: '2024-06-01' },
  ]);
});
test('what cannot be chosen is refused, and by whom', async () => {
  expect(await choose({ unit: 'nowhere', mode: 'position-code' })).toMatchObject({ status: 422, body: { code: 'unknown-unit' } });
  expect(await choose({ mode: 'inherit' })).toMatchObject({ status: 422, body: { code: 'nothing-to-inherit' } });
  expected(403, await (await server.as('mia')).post('/reporting-modes', { mode: 'position-code' }));
});

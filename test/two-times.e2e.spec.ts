// Two times over HTTP: every read of the organisation takes a day, and a time or place from which it was known.
import { expected, type Api, type Json } from './support/http';
import { employ, manage, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
let before: string;
let link: string;
const get = async (path: string): Promise<Json> => expected(200, await admin.get(path));
const items = async (path: string): Promise<readonly Json[]> => (await get(path)).items;

const BOTH = { responsibilities: ['approval', 'reporting'] };

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'dir', 'mel', 'max', 'lea', 'ben');
  await employ(admin, 'dir');
  await employ(admin, 'mel', { direct: 'dir' });
  await employ(admin, 'max', { direct: 'dir' });
  await employ(admin, 'lea');
  link = await manage(admin, 'lea-1', { manager: 'mel', kind: 'direct', ...BOTH });
  await employ(admin, 'ben', { direct: 'mel' });
  expected(201, await admin.post('/positions', { id: 'top', title: 'Director' }));
  expected(201, await admin.post('/positions', { id: 'nurse', title: 'Nurse' }));
  const recorded = await admin.post('/positions', { id: 'nurse', title: 'Nurse', superior: 'top', effective: '2025-01-01' });
  before = expected(201, recorded) && String((await get('/audit/proof')).events);
});
afterAll(() => server.stop());

test('a position is as it was on the day', async () => {
  expect((await get('/positions/nurse?asOf=2024-12-31')).superior).toBeUndefined();
  expect((await get('/positions/nurse?asOf=2025-01-01')).superior).toBe('top');
  expect((await items('/positions?asOf=2024-12-31')).find(({ id }) => id === 'nurse')).toEqual({ id: 'nurse', title: 'Nurse' });
});
test('a corrected link changes today’s answer for a past day, and the answer of earlier knowledge stays', async () => {
  const corrected = await admin.send('PATCH', `/manager-links/${encodeURIComponent(link)}`, { body: { to: '2024-01-01' } });
  expected(200, corrected);
  await manage(admin, 'lea-1', { manager: 'max', kind: 'direct', from: '2024-01-01', ...BOTH });
  const slate = async (query: string) =>
    (await items(`/people/lea/approvers?asOf=2024-05-03${query}`))[0]!.slate.map(({ person }: Json) => person);
  expect([await slate(''), await slate(`&knownAt=${before}`)]).toEqual([['max'], ['mel']]);
  const managers = async (query: string) =>
    (await items(`/people/lea/assignments?asOf=2024-05-03${query}`))[0]!.managers.map(({ person }: Json) => person);
  expect([await managers(''), await managers(`&knownAt=${before}`)]).toEqual([['max'], ['mel']]);
  const team = async (query: string) => (await items(`/people/mel/team?asOf=2024-05-03${query}`)).map(({ person }) => person);
  expect([await team(''), await team(`&knownAt=${before}`)]).toEqual([[], ['lea']]);
});
test('the answer says how it came about, and why not somebody else', async () => {
  const [item] = await items('/people/lea/approvers?asOf=2024-05-03&whyNot=mel');
  expect(item).toMatchObject({
    assignment: 'lea-1',
    step: 1,
    levels: [{ level: 1, links: expect.arrayContaining([expect.objectContaining({ person: 'max', verdict: 'asked' })]) }],
    whyNot: { person: 'mel', verdict: 'not-in-effect' },
  });
});
test('an instant before anything was recorded knows nobody', async () => {
  const { status } = await admin.get('/people/lea?knownAt=2020-01-01T00:00:00Z');
  expect(status).toBe(404);
  expect((await admin.get('/people/lea?knownAt=yesterday')).status).toBe(400);
});
test('a whole team comes in pages, with what is open in each name', async () => {
  const body = { kind: 'enrolment', course: 'first-aid' };
  expected(201, await (await server.as('lea')).post('/requests', body));
  const query = '/people/dir/team?scope=all&responsibility=approval&limit=2';
  const first = await get(query);
  // Somebody changes the team between two pages: the second page belongs to the first.
  await employ(admin, 'ben', { job: 'ben-0', direct: 'max' });
  const second = await get(`${query}&after=${encodeURIComponent(first.next)}`);
  const names = [...first.items, ...second.items].map(({ assignment }: Json) => assignment);
  expect(names).toEqual(['max-1', 'lea-1', 'mel-1', 'ben-1']);
  expect(first.items[1]).toMatchObject({ person: 'lea', depth: 2, manager: 'max', openRequests: 1, waiting: 0 });
  expect((await items('/people/max/team?responsibility=approval'))[1]).toMatchObject({ person: 'lea', openRequests: 1, waiting: 1 });
  expect((await items(`${query}&reportsTo=mel`)).map(({ assignment }) => assignment)).toEqual(['ben-1']);
  expect((await items(`${query}&search=LEA`)).map(({ assignment }) => assignment)).toEqual(['lea-1']);
});
test('a team of another day shows whom one may see today, and counts the requests that one may read today (S5)', async () => {
  await register(admin, 'exm', 'sub', 'stay', 'rep');
  for (const id of ['exm', 'rep', 'sub', 'stay']) await employ(admin, id);
  for (const id of ['sub', 'stay']) await manage(admin, `${id}-1`, { manager: 'exm', kind: 'direct', to: '2022-01-01', ...BOTH });
  await manage(admin, 'sub-1', { manager: 'max', kind: 'direct', from: '2022-01-01' });
  await manage(admin, 'stay-1', { manager: 'exm', kind: 'direct', from: '2022-01-01', ...BOTH });
  await manage(admin, 'sub-1', { manager: 'rep', kind: 'direct', from: '2022-01-01', responsibilities: ['reporting'] });
  const { id } = expected(201, await (await server.as('sub')).post('/requests', { kind: 'enrolment', course: 'first-aid' }));
  const shown = async (who: Api, query: string) =>
    (expected(200, await who.get(query)).items as readonly Json[]).map(({ person, openRequests, waiting }) => [
      person,
      openRequests,
      waiting,
    ]);

  const then = '/people/exm/team?asOf=2021-01-01';
  const [exm, rep, max] = await Promise.all(['exm', 'rep', 'max'].map((name) => server.as(name)));
  for (const path of ['/people/sub', `/requests/${id}`]) expect((await exm!.get(path)).status).toBe(404);
  expect(await shown(exm!, then)).toEqual([['stay', 0, 0]]);
  expect(await shown(admin, then)).toEqual([
    ['stay', 0, 0],
    ['sub', 1, 0],
  ]);
  expect((await rep!.get(`/requests/${id}`)).status).toBe(404);
  expect(await shown(rep!, '/people/rep/team')).toEqual([['sub', 0, 0]]);
  expect(await shown(max!, '/people/max/team?responsibility=approval')).toContainEqual(['sub', 1, 1]);
  // Whoever is above the one who is asked reads the request, and the team of that one.
  const dir = await server.as('dir');
  expect((await dir.get(`/requests/${id}`)).status).toBe(200);
  expect(await shown(dir, '/people/max/team?responsibility=approval')).toContainEqual(['sub', 1, 1]);
});
test('the organisation chart is drawn of any day, as known at any time, in pages', async () => {
  expected(201, await admin.post('/units', { id: 'ward', name: 'Ward' }));
  expected(201, await admin.post('/positions', { id: 'nurse', title: 'Nurse', superior: 'top', unit: 'ward', effective: '2026-01-01' }));
  const job = { id: 'ben-2', positionType: 'substantive', position: 'nurse', from: '2026-01-01' };
  expected(201, await admin.post('/people/ben/assignments', job));
  const lines = async (query: string) => (await items(`/chart?${query}`)).map(({ depth, id }) => `${depth} ${id}`);
  expect(await lines('asOf=2025-06-01')).toEqual(['1 top', '2 nurse']);
  expect(await lines('asOf=2024-12-31')).toEqual(['1 nurse', '1 top']);
  expect(await lines('asOf=2025-06-01&depth=1')).toEqual(['1 top']);
  expect(await lines('asOf=2025-06-01&position=nurse')).toEqual(['1 nurse']);
  expect(await lines(`asOf=2026-02-01&unit=ward&knownAt=${before}`).catch((error: Error) => error.message)).toContain('unknown-unit');
  const first = await get('/chart?asOf=2026-02-01&limit=1');
  expect([first.items[0].id, first.items[0].holders]).toEqual(['top', []]);
  const second = await get(`/chart?asOf=2026-02-01&limit=1&after=${encodeURIComponent(first.next)}`);
  const holders = [{ person: 'ben', name: 'Ben Hospital', assignment: 'ben-2' }];
  expect(second.items).toEqual([{ id: 'nurse', title: 'Nurse', unit: 'ward', superior: 'top', holders, depth: 2 }]);
  const units = await items('/chart?of=units&asOf=2026-02-01');
  expect(units).toEqual([
    { id: 'ward', name: 'Ward', depth: 1, heads: [{ id: 'nurse', title: 'Nurse', unit: 'ward', superior: 'top', holders }] },
  ]);
});

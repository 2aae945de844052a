// Seats recorded by hand: in a unit that is known, held by whoever does not merely aim at them, and by no administrator for himself.
import { expected, type Api } from './support/http';
import { FROM, manage, register } from './support/organisation';
import { Server } from './support/server';

const server = new Server();
let admin: Api;
let ada: Api;
const SELF = { status: 403, body: { code: 'self-benefit' } };
const record = (who: Api, id: string, fields: object = {}) => who.post('/positions', { id, title: id, ...fields });
const employ = async (id: string, position: string, positionType = 'substantive') =>
  expected(201, await admin.post(`/people/${id}/assignments`, { id: `${id}-${position}`, positionType, position, from: FROM }));

beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'ada', 'ann', 'bob', 'mel', 'fred');
  ada = await server.as('ada', 'admin');
  for (const [id, superior] of [['top'], ['friends'], ['boss', 'top'], ['own', 'boss'], ['lower', 'own'], ['other']])
    expected(201, await record(admin, id!, superior ? { superior } : {}));
  await employ('ada', 'own');
  await employ('mel', 'boss');
});
afterAll(() => server.stop());

test('a position lies in a unit that is recorded (M2)', async () => {
  expect(await record(admin, 'lost', { unit: 'nope' })).toMatchObject({ status: 422, body: { code: 'unknown-unit', unit: 'nope' } });
  expect((await admin.get('/positions/lost')).status).toBe(404);
});

test('whoever only aims at a position does not hold it, in the chart neither (O14, O16)', async () => {
  const aim = { id: 'aim', name: 'Aim', aspirational: true };
  expected(201, await admin.post('/position-types', aim));
  await employ('ann', 'top', 'aim');
  const top = async () => expected(200, await admin.get('/chart?position=top&depth=1')).items[0].holders;
  expect([await top(), expected(200, await admin.get('/positions/top'))]).toEqual([[], expect.objectContaining({ vacant: true })]);
  await employ('bob', 'top');
  expect(await top()).toEqual([{ person: 'bob', name: 'Bob Hospital', assignment: 'bob-top' }]);
});

test('an administrator moves no seat that decides who manages him, or whom he manages', async () => {
  expect(await record(ada, 'own', { superior: 'friends' })).toMatchObject(SELF);
  expect(await record(ada, 'lower', { superior: 'top' })).toMatchObject(SELF);
  expect(await record(ada, 'other', { superior: 'own' })).toMatchObject(SELF);
  expect(await record(ada, 'own', { superior: 'friends', effective: '2100-01-01' })).toMatchObject(SELF);
  expected(201, await record(ada, 'other', { superior: 'friends' }));
  expected(201, await record(ada, 'lower', { superior: 'own', title: 'Lower' }));
  expected(201, await record(admin, 'own', { superior: 'boss', title: 'Own' }));
});

test('an administrator takes no account from his managers, and gives none back', async () => {
  await manage(admin, 'ada-own', { manager: 'fred', kind: 'alternate' });
  const say = (who: Api, id: string, what: string) => who.post(`/people/${id}/${what}`);
  expect(await say(ada, 'fred', 'deactivation')).toMatchObject(SELF);
  expect(await say(ada, 'fred', 'reactivation')).toMatchObject(SELF);
  expected(200, await say(ada, 'mel', 'deactivation'));
  expected(200, await say(ada, 'mel', 'reactivation'));
  expected(201, await admin.post('/reporting-modes', { mode: 'position-code', effective: FROM }));
  expect(await say(ada, 'mel', 'deactivation')).toMatchObject(SELF);
  expected(200, await say(ada, 'ann', 'deactivation'));
  expected(200, await say(admin, 'mel', 'deactivation'));
});

// Bad input to every route of the description: a 4xx with a code and the place, no event, no crash.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expected, type Answer, type Api, type Json, type Sending } from './support/http';
import { fitting, NO_SUCH_ID, unfit, unfitQuery, written, type Schema } from './support/bad-values';
import { employ, nameFallback, register } from './support/organisation';
import { Server } from './support/server';

interface Parameter {
  readonly in: 'query' | 'path' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** The schema of a JSON body, where the route takes one. */
  readonly body?: Schema;
  readonly files: boolean;
  /** The statuses that the description gives its answers. */
  readonly statuses?: readonly string[];
}

const server = new Server();
const codes = codesIn(resolve(__dirname, '../docs'));
let operator: Api;
let lea: Api;
let routes: readonly Route[];
let head: Json;
let tried = 0;
const wrong: string[] = [];

beforeAll(async () => {
  await server.start();
  operator = server.operator;
  await register(operator, 'lea', 'mel', 'fin');
  await employ(operator, 'lea', { direct: 'mel' });
  await nameFallback(operator, 'fin');
  lea = await server.as('lea');
  routes = routesOf(expected(200, await operator.get('//openapi.json')));
  head = await headNow();
});
afterAll(() => console.log(`${tried} bad inputs to ${routes.length} routes`));

test('the description names the routes of the main job', () => {
  const named = routes.map(({ method, path }) => `${method} ${path}`);
  expect(named).toEqual(expect.arrayContaining(['POST /requests', 'POST /requests/{id}/decisions', 'POST /people', 'POST /imports']));
  expect(named.length).toBeGreaterThan(35);
});

test('every field of every body, wrong in every way', async () => {
  for (const route of routes) {
    for (const [field, schema] of Object.entries(route.body?.properties ?? {})) {
      const good = fitting('body', route.body!);
      for (const value of unfit(field, schema))
        await refuse(route, { body: written({ ...good, [field]: value }), ...JSON_TYPE }, { field });
      const { [field]: _left, ...rest } = good;
      if (route.body!.required?.includes(field) && schema.default === undefined)
        await refuse(route, { body: written(rest), ...JSON_TYPE }, { field });
    }
  }
  await intact();
});

test('fields that nobody knows, and keys that would change what objects are', async () => {
  for (const route of withBody()) {
    const good = fitting('body', route.body!);
    for (const field of ['status', 'approverId', 'tenantId', 'version', 'toString']) {
      await refuse(route, { body: written({ ...good, [field]: 'approved' }), ...JSON_TYPE }, { field });
    }
    const inner = written(good).slice(1, -1);
    for (const key of ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"\\u005f_proto__":{"polluted":1}']) {
      await refuse(route, { body: `{${[inner, key].filter(Boolean).join()}}`, ...JSON_TYPE });
    }
  }
  await intact();
});

test('bodies that are no object, no JSON, too large or too deep', async () => {
  const deep = (times: number) => `{"a":${'['.repeat(times)}${']'.repeat(times)}}`;
  const bodies = [
    'null',
    '[]',
    '"x"',
    '1',
    'true',
    '{',
    '{"a":',
    '{"a":1}}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":01}',
    '',
    '\0',
    '\uFEFF',
    'a=1',
  ];
  const large = [`{"a":"${'x'.repeat(300_000)}"}`, deep(60_000), `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`];
  for (const route of withBody()) {
    const mayBeEmpty = !route.body!.required;
    for (const body of [...bodies, ...large]) {
      if (mayBeEmpty && body === 'null') continue;
      await refuse(route, { body, ...JSON_TYPE });
      await refuse(route, { body, headers: { ...JSON_TYPE.headers, 'idempotency-key': 'bad' } });
    }
  }
  await intact();
});

test('bodies of another media type', async () => {
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'text/csv',
    'x',
    '',
  ];
  for (const route of withBody()) {
    const body = written(fitting('body', route.body!));
    for (const type of types) await refuse(route, { body, headers: { 'content-type': type } }, { statuses: [415] });
    await refuse(route, { body }, { statuses: [415] });
  }
  await intact();
});

test('queries: every parameter wrong, twice, or unknown', async () => {
  // Whoever probes whether it lives may ask as he likes.
  for (const route of routes.filter(({ path }) => !path.startsWith('//'))) {
    const query = route.parameters.filter((one) => one.in === 'query');
    for (const { name, schema } of query) {
      for (const value of unfitQuery(name, schema)) {
        await refuse(route, { query: `${name}=${encodeURIComponent(value)}` }, { field: name });
      }
      const good = encodeURIComponent(String(fitting(name, schema)));
      await refuse(route, { query: `${name}=${good}&${name}=${good}` });
    }
    const needed = query.filter(({ required }) => required).map(({ name, schema }) => `${name}=${fitting(name, schema)}`);
    for (const more of ['foo=1', '__proto__=1', 'constructor=1', 'sort=cost', 'limit[]=5']) {
      const field = more.split('=')[0]!;
      await refuse(route, { query: [...needed, more].join('&') }, { field, codes: ['invalid-input'] });
    }
  }
  await intact();
});

test('ids that are unknown, malformed or try to leave the path', async () => {
  for (const route of routes.filter(({ path }) => path.includes('{id}'))) {
    const body = route.body && { body: written(fitting('body', route.body)), ...JSON_TYPE };
    const isUuid = route.parameters.find(({ name }) => name === 'id')!.schema.pattern !== undefined;
    if (!answersUnknown(route)) await refuse(route, { ...body, id: NO_SUCH_ID }, { statuses: route.body ? [404, 422] : [404] });
    for (const id of [
      '%00',
      '%0A',
      '%20a',
      'a%20',
      '%ED%A0%80',
      '%',
      '%zz',
      'x'.repeat(201),
      encodeURIComponent('𝒳'.repeat(300)),
      '..%2f..%2fme',
    ]) {
      await refuse(route, { ...body, id });
    }
    for (const id of isUuid ? ['x', NO_SUCH_ID.slice(1), `${NO_SUCH_ID}0`, "'%20or%201=1"] : [])
      await refuse(route, { ...body, id }, { field: 'id' });
  }
  await intact();
});

test('methods that a path does not know', async () => {
  const known = Map.groupBy(routes, ({ path }) => path);
  for (const [path, ofPath] of known) {
    const methods = ofPath.map(({ method }) => method);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS', 'PROPFIND', 'LOCK']) {
      if (!methods.includes(method)) await refuse({ ...ofPath[0]!, path, method }, {}, { statuses: [405] });
    }
  }
  const { headers } = await operator.send('DELETE', '/fallback-approver');
  expect(headers['allow']).toBe('GET, HEAD, PUT');
  const override = { headers: { 'x-http-method-override': 'POST', 'x-http-method': 'POST' } };
  expected(200, await lea.send('GET', '/requests', override));
  await intact();
});

test('headers that say nothing', async () => {
  const submit = { method: 'POST', path: '/requests', parameters: [], files: false };
  const body = written({ kind: 'enrolment', course: 'C-1' });
  for (const key of ['', 'a b', 'x'.repeat(201), 'x'.repeat(10_000), 'ü', ['a', 'b']]) {
    const headers = { ...JSON_TYPE.headers, 'idempotency-key': key };
    await refuse(submit, { body, headers, api: lea }, { field: 'Idempotency-Key', codes: ['bad-idempotency-key'] });
  }
  const decide = { ...submit, path: '/requests/{id}/decisions' };
  for (const seen of ['', '*', 'abc', '"-1"', '"1e3"', '"1', '9'.repeat(30), '1, 2', '"1" "2"']) {
    const headers = { ...JSON_TYPE.headers, 'if-match': seen };
    await refuse(decide, { body: written({ outcome: 'approve' }), headers }, { field: 'If-Match', codes: ['bad-if-match'] });
  }
  const listen = { ...submit, method: 'GET', path: '/stream' };
  for (const seen of ['', '-1', 'abc', '1e9', '999999999', '9'.repeat(30), '1.5', '1,2']) {
    await refuse(listen, { headers: { 'last-event-id': seen } }, { field: 'Last-Event-ID', codes: ['bad-position'] });
  }
  await intact();
});

test('dates at the ends of time are answered or refused, never a fault of ours', async () => {
  for (const asOf of ['0001-01-01', '0000-01-01', '9999-12-31', '1900-02-29', '2026-06-30T23:59:60Z', '2026-01-01+14:00']) {
    for (const path of ['/people/lea/assignments', '/people/lea/team', '/assignments/lea-1']) {
      expect([200, 400]).toContain((await operator.get(`${path}?asOf=${encodeURIComponent(asOf)}`)).status);
    }
  }
  await intact();
});

const JSON_TYPE = { headers: { 'content-type': 'application/json' } };
interface Bad extends Sending {
  readonly query?: string;
  readonly id?: string;
  readonly api?: Api;
}

/** Sends it, and notes everything that is not as it must be. */
async function refuse(
  route: Route,
  { query, id = 'lea', api = operator, ...sending }: Bad,
  { field, statuses, codes: wanted }: { field?: string; statuses?: readonly number[]; codes?: readonly string[] } = {},
): Promise<void> {
  tried += 1;
  const isUuid = /^\/(requests|imports|operations)\//.test(route.path);
  const path = route.path.replace('{id}', id === 'lea' && isUuid ? NO_SUCH_ID : id) + (query === undefined ? '' : `?${query}`);
  const answer = await api.send(route.method, path, sending);
  const faults = faultsOf(answer);
  if (field !== undefined && !answer.body.errors?.some((one: Json) => one.field === field || one.field.startsWith(`${field}.`)))
    faults.push(`no ${field}`);
  const described = routes.find(({ method, path }) => method === route.method && path === route.path)?.statuses;
  if (described && !described.includes(String(answer.status))) faults.push('not described');
  if (statuses && !statuses.includes(answer.status)) faults.push(`not ${statuses.join()}`);
  if (wanted && !wanted.includes(answer.body.code)) faults.push(`not ${wanted.join()}`);
  if (faults.length === 0) return;
  const sent = `${JSON.stringify(sending.headers ?? {})} ${String(sending.body ?? '').slice(0, 300)}`;
  wrong.push(
    `${route.method} ${path.slice(0, 200)} ${sent}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}: ${faults.join('; ')}`,
  );
}

/** All was refused as it must be, nothing was recorded, and nothing went wrong inside. */
async function intact(): Promise<void> {
  // The first of them say enough.
  expect(wrong.splice(0).slice(0, 12)).toEqual([]);
  expect(await headNow()).toEqual(head);
  expect(server.said).not.toMatch(/unexpected|"level":[56]0|Error/);
}

function faultsOf({ status, headers, body }: Answer): string[] {
  const faults: string[] = [];
  if (status < 400 || status > 499) faults.push('no 4xx');
  if (!headers['content-type']?.startsWith('application/problem+json')) faults.push('no problem+json');
  if (!codes.has(body.code)) faults.push(`the code ${body.code} is not listed`);
  if (body.status !== status || body.type !== `urn:countersign:${body.code}` || !body.title || !body.instance) faults.push('not whole');
  if (headers['x-content-type-options'] !== 'nosniff' || !headers['content-security-policy']) faults.push('no security headers');
  if (/node_modules|\bat .*:\d+:\d+|SQLITE/.test(JSON.stringify(body))) faults.push('tells of the inside');
  return faults;
}

function withBody(): readonly Route[] {
  return routes.filter(({ body }) => body !== undefined);
}

/** The ledger of a request that is not there is empty: whose it is, is not the question of an administrator. */
function answersUnknown({ path }: Route): boolean {
  return path === '/requests/{id}/deliveries';
}

async function headNow(): Promise<Json> {
  const { events, hash } = expected(200, await operator.get('/audit/proof'));
  return { events, hash };
}

function routesOf({ paths, components }: Json): readonly Route[] {
  return Object.entries<Json>(paths).flatMap(([path, operations]) =>
    Object.entries<Json>(operations).map(([method, { parameters = [], requestBody, responses }]) => {
      const schema: Schema | undefined = requestBody?.content['application/json']?.schema;
      const body = schema?.$ref ? components.schemas[schema.$ref.split('/').at(-1)!] : schema;
      const files = requestBody?.content['text/csv'] !== undefined;
      const under = path.startsWith('/api/v1') ? path.replace('/api/v1', '') : `/${path}`;
      return { method: method.toUpperCase(), path: under, parameters, files, statuses: Object.keys(responses), ...(body && { body }) };
    }),
  );
}

/** The codes that the documentation lists. */
function codesIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  return new Set([...text.matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, code]) => code!));
}

// The description of the surface says what the routes do: of every route what it is for, what it takes and what it refuses.
import { SUMMARIES } from '../apps/api/src/route-summaries';
import { expected, type Json } from './support/http';
import { Server } from './support/server';

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly operationId: string;
  readonly parameters: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
  readonly security?: Json;
}

const server = new Server();
let document: Json;
let operations: readonly Operation[];
const named = (some: readonly Operation[]) => some.map(({ name }) => name);
const of = (name: string) => operations.find((one) => one.name === name)!;
const headersOf = ({ parameters }: Operation) => parameters.filter((one) => one.in === 'header').map((one) => one.name);
const refusalsOf = ({ responses }: Operation) => Object.keys(responses).filter((status) => status >= '4');

beforeAll(async () => {
  await server.start();
  document = expected(200, await server.anonymous.get('//openapi.json'));
  operations = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).map(([method, operation]) => ({
      parameters: [],
      ...operation,
      name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
      method,
      path,
    })),
  );
});

test('every route says in a line what it is for, and whom it lets in', () => {
  expect(named(operations.filter(({ summary }) => !summary))).toEqual([]);
  expect(Object.keys(SUMMARIES).filter((name) => !of(name))).toEqual([]);
  expect(new Set(operations.map(({ summary }) => summary)).size).toBe(operations.length);
  expect(of('GET /audit/proof').description).toBe('Lets in: admin, auditor.');
  expect(of('POST /audit/replay').description).toBe('Lets in: admin.');
  expect(of('GET /inbox').description).toBe('Lets in: everybody who is signed in.');
});

test('what an operator asks is described too, and asks for no token', () => {
  const asked = ['GET /livez', 'GET /readyz', 'GET /metrics'].map(of);
  expect(asked.map(({ security, parameters }) => [security, parameters])).toEqual(asked.map(() => [undefined, []]));
  expect(named(operations.filter(({ security }) => !security))).toEqual(named(asked));
  expect(refusalsOf(of('GET /readyz'))).toEqual(['503']);
});

test('every write that records something takes a key under which it may come again', () => {
  const without = operations.filter((one) => one.method !== 'get' && !headersOf(one).includes('Idempotency-Key'));
  expect(named(without)).toEqual(['POST /audit/replay', 'POST /audit/parked/retry']);
  expect(named(operations.filter((one) => one.method === 'get' && headersOf(one).includes('Idempotency-Key')))).toEqual([]);
});

test('reads take a position, decisions the revision that was seen, and the stream the last event', () => {
  const reads = operations.filter(({ method, security }) => method === 'get' && security);
  expect(named(reads.filter((one) => !headersOf(one).includes('min-position')))).toEqual([]);
  const decisions = operations.filter((one) => headersOf(one).includes('If-Match'));
  expect(named(decisions)).toEqual([
    'POST /requests/{id}/decisions',
    'POST /requests/{id}/assignment',
    'POST /audit/affected-decisions/{request}/{step}/{kind}',
  ]);
  for (const decision of decisions) {
    expect(refusalsOf(decision)).toEqual(expect.arrayContaining(['412', '428']));
    expect(decision.responses['200'].headers).toHaveProperty('ETag');
  }
  expect(named(operations.filter(({ responses }) => '412' in responses || '428' in responses))).toEqual(named(decisions));
  expect(headersOf(of('GET /stream'))).toContain('Last-Event-ID');
  expect(Object.keys(of('GET /stream').responses['200'].content)).toEqual(['text/event-stream']);
});

test('an import may be answered before it is done, with where to ask', () => {
  const asking = operations.filter(({ responses }) => '202' in responses);
  expect(named(asking)).toEqual(['POST /imports', 'POST /imports/{id}/commit', 'POST /imports/{id}/undo']);
  for (const { responses } of asking) {
    expect(responses['202']).toMatchObject({ headers: { Location: {} }, content: responses['200'].content });
  }
  expect(of('POST /requests').responses['201'].headers).toHaveProperty('Location');
});

test('every refusal is a problem with a code, and what names something may not find it', () => {
  for (const { responses } of operations) {
    for (const status of Object.keys(responses).filter((one) => one >= '4')) {
      const { content } = followed(responses[status]);
      expect(Object.keys(content)).toEqual(['application/problem+json']);
      const schema = followed(content['application/problem+json'].schema);
      expect(schema.required).toEqual(['type', 'title', 'status', 'instance', 'code']);
      expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['code', 'detail', 'errors']));
    }
  }
  const found = operations.filter((one) => one.path.includes('{') && !refusalsOf(one).includes('404'));
  // The ledger of what is not there is empty, and a name under which nothing is saved is free.
  expect(named(found)).toEqual(['PUT /import-presets/{id}', 'GET /requests/{id}/deliveries']);
  for (const one of operations.filter(({ security }) => security)) expect(refusalsOf(one)).toEqual(expect.arrayContaining(['400', '401']));
});

test('a route lists exactly the refusals that its roles make', () => {
  const restricted = operations.filter(({ description }) => /admin|auditor/.test(description!));
  expect(named(restricted.filter((one) => !refusalsOf(one).includes('403')))).toEqual([]);
  const openReads = operations.filter((one) => one.method === 'get' && !restricted.includes(one) && refusalsOf(one).includes('403'));
  expect(named(openReads)).toEqual(['GET /requests', 'GET /requests/{id}/history']);
});

test('it is whole: references lead somewhere, names are told apart, and parameters of paths are declared', () => {
  expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.0\.\d$/), info: { title: 'Countersign', version: '1' } });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
  expect(references.filter(($ref) => followed({ $ref }) === undefined)).toEqual([]);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { path, parameters, responses, requestBody } of operations) {
    const inPath = parameters.filter((one) => one.in === 'path');
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(inPath.every(({ required }) => required === true)).toBe(true);
    const told = parameters.map((one) => `${one.in} ${one.name.toLowerCase()}`);
    expect(new Set(told).size).toBe(told.length);
    for (const answer of Object.values(responses)) expect(followed(answer).description).toMatch(/\w/);
    // Several files at once are the fields of a form.
    expect(requestBody?.content['multipart/form-data']?.schema.type).toBe(requestBody?.content['multipart/form-data'] && 'object');
  }
});

/** The thing itself, or that to which it refers. */
function followed(value: Json): Json {
  const place: string[] | undefined = value.$ref?.slice(2).split('/');
  return place ? place.reduce((at: Json, name) => at?.[name], document) : value;
}

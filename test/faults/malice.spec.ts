// Input that is meant to harm, from a seed, to every route in this process: refused, no event, no fault of ours.
import { createApp } from '../../apps/api/src/app';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { configFrom, Runtime } from '@app/platform';
import { fitting, NO_SUCH_ID, unfit, written, type Schema } from '../support/bad-values';
import { temporaryFolder } from '../support/folders';
import type { Json } from '../support/http';
import { randomFrom, seedOf } from '../support/random';
import { rounds } from './rounds';

const INPUTS = rounds(3_000, 1_000_000);
const SIDE_BY_SIDE = 20;
const LARGE_EACH = 2_000;

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Schema;
  readonly files: boolean;
}
interface Input {
  readonly payload?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Whether the rules cannot let it pass; else it is only to do no harm. */
  readonly bad: boolean;
}

const random = randomFrom(seedOf());
const found: Record<string, number> = {};
const wrong: string[] = [];
let app: NestFastifyApplication;
let authorization: string;
let routes: readonly Route[];
const fatal: unknown[] = [];

beforeAll(async () => {
  const folder = temporaryFolder();
  app = await createApp(configFrom({ DATA_DIR: folder, LOG_LEVEL: 'silent' }), (error) => void fatal.push(error));
  await app.getHttpAdapter().getInstance().ready();
  authorization = `Bearer ${JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).operator}`;
  routes = routesOf((await app.inject({ url: '/openapi.json' })).json());
});
afterAll(() => app.close());

test(`${INPUTS} inputs that are meant to harm: 0 crashes, 0 answers of 5xx, 0 events (SEED=${random.seed})`, async () => {
  const { log } = app.get(Runtime);
  const before = await log.head();
  const lane = async (first: number) => {
    for (let at = first; at < INPUTS; at += SIDE_BY_SIDE) await send(random.of(routes), at);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, first) => lane(first)));
  console.log(`malice: ${JSON.stringify({ inputs: INPUTS, routes: routes.length, ...found, seed: random.seed })}`);
  expect({ wrong: wrong.slice(0, 10), fatal }).toEqual({ wrong: [], fatal: [] });
  expect(await log.head()).toEqual(before);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(Object.keys(found)).toEqual(expect.arrayContaining(['400', '404', '415']));
});

async function send(route: Route, at: number): Promise<void> {
  const { payload, headers, query = '', bad } = inputFor(route, at);
  const url = route.path.replace('{id}', random.below(4) === 0 ? encodeURIComponent(odd()) : NO_SUCH_ID) + query;
  const { statusCode, body } = await app.inject({ method: route.method, url, payload, headers: { authorization, ...headers } });
  found[statusCode] = (found[statusCode] ?? 0) + 1;
  const refused = statusCode >= 400 && statusCode < 500;
  if (statusCode >= 500 || (bad && !refused)) {
    wrong.push(`${route.method} ${url.slice(0, 150)} ${String(payload ?? '').slice(0, 200)}: ${statusCode} ${body.slice(0, 200)}`);
  }
}

function inputFor(route: Route, at: number): Input {
  if (route.files) return fileFor();
  if (!route.body)
    return {
      bad: false,
      query: `?${random.of(['search', 'after', 'limit', 'asOf', '__proto__', odd()].map(encodeURIComponent))}=${encodeURIComponent(odd())}`,
    };
  const json = {
    'content-type': 'application/json',
    'idempotency-key': random.of(['k', 'a b', '\u00fc', 'x'.repeat(300)]),
    'if-match': random.of(['"1"', '*', '9'.repeat(40)]),
  };
  if (at % LARGE_EACH === 0) return { bad: true, headers: json, payload: `{"a":"${'x'.repeat(random.of([300_000, 10_000_000]))}"}` };
  return { bad: true, headers: json, ...random.of(BODIES)(route.body) };
}

/** Each gives a body that no route can take. */
const BODIES: readonly ((schema: Schema) => Partial<Input>)[] = [
  (schema) => {
    const fields = Object.entries(schema.properties ?? {});
    if (fields.length === 0) return { payload: '[]' };
    const [name, of] = random.of(fields);
    return { payload: written({ ...fitting('body', schema), [name]: random.of(unfit(name, of)) }) };
  },
  (schema) => ({ payload: withKey(schema, JSON.stringify(`x${odd()}`), JSON.stringify(odd())) }),
  (schema) => ({
    payload: withKey(schema, random.of(['"__proto__"', '"constructor"', '"\\u005f_proto__"']), '{"prototype":{"polluted":1},"polluted":1}'),
  }),
  (schema) => {
    const whole = withKey(schema, '"x"', '1');
    return { payload: whole.slice(0, 1 + random.below(whole.length - 1)) };
  },
  () => ({ payload: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` }),
  () => ({ payload: `{"a":${'['.repeat(10_000)}` }),
  () => ({ payload: Buffer.from(Array.from({ length: 1 + random.below(200) }, () => random.below(256)).with(0, 0xff)) }),
  (schema) => ({
    payload: withKey(schema, '"x"', random.of(['1e999', '-1e999', '9'.repeat(400), '"\\ud800"', '"\\u0000"', 'NaN', '0x1'])),
  }),
  (schema) => ({
    payload: written(fitting('body', schema)),
    headers: { 'content-type': random.of(['text/plain', 'application/xml', 'application/json5', odd().replace(/[^a-z/]/g, 'x')]) },
  }),
];

function withKey(schema: Schema, key: string, value: string): string {
  const inner = written(fitting('body', schema)).slice(1, -1);
  return `{${[inner, `${key}:${value}`].filter(Boolean).join()}}`;
}

/** Files without the columns that are needed: formulas, odd encodings, quotation marks that never close. */
function fileFor(): Input {
  const cell = () => random.of(['=cmd|calc!A1', '@SUM(1)', '+1', '"', '""', '\ud800', '\0', '\uFEFF', 'a,b', odd()]);
  const text = Array.from({ length: 1 + random.below(20) }, () => Array.from({ length: 1 + random.below(8) }, cell).join(',')).join(
    random.of(['\n', '\r\n', '\r']),
  );
  const payload = Buffer.from(text, random.of(['utf8', 'utf16le', 'latin1']));
  return {
    bad: true,
    payload,
    headers: { 'content-type': 'text/csv' },
    query: `?preset=${random.of(['native', 'totara', encodeURIComponent(odd())])}`,
  };
}

/** Text that upsets those who are careless with it. */
function odd(): string {
  const times = 1 + random.below(400);
  return (
    random
      .of([
        '../',
        '\0',
        '%',
        "' or 1=1 --",
        '\u202e',
        '\u{1F468}\u200d',
        '<script>',
        '${7*7}',
        '{{7*7}}',
        '\r\nx: y',
        'a',
        '\ud7ff',
        'ａ',
        '((a+)+)+',
      ])
      .repeat(random.of([1, 1, times])) + random.of(['', '!', '\n'])
  );
}

function routesOf({ paths, components }: Json): readonly Route[] {
  return Object.entries<Json>(paths)
    .flatMap(([path, operations]) =>
      Object.entries<Json>(operations).map(([method, { requestBody }]) => {
        const schema: Schema | undefined = requestBody?.content['application/json']?.schema;
        const body = schema?.$ref ? components.schemas[schema.$ref.split('/').at(-1)!] : schema;
        const files = requestBody?.content['text/csv'] !== undefined;
        return { method: method.toUpperCase() as Route['method'], path, files, ...(body && { body }) };
      }),
    )
    .filter(({ path }) => !path.endsWith('/stream') && !path.endsWith('/replay') && !path.endsWith('/backup'));
}

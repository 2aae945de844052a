// The description of the surface, made from the same schemas that check it, when somebody first asks.
import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { MIN_POSITION, POSITION } from '@app/platform';
import { audienceIn, describeRefusals, isCommand, refusalsIn, takes, type Route } from './refusals';
import { SUMMARIES } from './route-summaries';

/** Serves `/openapi.json` and the readable `/docs`. */
export function describeApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Countersign')
    .setDescription('Who must agree before this person may take this learning, and did they?')
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => withDefaults(withKinds(SwaggerModule.createDocument(app, config))), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
  });
}

const position = { type: 'string', pattern: '^[0-9]{1,16}$' };
const asked = {
  name: MIN_POSITION,
  required: false,
  schema: position,
  description: 'Answers when what was written up to this position shows, or 503 position-not-reached within five seconds',
};
const said = { schema: position, description: 'Where it was recorded: send it as min-position to read it back from any replica' };

const key = {
  name: 'Idempotency-Key',
  required: false,
  schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
  description: 'Of your own making: a write that comes again with the same key and body is recorded once, and answered again',
};
const created = { description: 'Where it is', schema: { type: 'string' } };
const revision = { description: 'The revision: what a decision names in If-Match', schema: { type: 'string' } };
const later = { description: 'Where to ask how far it is', schema: { type: 'string' } };
const files = {
  type: 'object',
  description: 'Files that belong together; a field with the name of an element says what its file holds',
  additionalProperties: { type: 'string', format: 'binary' },
};
const AUDIENCES: Readonly<Record<string, string>> = { public: 'everybody', 'signed-in': 'everybody who is signed in' };

/** What holds for every route of a kind is said here, and not at each. */
function withKinds(document: OpenAPIObject): OpenAPIObject {
  for (const [path, { get, post, put, patch }] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries({ get, post, put, patch })) {
      if (!operation) continue;
      const route = { name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`, operation, writes: method !== 'get' };
      operation.summary = SUMMARIES[route.name];
      operation.description = `Lets in: ${audienceIn(operation)
        .map((who) => AUDIENCES[who] ?? who)
        .join(', ')}.`;
      describeInput(route);
      describeAnswers(route);
      describeRefusals(route);
    }
  }
  document.components = refusalsIn(document.components ?? {});
  return document;
}

function describeInput(route: Route): void {
  const { operation, writes } = route;
  operation.parameters ??= [];
  const { content = {} } = (operation.requestBody ?? {}) as { content?: Record<string, { schema?: object }> };
  if (content['multipart/form-data']) content['multipart/form-data'].schema = files;
  if (isCommand(route)) operation.parameters.push({ ...key, in: 'header' });
  if (!writes && operation.security) operation.parameters.push({ ...asked, in: 'header' }, { ...asked, in: 'query' });
}

function describeAnswers(route: Route): void {
  const { operation } = route;
  const { responses } = operation;
  for (const [status, answer] of Object.entries(responses)) {
    if (!answer || '$ref' in answer || !status.startsWith('2')) continue;
    const showsRequest = JSON.stringify(answer.content ?? {}).includes('#/components/schemas/Request"');
    answer.description ||= STATUS_CODES[status]!;
    answer.headers = {
      ...answer.headers,
      ...(isCommand(route) && { [POSITION]: said }),
      ...(showsRequest && { ETag: revision }),
      ...(showsRequest && status === '201' && { Location: created }),
    };
    // Whoever may say how long he waits is told where to ask when that is over.
    if (takes(operation, 'prefer')) responses['202'] = { ...answer, description: 'Still under way', headers: { Location: later } };
  }
}

/** What has a default may be left out; a schema that is written from what comes out of it would say otherwise. */
function withDefaults(document: OpenAPIObject): OpenAPIObject {
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    if (!('properties' in schema) || !schema.required) continue;
    const { properties = {} } = schema;
    schema.required = schema.required.filter((name) => !('default' in (properties[name] ?? {})));
  }
  return document;
}

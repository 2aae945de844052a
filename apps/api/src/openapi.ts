// The description of the surface, made from the same schemas that check it, when somebody first asks.
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { MIN_POSITION, POSITION } from '@app/platform';

/** Serves `/openapi.json` and the readable `/docs`. */
export function describeApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Countersign')
    .setDescription('Who must agree before this person may take this learning, and did they?')
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => withDefaults(withPositions(SwaggerModule.createDocument(app, config))), {
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

/** Every read takes a position and every write says one, so it is described in one place. */
function withPositions(document: OpenAPIObject): OpenAPIObject {
  for (const { get, post, put, patch } of Object.values(document.paths)) {
    get?.parameters?.push({ ...asked, in: 'header' }, { ...asked, in: 'query' });
    for (const write of [post, put, patch]) {
      for (const [status, answer] of Object.entries(write?.responses ?? {})) {
        if (answer && status.startsWith('2')) Object.assign(answer, { headers: { [POSITION]: said } });
      }
    }
  }
  return document;
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

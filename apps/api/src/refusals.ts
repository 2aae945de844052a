// What a route may refuse, as far as it follows from what kind of route it is.
import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Components = NonNullable<OpenAPIObject['components']>;
export interface Route {
  /** Method and path under the prefix. */
  readonly name: string;
  readonly operation: Operation;
  readonly writes: boolean;
}

const REFUSALS = {
  400: 'The form is wrong; `errors` names each wrong field, header or parameter',
  401: 'The bearer token is missing, unknown, expired or taken back: `not-signed-in`',
  403: 'You may know of it, and not do it or see this of it',
  404: 'It is not there, or you may not know of it',
  409: 'It does not go together with what is recorded, or somebody was first',
  412: 'The thing moved on since the revision in `If-Match`: `stale-revision`; `current` is how it stands',
  413: 'The body is larger than the route takes: `too-large`',
  415: 'The body is of a type that the route does not take: `unsupported-media-type`',
  422: 'A rule says no to what was asked',
  428: 'It needs in `If-Match` the revision that you saw: `if-match-required`',
  503: 'It cannot be done now; send it again, a write with the same key',
  507: 'There is no room on the disk, and nothing was recorded: `disk-full`',
} as const;
type Status = keyof typeof REFUSALS;

/** What does not follow from the kind. */
const MORE: Readonly<Record<string, readonly Status[]>> = {
  'GET /requests': [403],
  'GET /requests/{id}/history': [403],
  'GET /chart': [404],
  'GET /reporting-modes/comparison': [422],
  'GET /reporting-modes/comparison/approvers': [422],
  'GET /reporting-modes/comparison/teams': [422],
  'POST /tokens': [404],
  'POST /audit/replay': [409],
  'GET /readyz': [503],
};
/** A ledger that nothing is in is empty, and a name under which nothing is saved is free. */
const NEVER_MISSING: readonly string[] = ['GET /requests/{id}/deliveries', 'PUT /import-presets/{id}'];

const problem = {
  type: 'object',
  description: 'RFC 9457. What else helps to go on stands beside these, as docs/rejections.md says for the code.',
  properties: {
    type: { type: 'string', description: '`urn:countersign:` and the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Names the answer in the log' },
    code: { type: 'string', example: 'invalid-input', description: 'Keeps its meaning for ever; docs/rejections.md lists them' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'instance', 'code'],
  additionalProperties: true,
};
const retryAfter = { description: 'Where the answer is `overloaded`: after so many seconds', schema: { type: 'integer' } };

/** The answers to which the routes refer. */
export function refusalsIn(components: Components): Components {
  const responses = Object.entries(REFUSALS).map(([status, description]) => {
    const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    return [`Refused${status}`, { description, content, ...(status === '503' && { headers: { 'Retry-After': retryAfter } }) }] as const;
  });
  return { ...components, schemas: { ...components.schemas, Problem: problem }, responses: Object.fromEntries(responses) };
}

/** Adds them to the route. */
export function describeRefusals(route: Route): void {
  for (const status of new Set([...ofKind(route), ...(MORE[route.name] ?? [])])) {
    route.operation.responses[status] = { $ref: `#/components/responses/Refused${status}` };
  }
}

function ofKind(route: Route): readonly Status[] {
  const { name, operation, writes } = route;
  const audience = audienceIn(operation);
  if (audience.includes('public')) return [];
  const statuses: Status[] = [400, 401, 503];
  if (writes || !audience.includes('signed-in')) statuses.push(403);
  if (name.includes('{') && !NEVER_MISSING.includes(name)) statuses.push(404);
  if (takes(operation, 'If-Match')) statuses.push(412, 428);
  if (writes) statuses.push(413, 415);
  if (isCommand(route)) statuses.push(409, 422, 507);
  return statuses;
}

/** A write that names nothing, such as a replay, records nothing, and may come as often as it likes. */
export function isCommand({ name, operation, writes }: Route): boolean {
  return writes && (operation.requestBody !== undefined || name.includes('{'));
}

/** Whether the route has a header of this name. */
export function takes({ parameters = [] }: Operation, header: string): boolean {
  return parameters.some((one) => 'name' in one && one.in === 'header' && one.name === header);
}

/** Whom the route lets in. */
export function audienceIn(operation: Operation): readonly string[] {
  return (operation as { 'x-audience'?: readonly string[] })['x-audience'] ?? [];
}

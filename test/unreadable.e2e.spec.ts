// What cannot be read at all: bodies that are no JSON, and bytes that are no HTTP. Each is refused as everything else is.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Answer } from './support/http';
import { Server } from './support/server';

const server = new Server();
beforeAll(() => server.start());
afterAll(() => server.stop());

function sent(body: string): Promise<Answer> {
  return server.operator.send('POST', '/people', { body, headers: { 'content-type': 'application/json' } });
}

test.each([
  ['{"kind":', 'is no JSON: Unexpected end of JSON input'],
  ['{"id":"a",}', 'is no JSON: Expected double-quoted property name in JSON at position 10 (line 1 column 11)'],
  ['{"id":NaN}', 'is no JSON: Unexpected token'],
  ['', 'is empty'],
])('the body %s is no JSON, and the answer says where', async (body, why) => {
  expect(await sent(body)).toMatchObject({
    status: 400,
    body: { code: 'malformed-json', errors: [{ field: 'body', message: expect.stringContaining(why) }] },
  });
});

test.each([
  ['{"__proto__":{}}', '__proto__'],
  ['\uFEFF{"id":"a","given":[{"\\u005f_proto__":{}}]}', '__proto__'],
  ['{"constructor":{"prototype":{}}}', 'constructor'],
])('the body %s is JSON, with a field that would change what objects are', async (body, field) => {
  expect(await sent(body)).toMatchObject({
    status: 400,
    body: { code: 'invalid-input', errors: [{ field, message: 'is not known here' }] },
  });
});

test('a body that is larger than we take is told so in words', async () => {
  const answer = await sent(`{"id":"${'x'.repeat(300_000)}"}`);
  expect(answer).toMatchObject({ status: 413, body: { code: 'too-large', detail: 'Request body is too large' } });
});

test.each([
  ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400, 'bad-request'],
  ['an unknown method', 'FOO / HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'bad-request'],
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad-request'],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
])('%s: problem+json with a code and a reason, and the connection ends', async (_what, bytes, status, code) => {
  const { hostname, port } = new URL(server.anonymous.url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  const [head, body] = (await text(socket)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/\r\ncontent-type: application\/problem\+json; charset=utf-8(\r\n|$)/);
  expect(JSON.parse(body!)).toEqual({
    type: `urn:countersign:${code}`,
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/^Parse Error/),
    instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
    code,
  });
});

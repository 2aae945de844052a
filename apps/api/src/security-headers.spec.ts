import fastify from 'fastify';
import { addSecurityHeaders } from './security-headers';

const app = fastify();
addSecurityHeaders(app);
app.get('/docs', () => 'a page');
app.get('/api/v1/people', () => []);
afterAll(() => app.close());

const EVERYWHERE = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

test('a page loads what is its own, is in no frame, and says to nobody where it was left', async () => {
  const { headers } = await app.inject({ url: '/docs' });
  expect(headers).toMatchObject({
    ...EVERYWHERE,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  });
  const policy = String(headers['content-security-policy']).split(';');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"]),
  );
});

test.each(['/api/v1/people', '/api/v1/nothing', '/api/'])('%s loads nothing, whatever it holds, and is in no frame', async (url) => {
  const { headers } = await app.inject({ url });
  expect(headers).toMatchObject({ ...EVERYWHERE, 'content-security-policy': "default-src 'none';frame-ancestors 'none'" });
});

test.each(['/%61pi/v1/people', '/API/v1/people', '/apiary'])('%s, whatever answers, is guarded as a page', async (url) => {
  const { headers } = await app.inject({ url });
  expect(headers).toMatchObject({ ...EVERYWHERE, 'x-frame-options': 'DENY' });
});

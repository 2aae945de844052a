import fastify from 'fastify';
import { admit, REQUESTS_MAX } from './admission';

test('beyond the most that may be under way the next is told to come again, and is let in when one was answered', async () => {
  const app = fastify();
  admit(app);
  const waiting: (() => void)[] = [];
  app.get('/work', () => new Promise<string>((resolve) => waiting.push(() => resolve('done'))));
  app.get('/readyz', () => 'ok');
  const ask = (url: string) => app.inject({ url });
  const inside = Array.from({ length: REQUESTS_MAX }, () => ask('/work'));
  await ask('/readyz');
  expect(waiting).toHaveLength(REQUESTS_MAX);
  expect(await ask('/work')).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
  expect(await ask('/readyz')).toMatchObject({ statusCode: 200 });
  waiting.shift()!();
  await inside[0];
  const next = ask('/work');
  await ask('/readyz');
  expect(waiting).toHaveLength(REQUESTS_MAX);
  for (const done of waiting.splice(0)) done();
  expect(await Promise.all([...inside, next])).toHaveLength(REQUESTS_MAX + 1);
  await app.close();
});

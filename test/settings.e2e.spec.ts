// Settings as people set them: the server answers where it says it does, and one that cannot be used is named in one line.
import { countersignWith } from './support/command-line';

import { expected } from './support/http';
import { Server } from './support/server';

jest.setTimeout(60_000);

test.each([
  ['::1', 'http://[::1]:'],
  ['::', 'http://[::1]:'],
  ['0.0.0.0', 'http://127.0.0.1:'],
])('a server on HOST=%s answers where it says that it does, people and the command line alike', async (host, address) => {
  const server = new Server({ HOST: host });
  await server.start();
  expect(server.anonymous.url).toContain(address);
  expected(200, await server.operator.get('/me'));
  const { exit, out } = await countersignWith({ DATA_DIR: server.folder }, 'verify');
  expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining('The log is sound') });
  expect(await server.stop()).toMatchObject({ code: 0 });
});

// Settings as people set them: the server answers where it says it does, and one that cannot be used is named in one line.
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { countersignWith } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { expected } from './support/http';
import { Server } from './support/server';

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

test.each([
  ['DATA_DIR', '/dev/null'],
  ['DATA_DIR', '/dev/null/x'],
  ['SECRETS_FILE', '/dev/null/x'],
])('%s=%s, where nothing can be kept, is named in one line by the server and by the command line', async (name, value) => {
  const folder = temporaryFolder();
  const server = new Server({ DATA_DIR: folder, [name]: value });
  server.spawn();
  expect(await server.ended()).toMatchObject({ code: 1, output: expect.stringMatching(new RegExp(`^countersign: ${name}: .*\n$`)) });
  for (const words of [['token', '--for', 'lea'], name === 'DATA_DIR' ? ['verify'] : ['replay']]) {
    const { exit, out } = await countersignWith({ DATA_DIR: folder, [name]: value }, ...words, '--json');
    expect({ exit, document: JSON.parse(out) }).toEqual({
      exit: 2,
      document: { code: 'bad-setting', detail: expect.stringContaining(`${name}: `) },
    });
  }
});

test('files that cannot be read or written are named in one line, and to programs by a code', async () => {
  const folder = temporaryFolder();
  const settings = { DATA_DIR: folder };
  expect(await countersignWith(settings, 'replay')).toMatchObject({ exit: 0 });
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  for (const [words, code] of [
    [['backup', '/nope/x'], 'unwritable-file'],
    [['backup', join(file, 'x')], 'unwritable-file'],
    [['snapshot', '/nope/x'], 'unwritable-file'],
    [['verify', folder], 'unreadable-file'],
    [['verify', join(file, 'x')], 'unreadable-file'],
    [['restore', folder], 'unreadable-file'],
  ] as const) {
    const { exit, out } = await countersignWith({ DATA_DIR: words[0] === 'restore' ? join(folder, 'new') : folder }, ...words, '--json');
    expect({ words, exit, document: JSON.parse(out) }).toMatchObject({ exit: 2, document: { code } });
    expect((await countersignWith(settings, ...words)).err).toMatch(/^countersign: .*\n$/);
  }
});

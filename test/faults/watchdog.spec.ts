// A hung event loop: the process is ended from beside it. What is only slow, or was frozen from outside, is not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const HUNG_MS = 1_000;
const FREEZES = 2;

/** A process under watch that does this. */
function watched(work: string) {
  const code = `require('./dist/libs/platform/src/watchdog').watchEventLoop(${HUNG_MS}); setInterval(() => {}, 1000); ${work}`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal, said }));
  return { child, ended };
}
const livesOn = (ended: Promise<unknown>, ms: number) => Promise.race([ended, wait(ms, 'lives on')]);

test('a hung event loop is the end of the process, which says why', async () => {
  const { ended } = watched('setTimeout(() => { for (;;); }, 200)');
  expect(await ended).toMatchObject({ signal: 'SIGKILL', said: expect.stringContaining('has not turned for 1 s') });
});

test('long turns that end are none', async () => {
  const long = `setInterval(() => { for (const end = Date.now() + ${HUNG_MS / 3}; Date.now() < end;); }, ${HUNG_MS})`;
  const { child, ended } = watched(long);
  expect(await livesOn(ended, HUNG_MS * 3)).toBe('lives on');
  child.kill('SIGKILL');
  await ended;
});

test('a process that was frozen goes on', async () => {
  const { child, ended } = watched('');
  for (let times = 0; times < FREEZES; times++) {
    await wait(HUNG_MS / 3);
    child.kill('SIGSTOP');
    await wait(HUNG_MS * 1.5);
    child.kill('SIGCONT');
  }
  expect(await livesOn(ended, HUNG_MS * 2)).toBe('lives on');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ signal: 'SIGTERM' });
});

import { guarded, type GuardedChannel } from './circuit';
import { NotNow } from './job-queue';
import { MailNotSent } from './mail-channel';

const mail = { id: 'e1-lea-email', to: 'lea@hospital.example', subject: 'Subject', text: 'Text', html: '<p>Text</p>' };
const down = new MailNotSent('ECONNREFUSED', 'server-down');
let now: number;
let tries: number;
let answer: () => Promise<string>;
let channel: GuardedChannel;
beforeEach(() => {
  now = tries = 0;
  answer = () => Promise.reject(down);
  const server = {
    send: () => {
      tries++;
      return answer();
    },
    close: () => {},
  };
  channel = guarded(server, () => now);
});
const send = () => channel.send(mail).catch((error: Error) => error);
async function fail(times: number): Promise<void> {
  for (let time = 0; time < times; time++) expect(await send()).toBe(down);
}
async function rests(): Promise<number> {
  const before = tries;
  const error = await send();
  expect(tries).toBe(before);
  return (error as NotNow).restMs;
}

test('after five failures in a row nobody tries for a second', async () => {
  await fail(4);
  expect(channel.down).toBe(false);
  await fail(1);
  expect(channel.down).toBe(true);
  now = 400;
  expect(await rests()).toBe(600);
});

test('then one tries, and the others wait for how that ends', async () => {
  await fail(5);
  now = 1_000;
  const { promise, resolve } = Promise.withResolvers<string>();
  answer = () => promise;
  const first = send();
  expect(await rests()).toBe(1_000);
  resolve('taken');
  expect(await first).toBe('taken');
  expect(channel.down).toBe(false);
  answer = () => Promise.resolve('taken as well');
  expect(await send()).toBe('taken as well');
});

test('a try that fails doubles the rest, up to a quarter of a minute', async () => {
  await fail(5);
  const waits: number[] = [];
  for (let time = 0; time < 6; time++) {
    const wait = await rests();
    waits.push(wait);
    now += wait;
    await fail(1);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

test('a success in between starts the count anew', async () => {
  await fail(4);
  answer = () => Promise.resolve('taken');
  await send();
  answer = () => Promise.reject(down);
  await fail(4);
  expect(channel.down).toBe(false);
});

test.each(['refused', 'busy'] as const)('a server that says %s is there', async (because) => {
  answer = () => Promise.reject(new MailNotSent('smtp-451', because));
  for (let time = 0; time < 20; time++) await send();
  expect(tries).toBe(20);
  expect(channel.down).toBe(false);
});

test('failures of mails that were on their way when it opened do not make the rest longer', async () => {
  const all = Array.from({ length: 16 }, send);
  await Promise.all(all);
  expect(tries).toBe(16);
  expect(await rests()).toBe(1_000);
});

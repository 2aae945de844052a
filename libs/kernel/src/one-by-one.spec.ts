import { setImmediate as turn } from 'node:timers/promises';
import { OneByOne } from './one-by-one';

test('work under one key is done in the order in which it came, also after some that failed; other keys do not wait', async () => {
  const queues = new OneByOne();
  const done: string[] = [];
  const work = (name: string) => async () => {
    done.push(`${name} begins`);
    await turn();
    done.push(`${name} ends`);
    if (name === 'first') throw new Error('no');
    return name;
  };
  const answers = await Promise.allSettled([
    queues.under('a', work('first')),
    queues.under('a', work('second')),
    queues.under('b', work('other')),
  ]);
  expect(done.filter((one) => !one.startsWith('other'))).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(done.indexOf('other begins')).toBeLessThan(done.indexOf('first ends'));
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual(['no', 'second', 'other']);
});

test('who comes when all before have ended begins at once', async () => {
  const queues = new OneByOne();
  const begun: number[] = [];
  for (const one of [1, 2]) {
    const mine = queues.under('a', async () => void begun.push(one));
    expect(begun).toContain(one);
    await mine;
    await turn();
  }
});

import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from './turns';

test('work under one key is done in the order in which it came, also after some that failed; other keys do not wait', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = (name: string) => async () => {
    done.push(`${name} begins`);
    await turn();
    done.push(`${name} ends`);
    if (name === 'first') throw new Error('no');
    return name;
  };
  const answers = await Promise.allSettled([
    turns.take('a', work('first')),
    turns.take('a', work('second')),
    turns.take('b', work('other')),
  ]);
  expect(done.filter((one) => !one.startsWith('other'))).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(done.indexOf('other begins')).toBeLessThan(done.indexOf('first ends'));
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual(['no', 'second', 'other']);
});

test('who comes when all before have ended begins at once', async () => {
  const turns = new Turns();
  const begun: number[] = [];
  for (const one of [1, 2]) {
    const mine = turns.take('a', async () => void begun.push(one));
    expect(begun).toContain(one);
    await mine;
    await turn();
  }
});

import { events } from '../../../test/contracts/event-log.contract';
import { LiveTail } from './live-tail';

/** The events at the positions, each with ten positions between. */
function from(first: number, count: number) {
  return Array.from({ length: count }, (_, at) => ({ ...events({})[0]!, stream: 'note-a', revision: 0, position: (first + at) * 10 }));
}

test('a tail holds the newest 25 000 events and hardly more, and says so of older ones', () => {
  const tail = new LiveTail(0);
  for (let first = 1; first <= 40_000; first += 300) tail.push(from(first, 300));
  expect(tail.end).toBe(402_000);
  expect(tail.after(152_000, 5)?.map(({ position }) => position)).toEqual([152_010, 152_020, 152_030, 152_040, 152_050]);
  expect(tail.after(138_990, 1)).toBeUndefined();
  expect(tail.after(402_000, 1)).toEqual([]);
});

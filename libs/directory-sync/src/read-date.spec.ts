import { daysIn } from '@app/kernel';
import { dateOrderIn, dateReader } from './read-date';

test.each([
  ['2024-02-29', '2024-02-29'],
  ['25/01/2017', '2017-01-25'],
  ['25/01/17', '2017-01-25'],
  ['5.1.2017', '2017-01-05'],
  ['25/01/69', '2069-01-25'],
  ['25/01/70', '1970-01-25'],
  ['25/01/98', '1998-01-25'],
  ['1732147200', '2024-11-21'],
  ['1782860400', '2026-06-30'],
  ['20261121', undefined],
  ['45000', undefined],
  ['2023-02-29', undefined],
  ['2024-00-10', undefined],
  ['2024-13-10', undefined],
  ['31/04/2024', undefined],
  ['01/32/2024', undefined],
  ['0/0/00', undefined],
  ['-1', undefined],
  ['99999999999999', undefined],
  ['tomorrow', undefined],
  ['2024-01-01T00:00', undefined],
])('%s is read as %s', (text, day) => expect(dateReader('day-first')(text)).toBe(day));

test.each([
  ['01/25/2017', '2017-01-25'],
  ['4/7/24', '2024-04-07'],
  ['25/01/2017', undefined],
  ['2017-01-25', '2017-01-25'],
])('%s with the month first is read as %s', (text, day) => expect(dateReader('month-first')(text)).toBe(day));
test.each([
  ['Europe/London', '2026-07-01'],
  ['America/New_York', '2026-06-30'],
])('Unix seconds are the day that it was in %s (E31)', (zone, day) =>
  expect(dateReader('day-first', daysIn(zone))('1782860400')).toBe(day),
);
test.each([
  ['25/01/2017', 'day-first'],
  ['1/25/2017', 'month-first'],
  ['04/07/2024', 'either'],
  ['04/04/2024', undefined],
  ['25/25/2024', undefined],
  ['2024-07-04', undefined],
])('%s tells of the order of day and month: %s', (text, order) => expect(dateOrderIn(text)).toBe(order));

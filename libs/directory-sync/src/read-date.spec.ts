import { dateReader } from './read-date';

test.each([
  ['2024-02-29', '2024-02-29'],
  ['25/01/2017', '2017-01-25'],
  ['25/01/17', '2017-01-25'],
  ['5.1.2017', '2017-01-05'],
  ['1732147200', '2024-11-21'],
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
])('%s is read as %s', (text, day) => expect(dateReader()(text)).toBe(day));

import { Cursors } from './cursor';

const cursors = new Cursors('a key');

test('a cursor brings back its place', () => expect(cursors.read('inbox lea', cursors.write('inbox lea', 42))).toBe('42'));
test('no cursor is the beginning', () => expect(cursors.read('inbox lea', undefined)).toBeUndefined());
test.each([
  ['of somebody else', cursors.write('inbox mel', 42)],
  ['edited', cursors.write('inbox lea', 42).replace(/^./, 'X')],
  ['of another installation', new Cursors('other').write('inbox lea', 42)],
  ['longer than it was', `${cursors.write('inbox lea', 42)}.junk`],
  ['longer by a dot', `${cursors.write('inbox lea', 42)}.`],
  ['made up', 'abc'],
  ['empty', ''],
])('a cursor that is %s is refused', (_what, cursor) =>
  expect(() => cursors.read('inbox lea', cursor)).toThrow(
    expect.objectContaining({ status: 400, response: expect.objectContaining({ code: 'bad-cursor' }) }),
  ),
);

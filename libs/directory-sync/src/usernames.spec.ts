// No two people get one user name, whichever rows of a file fall and in whatever order they stand.
import { personOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

let here: World;
beforeEach(() => (here = world()));
afterEach(() => here.close());

const people = (...rows: readonly string[]) => here.importText('native', ['idnumber,username', ...rows].join('\n'), { element: 'people' });
const totara25 = (...rows: readonly string[]) =>
  here.importText('totara25', ['idnumber,username,orgidnumber,postitle,manageridnumber', ...rows].join('\n'));
const names = (...ids: readonly string[]) => ids.map((id) => personOf(here.views, id)?.username);
const codes = ({ rejected }: { rejected: readonly { line: number; code: string }[] }) =>
  rejected.map(({ line, code }) => `${line} ${code}`);

test.each([[['b,x', 'a,y']], [['a,y', 'b,x']]])('who keeps his user name for a refused row leaves it to nobody: %j', async (rows) => {
  await people('a,x', 'c,y');
  expect(codes(await people(...rows))).toEqual(['2 duplicate-username', '3 duplicate-username']);
  expect(names('a', 'b', 'c')).toEqual(['x', undefined, 'y']);
});
test('nor do those fall alone who were to have the names of those who fall', async () => {
  await people('a,x', 'b,y', 'c,z', 'd,taken');
  expect(codes(await people('c,y', 'b,x', 'a,taken'))).toHaveLength(3);
  expect(names('a', 'b', 'c', 'd')).toEqual(['x', 'y', 'z', 'taken']);
});
test('people may change user names among each other', async () => {
  await people('a,x', 'b,y');
  expect(await people('a,y', 'b,x')).toMatchObject({ changed: 2, rejected: [] });
  expect(names('a', 'b')).toEqual(['y', 'x']);
});
test('a row that falls with its job leaves its user name to nobody either', async () => {
  await people('a,old', 'c,c');
  const result = await totara25('a,new,NOUNIT,t,', 'b,old,,t,', 'c,c,,t,b');
  expect(codes(result)).toEqual(['2 unknown-unit', '3 duplicate-username', '4 unknown-manager']);
  expect(names('a', 'b', 'c')).toEqual(['old', undefined, 'c']);
});

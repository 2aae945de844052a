// What the column `deleted` says of an account: it ends it, and lets one that has ended act again.
import { personOf } from '@app/organisation';
import { world } from '../../../test/support/import-world';

const here = world();
afterAll(() => here.close());
const isActive = () => personOf(here.views, 'ann')!.active;

test.each([
  { preset: 'native', cell: '0', active: true },
  { preset: 'native', cell: 'no', active: true },
  { preset: 'native', cell: '', active: true },
  { preset: 'workplace', cell: '0', active: true },
  { preset: 'workplace', cell: '', active: false },
])('in $preset, an account that has ended and `deleted` of "$cell": active is $active', async ({ preset, cell, active }) => {
  const file = (deleted: string) =>
    preset === 'native' ? `person_id,username,deleted\nann,ann,${deleted}\n` : `username,deleted\nann,${deleted}\n`;
  for (const deleted of ['0', '1']) await here.importText(preset, file(deleted));
  expect(isActive()).toBe(false);
  await here.importText(preset, file(cell));
  expect(isActive()).toBe(active);
});

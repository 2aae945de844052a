// What one administrator alone does not do by a file: another one has seen the same before.
import { assignmentOf } from '@app/organisation';
import { world, type World } from '../../../test/support/import-world';

let here: World;
beforeEach(async () => {
  here = world();
  await here.importText('native', ['idnumber,username', ...PEOPLE.map((id) => `${id},${id}`)].join('\n'), { element: 'people' });
});
afterEach(() => here.close());

const PEOPLE = Array.from({ length: 50 }, (_, at) => `p${at}`);
const HEADER = 'person_id,assignment_id,valid_from';
const jobs = (people: readonly string[], more = {}) =>
  here.importText('native', [HEADER, ...people.map((id) => `${id},${id}-A,2024-01-01`)].join('\n'), { element: 'assignments', ...more });
const by = (actor: string, id: string) => ({ id, origin: { actor, command: id, at: '2026-11-22T08:00:00Z' } });

describe('a plan of another administrator opens the guard', () => {
  const first = PEOPLE.slice(0, 1);
  const forced = () => jobs(first, { mode: 'full', force: 'the site has closed', ...by('ann', 'forced') });

  test('not where it came to less than the same file does now', async () => {
    expect(await jobs(first, { mode: 'full', dryRun: true, ...by('bob', 'plan') })).toMatchObject({ added: 1, ended: 0 });
    await jobs(PEOPLE);
    await expect(forced()).rejects.toMatchObject({ code: 'second-administrator', facts: { ends: 49, known: 50 } });
    await here.reached();
    expect(assignmentOf(here.views, 'p49-A')).not.toHaveProperty('to');
  });
  test('where it came to the same', async () => {
    await jobs(PEOPLE);
    expect(await jobs(first, { mode: 'full', dryRun: true, ...by('bob', 'plan') })).toMatchObject({ ended: 49 });
    expect(await forced()).toMatchObject({ ended: 49 });
  });
});

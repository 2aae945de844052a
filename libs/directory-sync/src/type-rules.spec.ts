// Rules of position types in files: a row that would break one is refused with its code, and the rest is taken (O2).
import { assignmentOf, linksOf, person, positionTypes, reportingModes, SITE, unitTree } from '@app/organisation';
import type { AnyDecider, Typed } from '@app/kernel';
import { world } from '../../../test/support/import-world';

const RULES = { unitMandatory: false, managerMandatory: false, mayRequestLearning: true, aspirational: false };
const HEAD = 'person_id,assignment_id,position_type,organisation_id,valid_from,valid_to,manager_ref,manager_kind,manager_responsibilities';
const BARE = 'person_id,assignment_id,position_type,valid_from';

const here = world();
let commands = 0;
const tell = async (decider: AnyDecider, command: Typed & Record<string, unknown>) => {
  const origin = { command: `c${++commands}`, actor: 'admin', at: '2026-01-01T00:00:00Z' };
  await here.reached();
  await here.run(decider, SITE, command, origin);
  await here.reached();
};
const take = (rows: readonly string[], more: object = {}, head = HEAD) =>
  here.importText('native', [head, ...rows].join('\n'), { element: 'assignments', effective: '2026-01-01', ...more });
const codes = async (answer: ReturnType<typeof take>) => (await answer).rejected.map(({ line, code }) => `${line} ${code}`).sort();

beforeAll(async () => {
  const people = ['lea', 'mel', 'tom', 'ben', 'eva', 'kim'].map((id) => `${id},${id},${id},X`);
  await here.importText('native', ['person_id,username,given_name,family_name', ...people].join('\n'), { element: 'people' });
  await tell(unitTree, {
    type: 'RecordUnits',
    units: [
      { id: 'ward', name: 'Ward' },
      { id: 'lab', name: 'Lab' },
    ],
  });
  await tell(positionTypes, {
    type: 'RecordPositionTypes',
    types: [
      { ...RULES, id: 'placed', name: 'Placed', unitMandatory: true },
      { ...RULES, id: 'managed', name: 'Managed', managerMandatory: true },
      { ...RULES, id: 'bank', name: 'Bank', atMost: 1 },
    ],
  });
  await take(['mel,mel-1,free,ward,2020-01-01,,,,']);
});
afterAll(() => here.close());

test('a job without the unit that its type demands', async () => {
  expect(await codes(take(['lea,lea-p,placed,,2026-01-01,,,,', 'tom,tom-p,placed,ward,2026-01-01,,,,']))).toEqual(['2 unit-required']);
  expect([assignmentOf(here.views, 'lea-p'), assignmentOf(here.views, 'tom-p')?.unit]).toEqual([undefined, 'ward']);
  expect(await codes(take(['tom,tom-p,placed,,2026-01-01,,,,'], { dryRun: true }))).toEqual(['2 unit-required']);
});
test('all of too many in one file, whichever row comes first, and one more than is recorded', async () => {
  const two = ['lea,lea-b1,bank,,2026-01-01,,,,', 'lea,lea-b2,bank,,2026-02-01,,,,'];
  // The plan says it already, not only the person's stream when it is carried out.
  expect(await codes(take(two, { dryRun: true }))).toEqual(['2 too-many-of-type', '3 too-many-of-type']);
  expect(await codes(take(two))).toEqual(['2 too-many-of-type', '3 too-many-of-type']);
  expect(await codes(take(two.toReversed()))).toEqual(['2 too-many-of-type', '3 too-many-of-type']);
  expect(await codes(take(two.slice(0, 1)))).toEqual([]);
  expect(await codes(take(two.slice(1)))).toEqual(['2 too-many-of-type']);
});
test('one after the other is not too many, nor one that the same file ends', async () => {
  expect(await codes(take(['lea,lea-b1,bank,,2026-01-01,2026-02-01,,,', 'lea,lea-b2,bank,,2026-02-01,,,,']))).toEqual([]);
  expect(await codes(take(['lea,lea-b3,bank,,2026-03-01,,,,'], { mode: 'full', effective: '2026-03-01' }))).toEqual([]);
  expect(assignmentOf(here.views, 'lea-b2')?.to).toBe('2026-03-01');
});
test('a job whose row leaves the manager blank that its type demands; one that names him, or an alternate only', async () => {
  const rows = [
    'lea,lea-m,managed,,2026-01-01,,,,',
    'ben,ben-m,managed,,2026-01-01,,mel,direct,approval',
    'eva,eva-m,managed,,2026-01-01,,mel,alternate,approval',
  ];
  expect(await codes(take(rows))).toEqual(['2 manager-required', '4 manager-required']);
  expect(linksOf(here.views, 'ben-m')).toHaveLength(1);
  expect(await codes(take(['ben,ben-m,managed,,2026-01-01,,,,']))).toEqual(['2 manager-required']);
  expect(linksOf(here.views, 'ben-m')[0]!.to).toBeUndefined();
});
test('a file that does not speak of managers leaves them for later, and says so', async () => {
  const { rejected, noted } = await take(['kim,kim-m,managed,2026-01-01'], {}, BARE);
  expect([rejected, noted.map(({ code }) => code)]).toEqual([[], ['manager-required']]);
});
test('where position codes answer, the seat manages', async () => {
  await tell(reportingModes, { type: 'ChooseReportingMode', unit: 'lab', mode: 'position-code', effective: '2026-01-01' });
  expect(await codes(take(['eva,eva-m,managed,lab,2026-01-01,,,,']))).toEqual([]);
});
test('what is recorded already is no fault of a file that says the same; the same file twice records nothing (I7)', async () => {
  const file = ['tom,tom-x,later,,2026-01-01,,,,', 'tom,tom-y,later,,2026-01-01,,,,'];
  expect(await codes(take(file))).toEqual([]);
  await tell(positionTypes, {
    type: 'RecordPositionTypes',
    types: [{ ...RULES, id: 'later', name: 'Later', unitMandatory: true, atMost: 1 }],
  });
  const before = here.organisationEvents();
  expect(await codes(take(file))).toEqual([]);
  expect(here.organisationEvents()).toBe(before);
});
test('the stream of the person keeps the rules against whoever was first (O2)', async () => {
  const sync = (assignment: string, from: string) => {
    const job = { assignment, positionType: 'bank', from };
    const command = {
      type: 'SyncPerson',
      person: 'eva',
      assignments: [job],
      rules: { bank: { unitMandatory: false, atMost: 1 } },
    } as const;
    return here.run(person, 'eva', command, { command: `c${++commands}`, actor: 'hr', at: '2026-01-01T00:00:00Z' });
  };
  await sync('eva-b1', '2026-01-01');
  await expect(sync('eva-b2', '2026-05-01')).rejects.toMatchObject({ code: 'too-many-of-type', facts: { held: ['eva-b1'] } });
});

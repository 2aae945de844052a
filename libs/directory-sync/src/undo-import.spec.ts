// A plan is committed as it was planned or not at all; an import that was carried out can be taken back.
import {
  assignmentOf,
  assignmentsOf,
  linksOf,
  managersOf,
  person,
  personOf,
  positionHolders,
  positionOf,
  team,
  unitOf,
} from '@app/organisation';
import { oracle, world, type World } from '../../../test/support/import-world';
import { randomFrom, seedOf } from '../../../test/support/random';
import { changesOfPlan, commitPlan } from './commit-plan';
import { importOf } from './imports';
import { undoImport } from './undo-import';

let here: World;
let undos = 0;
beforeEach(async () => {
  here = world();
  await here.importText('native', ['idnumber,username', ...PEOPLE.map((id) => `${id},${id}.1`)].join('\n'), { element: 'people' });
});
afterEach(() => here.close());

const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'];
const HEADER = 'person_id,assignment_id,position_id,valid_from,valid_to,manager_ref,manager_kind,deleted';
const assignments = (rows: readonly string[], more = {}) =>
  here.importText('native', [HEADER, ...rows].join('\n'), { element: 'assignments', ...more });
const originOf = (actor: string, command: string) => ({ actor, command, at: '2026-11-22T08:00:00Z' });
const commit = (id: string, actor = 'admin', force?: string) =>
  commitPlan(here.parts, { id, origin: originOf(actor, `commit${undos++}`), ...(force !== undefined && { force }) });
const undo = (id: string, as = `undo${undos++}`) => undoImport(here.parts, { id, as, on: '2026-11-22', origin: originOf('admin', as) });
const ANN = 'ann,a,,2024-01-01,,bob,direct,';

describe('a plan', () => {
  test('records nothing of the organisation, and shows what it would change', async () => {
    const before = here.organisationEvents();
    const planned = await assignments([ANN], { dryRun: true, id: 'p1' });
    expect(planned).toMatchObject({ dryRun: true, added: 1, changesCount: 2 });
    expect(planned.changes).toEqual([
      {
        of: 'assignment',
        id: 'a',
        change: 'added',
        fields: { positionType: { after: 'substantive' }, from: { after: '2024-01-01' } },
      },
      expect.objectContaining({ of: 'manager', change: 'added', fields: expect.objectContaining({ manager: { after: 'bob' } }) }),
    ]);
    expect(here.organisationEvents()).toBe(before);
    expect(await changesOfPlan(here.parts, { id: 'p1', after: 1, limit: 5 })).toEqual({
      changes: planned.changes!.slice(1),
      count: 2,
      stale: false,
      waiting: [],
      waitingCount: 0,
    });
    expect(importOf(here.views, 'p1')).toMatchObject({ plannedBy: 'admin', rows: 1 });
    expect(importOf(here.views, 'p1')!.startedAt).toBeUndefined();
  });
  test('is committed once, as it was planned', async () => {
    await assignments([ANN], { dryRun: true, id: 'p1' });
    expect(await commit('p1', 'second')).toMatchObject({ id: 'p1', dryRun: false, added: 1, rejected: [] });
    expect(assignmentOf(here.views, 'a')).toMatchObject({ person: 'ann' });
    const events = here.organisationEvents();
    expect(await commit('p1')).toMatchObject({ added: 1 });
    expect(here.organisationEvents()).toBe(events);
    expect(importOf(here.views, 'p1')).toMatchObject({ plannedBy: 'admin', startedBy: 'second' });
  });
  test('is stale when it would lead to something else by now, and then nothing is recorded', async () => {
    await assignments([ANN], { dryRun: true, id: 'p1' });
    await assignments(['ann,a,,2024-01-01,,cat,direct,']);
    const before = here.organisationEvents();
    await expect(commit('p1')).rejects.toMatchObject({ code: 'plan-stale' });
    expect(here.organisationEvents()).toBe(before);
    expect(await changesOfPlan(here.parts, { id: 'p1', after: 0, limit: 5 })).toMatchObject({ stale: true });
  });
  test('is not stale for what does not concern it', async () => {
    await assignments([ANN], { dryRun: true, id: 'p1' });
    await assignments(['dan,d,,2024-01-01,,cat,direct,']);
    expect(await commit('p1')).toMatchObject({ added: 1 });
  });
  test('that was cut off while it was committed is completed by committing it again', async () => {
    await assignments([ANN, 'bob,b,,2024-01-01,,cat,direct,'], { dryRun: true, id: 'p1' });
    const run: typeof here.run = (decider, id, command, origin) => {
      if (decider.name === 'reporting') throw new Error('the machine stops');
      return here.run(decider, id, command, origin);
    };
    await expect(commitPlan({ ...here.parts, run }, { id: 'p1', origin: originOf('admin', 'c') })).rejects.toThrow('the machine stops');
    await here.reached();
    expect(await commit('p1')).toMatchObject({ rejected: [] });
    expect(linksOf(here.views, 'b').map(({ manager }) => manager)).toEqual(['cat']);
    expect(importOf(here.views, 'p1')?.finishedAt).toBeDefined();
  });
  test('that nobody made cannot be committed', async () => {
    await expect(commit('nothing')).rejects.toMatchObject({ code: 'unknown-import' });
    await assignments([ANN], { id: 'direct' });
    await expect(commit('direct')).rejects.toMatchObject({ code: 'no-plan' });
  });
});

describe('the deletion guard', () => {
  const many = Array.from({ length: 30 }, (_, at) => `p${at}`);
  beforeEach(async () => {
    await here.importText('native', ['idnumber,username', ...many.map((id) => `${id},${id}.1`)].join('\n'), { element: 'people' });
    await assignments(many.map((id) => `${id},${id}-A,,2024-01-01,,,,`));
  });
  const fewer = (more = {}) =>
    assignments(
      many.slice(0, 15).map((id) => `${id},${id}-A,,2024-01-01,,,,`),
      { mode: 'full', ...more },
    );

  test('stops a file that would end much, and nothing is recorded', async () => {
    const before = here.views.position;
    await expect(fewer()).rejects.toMatchObject({ code: 'too-many-ends', facts: { ends: 15, known: 30 } });
    await here.reached();
    expect(here.views.position).toBe(before);
  });
  test('counts people who would be no more, too', async () => {
    const gone = ['idnumber,username,deleted', ...many.slice(0, 15).map((id) => `${id},${id}.1,1`)].join('\n');
    await expect(here.importText('native', gone, { element: 'people' })).rejects.toMatchObject({ code: 'too-many-ends' });
  });
  test('lets a few pass, and takes no force of one administrator alone', async () => {
    expect(
      await assignments(
        many.slice(0, 20).map((id) => `${id},${id}-A,,2024-01-01,,,,`),
        { mode: 'full' },
      ),
    ).toMatchObject({ ended: 10 });
    await here.importText('native', 'idnumber,username\nzoe,zoe', { element: 'people' });
    await expect(fewerOf(5, { force: 'half the hospital has closed' })).rejects.toMatchObject({ code: 'second-administrator' });
  });
  const fewerOf = (count: number, more = {}) =>
    assignments(
      many.slice(0, count).map((id) => `${id},${id}-A,,2024-01-01,,,,`),
      { mode: 'full', ...more },
    );
  test('opens for a second administrator with a reason, by the plan or by the same files', async () => {
    expect(await fewer({ dryRun: true, id: 'p1' })).toMatchObject({ ended: 15 });
    await expect(commit('p1', 'second')).rejects.toMatchObject({ code: 'too-many-ends' });
    await expect(commit('p1', 'admin', 'closed')).rejects.toMatchObject({ code: 'second-administrator' });
    expect(await commit('p1', 'second', 'the south site has closed')).toMatchObject({ ended: 15 });
    expect(importOf(here.views, 'p1')).toMatchObject({ reason: 'the south site has closed', startedBy: 'second' });
    await fewerOf(1, { dryRun: true, id: 'p2' });
    const again = { force: 'closed', origin: originOf('second', 'import-by-second'), id: 'again' };
    expect(await fewerOf(1, again)).toMatchObject({ ended: 14 });
  });
});

/** Everything that can be asked about anybody on a day. */
function answers(on: string): unknown {
  const { views } = here;
  return PEOPLE.map((id) => ({
    details: personOf(views, id),
    jobs: assignmentsOf(views, id, on).map(({ id: job, ...rest }) => ({
      job,
      ...rest,
      managers: managersOf(views, { assignment: job, responsibilities: ['approval', 'reporting'], asOf: on }).map(
        ({ person: one, kind }) => [one, kind],
      ),
    })),
    team: team(views, { person: id, scope: 'all', asOf: on, responsibility: 'approval', limit: 100 }),
    seats: positionHolders(views, `S${id}`, on),
  }));
}

describe('undo', () => {
  test('puts back what was before, by events that come after', async () => {
    await assignments([ANN]);
    const before = answers(oracle.asOf);
    const { id } = await assignments(['ann,a,,2024-01-01,,cat,direct,', 'dan,d,,2024-01-01,,cat,direct,']);
    const events = here.organisationEvents();
    expect(answers(oracle.asOf)).not.toEqual(before);
    expect(await undo(id, 'u1')).toMatchObject({ id: 'u1', rows: 3, changed: 3, rejected: [] });
    expect(answers(oracle.asOf)).toEqual(before);
    expect(here.organisationEvents()).toBeGreaterThan(events);
    expect([importOf(here.views, id)?.undoneBy, importOf(here.views, 'u1')?.undoes]).toEqual(['u1', id]);
  });
  test('of new people leaves them known and inactive, and says so', async () => {
    const { id } = await here.importText('native', 'idnumber,username\ngus,gus', { element: 'people' });
    const { noted } = await undo(id);
    expect(noted.map(({ code }) => code)).toEqual(['stays-recorded']);
    expect(personOf(here.views, 'gus')).toMatchObject({ active: false });
  });
  test('of units and positions puts back their names and their place', async () => {
    await here.importText('native', 'idnumber,fullname,parentidnumber\nA,Top,\nB,Below,A', { element: 'organisations' });
    await here.importText('native', 'idnumber,fullname,parentidnumber\nP,Chief,\nQ,Deputy,P', { element: 'positions' });
    const units = await here.importText('native', 'idnumber,fullname,parentidnumber\nA,Below,B\nB,Top,', { element: 'organisations' });
    const positions = await here.importText('native', 'idnumber,fullname,parentidnumber\nP,Deputy,Q\nQ,Chief,', { element: 'positions' });
    expect(await undo(units.id)).toMatchObject({ rejected: [], noted: [] });
    expect(await undo(positions.id)).toMatchObject({ rejected: [], noted: [] });
    expect([unitOf(here.views, 'A'), unitOf(here.views, 'B')?.parent]).toEqual([{ id: 'A', name: 'Top' }, 'A']);
    expect([positionOf(here.views, 'P'), positionOf(here.views, 'Q')?.superior]).toEqual([{ id: 'P', title: 'Chief' }, 'P']);
  });
  test('takes away no earlier version of a unit, and none but its own', async () => {
    const units = (name: string, effective: string) =>
      here.importText('native', `idnumber,fullname\nA,${name}`, { element: 'organisations', effective });
    await units('First', '2024-01-01');
    await units('Second', '2025-01-01');
    const { id } = await units('Third', '2026-01-01');
    const names = () => ['2024-06-01', '2025-06-01', '2026-06-01'].map((day) => unitOf(here.views, 'A', day)?.name);
    expect(names()).toEqual(['First', 'Second', 'Third']);
    expect(await undo(id)).toMatchObject({ rejected: [] });
    expect(names()).toEqual(['First', 'Second', 'Second']);
  });
  test('leaves what somebody else has changed since, and lists it', async () => {
    const { id } = await assignments([ANN, 'dan,d,,2024-01-01,,cat,direct,']);
    const later = { type: 'EndAssignment', person: 'ann', assignment: 'a', to: '2026-12-01' } as const;
    await here.run(person, 'ann', later, originOf('zoe', 'later'));
    const { rejected, changed } = await undo(id);
    expect(rejected).toEqual([
      expect.objectContaining({ code: 'changed-since', file: 'assignment a', detail: expect.stringContaining('zoe') }),
    ]);
    expect(changed).toBe(3);
    expect(assignmentOf(here.views, 'a')).toMatchObject({ to: '2026-12-01' });
    expect(assignmentsOf(here.views, 'dan', oracle.asOf)).toEqual([]);
  });
  test('happens once, and can itself be undone', async () => {
    const { id } = await assignments([ANN]);
    const after = answers(oracle.asOf);
    await undo(id, 'u1');
    expect(await undo(id, 'u1')).toMatchObject({ id: 'u1', rejected: [] });
    await expect(undo(id, 'u2')).rejects.toMatchObject({ code: 'already-undone' });
    await undo('u1', 'u3');
    expect(answers(oracle.asOf)).toEqual(after);
  });
  test('that was cut off goes on, whoever asks again', async () => {
    await assignments([ANN]);
    const before = answers(oracle.asOf);
    const { id } = await assignments(['ann,a,,2024-01-01,,cat,direct,', 'dan,d,,2024-01-01,,cat,direct,']);
    const run: typeof here.run = (decider, stream, command, origin) => {
      if (decider.name === 'reporting') throw new Error('the machine stops');
      return here.run(decider, stream, command, origin);
    };
    const cut = undoImport({ ...here.parts, run }, { id, as: 'u1', on: '2026-11-22', origin: originOf('admin', 'u1') });
    await expect(cut).rejects.toThrow('the machine stops');
    await here.reached();
    expect(await undo(id, 'u2')).toMatchObject({ id: 'u1', rejected: [] });
    expect(answers(oracle.asOf)).toEqual(before);
  });
  test('of a plan, or of an import that is not there, is refused', async () => {
    await assignments([ANN], { dryRun: true, id: 'p1' });
    await expect(undo('p1')).rejects.toMatchObject({ code: 'import-not-finished' });
    await expect(undo('nothing')).rejects.toMatchObject({ code: 'unknown-import' });
  });

  test('reads what it puts back person by person, and lets others go on in between', async () => {
    const { id } = await assignments(PEOPLE.map((who) => `${who},${who}-1,,2024-01-01,,,,`));
    const done: string[] = [];
    const run: World['run'] = (decider, stream, command, ...rest) => {
      done.push(command.type);
      return here.run(decider, stream, command, ...rest);
    };
    const pause = () => void done.push('rest');
    await undoImport({ ...here.parts, run, pause }, { id, as: 'slow', on: '2026-11-22', origin: originOf('admin', 'slow') });
    const reading = done.slice(done.indexOf('UndoImport'), done.indexOf('StartImport'));
    expect(reading.filter((what) => what === 'rest').length).toBeGreaterThan(PEOPLE.length);
  });

  const random = randomFrom(seedOf());
  test(`of any of 300 random imports restores every answer of every day (SEED=${random.seed})`, async () => {
    const days = ['2024-01-01', '2024-06-01', '2025-01-01', '2025-06-01', '2026-01-01', '2026-06-01', '2026-11-22', '2027-06-01'];
    const day = () => random.of(days);
    await here.importText('native', ['idnumber,fullname', ...PEOPLE.map((id) => `S${id},Seat`)].join('\n'), { element: 'positions' });
    const row = (): string => {
      // So few jobs that the guard lets all of them end.
      const who = random.of(PEOPLE.slice(0, 5));
      const [from, to] = [day(), random.below(3) === 0 ? day() : ''];
      const manager = random.below(4) === 0 ? '' : random.of(PEOPLE);
      return [
        who,
        `${who}-${random.below(2)}`,
        `S${random.of(PEOPLE)}`,
        from,
        to,
        manager,
        random.of(['direct', 'alternate']),
        random.below(8) === 0 ? 1 : 0,
      ].join();
    };
    const take = () => {
      const rows = Array.from({ length: 1 + random.below(6) }, row);
      return assignments(rows, { mode: random.of(['full', 'delta']), effective: day() });
    };
    let restored = 0;
    for (let turn = 0; turn < 300; turn++) {
      if (random.below(2) === 0) await take();
      const before = days.map(answers);
      const { id, added, changed, ended } = await take();
      if (added + changed + ended > 0) restored++;
      const { rejected } = await undo(id);
      expect(rejected).toEqual([]);
      expect(days.map(answers)).toEqual(before);
    }
    expect(restored).toBeGreaterThan(50);
  });
});

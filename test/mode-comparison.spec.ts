// What another reporting mode would change is what it does change: the comparison against the organisation in which it was chosen.
import { comparedApprovers, comparedTeams, comparedWhole, FACTS, resolve, type ComparisonPage, type Supposition } from '@app/approvals';
import type { Typed, Views } from '@app/kernel';
import { asKnown, assignmentsInEffect, isActive, MODE_CHOICES, loopsAfter, positionTypeOf, team, WHOLE_SITE } from '@app/organisation';
import { rounds } from './faults/rounds';
import { NaiveReporting } from './support/naive-reporting';
import { randomFrom, seedOf } from './support/random';
import { DAYS, PEOPLE, UNITS } from './support/random-changes';
import { ReportingHistory } from './support/reporting-history';

const HISTORIES = rounds(150, 3_000);

const random = randomFrom(seedOf());

test(`${HISTORIES} random organisations: the comparison tells what the choice then changes, and records nothing (N8; SEED=${random.seed})`, () => {
  const seen = { approvers: 0, teams: 0, nobody: 0, loops: 0, nothing: 0 };
  for (let round = 0; round < HISTORIES; round++) {
    const history = new ReportingHistory(random);
    for (let count = random.below(25); count > 0; count--) history.change();
    const unit = random.of([WHOLE_SITE, ...UNITS]);
    const supposition: Supposition = { unit, mode: unit === WHOLE_SITE ? 'position-code' : random.of(MODE_CHOICES), on: random.of(DAYS) };
    const position = history.facts.length;
    const told = compared(history.models, supposition);
    const { unit: _, on: effective, mode } = supposition;
    history.record('reportingModes-site', { type: 'ReportingModeChosen', ...(unit !== WHOLE_SITE && { unit }), mode, effective } as Typed);
    const real = changes(asKnown(history.models, position, FACTS), history.models, effective);
    const naive = new NaiveReporting(history.facts, history.facts.length);
    const loops = DAYS.some((day) => day >= effective && naive.loops(day).length > 0);
    expect({ supposition, ...told }).toEqual({ supposition, ...real, loops });
    seen.approvers += Math.min(1, real.approvers.length);
    seen.teams += Math.min(1, real.teams.length);
    seen.nobody += Math.min(1, real.nobody.length);
    if (told.loops) seen.loops += 1;
    if (real.approvers.length + real.teams.length === 0) seen.nothing += 1;
    history.models.close();
  }
  console.log(`mode comparison: ${JSON.stringify({ ...seen, histories: HISTORIES, seed: random.seed })}`);
  expect(Math.min(seen.approvers, seen.teams, seen.nobody, seen.nothing)).toBeGreaterThan(HISTORIES / 20);
});

/** What the comparison says, page by page; the totals are held to the pages. */
function compared(views: Views, supposition: Supposition) {
  const limit = 1 + random.below(3);
  const approvers = whole((after) => comparedApprovers(views, supposition, { after, limit, only: 'changed' }));
  const nobody = whole((after) => comparedApprovers(views, supposition, { after, limit, only: 'nobody' }));
  const teams = whole((after) => comparedTeams(views, supposition, { after, limit, responsibility: 'approval' }));
  const totals = finished(comparedWhole(asKnown(views, 1_000, FACTS), supposition, 'approval'));
  expect(totals).toMatchObject({ approvers: { assignments: approvers.length }, teams: teams.length, nobody: { supposed: nobody.length } });
  expect(totals.approvers.people).toBe(new Set(approvers.map(({ person }) => person)).size);
  expect(totals.loops.length > 0).toBe(finished(loopsAfter(views, supposition, supposition.on)).length > 0);
  const names = (slate: readonly { readonly person: string }[]) => slate.map(({ person }) => person).join();
  return {
    approvers: approvers.map(({ assignment, now, supposed }) => `${assignment}: ${names(now)} → ${names(supposed)}`),
    nobody: nobody.map(({ assignment }) => assignment),
    teams: teams.map(({ person, gained, lost, now, supposed }) => `${person}: ${now} → ${supposed}, +${gained.join()} -${lost.join()}`),
    loops: totals.loops.length > 0,
  };
}

/** The same from two organisations, before and after, by the questions that everybody asks. */
function changes(before: Views, after: Views, on: string): Omit<ReturnType<typeof compared>, 'loops'> {
  const jobs = assignmentsInEffect(after, on, { limit: 100 })
    .filter(({ person }) => isActive(after, person, on))
    .filter(({ positionType }) => positionTypeOf(after, positionType)?.aspirational !== true);
  const slate = (views: Views, { id, person }: (typeof jobs)[number]) =>
    resolve(views, { requester: person, beneficiary: person, assignment: id, on }).slate;
  const names = (views: Views, job: (typeof jobs)[number]) => slate(views, job).map(({ person }) => person);
  const direct = (views: Views, person: string) =>
    team(views, { person, scope: 'direct', asOf: on, responsibility: 'approval', limit: 100 })
      .map(({ assignment }) => assignment)
      .filter((assignment) => jobs.some(({ id }) => id === assignment));
  const teams = PEOPLE.filter((person) => isActive(after, person, on)).flatMap((person) => {
    const [had, has] = [direct(before, person), direct(after, person)];
    const [gained, lost] = [has.filter((one) => !had.includes(one)), had.filter((one) => !has.includes(one))];
    return gained.length + lost.length === 0 ? [] : [`${person}: ${had.length} → ${has.length}, +${gained.join()} -${lost.join()}`];
  });
  return {
    approvers: jobs
      .filter((job) => names(before, job).toSorted().join() !== names(after, job).toSorted().join())
      .map((job) => `${job.id}: ${names(before, job).join()} → ${names(after, job).join()}`),
    nobody: jobs.filter((job) => slate(after, job).every(({ as }) => as === 'fallback')).map(({ id }) => id),
    teams,
  };
}

function whole<Item>(page: (after: string | undefined) => ComparisonPage<Item>): readonly Item[] {
  const all: Item[] = [];
  for (let next: string | undefined, more = true; more; more = next !== undefined) {
    const answer = page(next);
    all.push(...answer.items);
    next = answer.next;
  }
  return all;
}

function finished<Result>(work: Generator<void, Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value;
}

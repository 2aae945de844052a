// Two hierarchies side by side: whichever a unit chooses from a day on, approvers, teams and gaps are those of the plain model.
import { FACTS, resolve } from '@app/approvals';
import type { Views } from '@app/kernel';
import { asKnown, managerGaps, managersOf, REPORTING_MODES, ReportingLines, team } from '@app/organisation';
import { rounds } from './faults/rounds';
import { NaiveReporting } from './support/naive-reporting';
import { randomFrom, seedOf } from './support/random';
import { DAYS, JOBS, PEOPLE, UNITS } from './support/random-changes';
import { FALLBACK, ReportingHistory } from './support/reporting-history';

const HISTORIES = rounds(250, 5_000);

const random = randomFrom(seedOf());
test(`${HISTORIES} random organisations: approvers, managers, teams and gaps of any mode are the plain ones (O6, O7, O13, E35; SEED=${random.seed})`, () => {
  const seen = { answers: 0, bySeat: 0, teams: 0, looping: 0 };
  for (let round = 0; round < HISTORIES; round++) {
    // Earlier releases let loops over both hierarchies pass: no question may hang on one.
    const history = new ReportingHistory(random, round % 2 === 0);
    for (let count = 15 + random.below(20); count > 0; count--) history.change();
    for (const position of [random.below(history.facts.length) + 1, history.facts.length]) {
      const naive = new NaiveReporting(history.facts, position);
      const views = asKnown(history.models, position, FACTS);
      for (const on of [random.of(DAYS), random.of(DAYS)]) {
        const jobs = JOBS.filter((id) => naive.jobsOf(id[0]!, on).includes(id));
        const plain = plainly(naive, jobs, on);
        expect({ position, on, ...answers(views, jobs, on) }).toEqual({ position, on, ...plain });
        seen.answers += 1;
        if (Object.values(plain.managers).some((one) => one.length > 1)) seen.bySeat += 1;
        if (Object.values(plain.teams).some((one) => one.some((member) => !member.endsWith(' 1')))) seen.teams += 1;
        if (naive.loops(on).length > 0) seen.looping += 1;
      }
    }
    history.models.close();
  }
  console.log(`reporting modes: ${JSON.stringify({ ...seen, histories: HISTORIES, seed: random.seed })}`);
  expect(Math.min(seen.bySeat, seen.teams)).toBeGreaterThan(HISTORIES / 4);
});

test(`${HISTORIES} random organisations: over seats and links together no day has a loop either (O11, E14; SEED=${random.seed})`, () => {
  const seen = { refused: 0, mixed: 0 };
  for (let round = 0; round < HISTORIES; round++) {
    const history = new ReportingHistory(random);
    for (let count = 30; count > 0; count--) {
      history.change();
      const naive = new NaiveReporting(history.facts, history.facts.length);
      for (const on of DAYS) expect({ on, loops: naive.loops(on) }).toEqual({ on, loops: [] });
    }
    const { models, refused } = history;
    seen.refused += refused;
    if (DAYS.some((on) => new Set(JOBS.map((id) => ReportingLines.on(models, on).modeOf(id).mode)).size > 1)) seen.mixed += 1;
    models.close();
  }
  console.log(`mixed loops: ${JSON.stringify({ ...seen, histories: HISTORIES, seed: random.seed })}`);
  expect(Math.min(seen.refused, seen.mixed)).toBeGreaterThan(HISTORIES / 10);
});

test(`${HISTORIES} random organisations: where the whole site has one mode, no day has a loop (O11; SEED=${random.seed})`, () => {
  for (let round = 0; round < HISTORIES; round++) {
    const history = new ReportingHistory(random);
    for (let count = 20; count > 0; count--) history.change();
    const mode = random.of(REPORTING_MODES);
    const everywhere = [undefined, ...UNITS].flatMap((unit) => DAYS.map((effective) => ({ mode, effective, ...(unit && { unit }) })));
    for (const choice of everywhere) history.record('reportingModes-site', { type: 'ReportingModeChosen', ...choice });
    const naive = new NaiveReporting(history.facts, history.facts.length);
    for (const on of DAYS) expect({ mode, on, loops: naive.loops(on) }).toEqual({ mode, on, loops: [] });
    history.models.close();
  }
});

function answers(views: Views, jobs: readonly string[], on: string) {
  return {
    managers: each(jobs, (id) =>
      sorted(managersOf(views, { assignment: id, responsibilities: ['approval'], asOf: on }).map((one) => `${one.kind} ${one.person}`)),
    ),
    approvers: each(jobs, (id) => {
      const question = { requester: id[0]!, beneficiary: id[0]!, assignment: id, on };
      return sorted(resolve(views, question).slate.map((one) => one.person));
    }),
    teams: each(PEOPLE, (id) => wholeTeam(views, id, on)),
    teamsByJob: each(jobs, (id) => wholeTeam(views, id[0]!, on, id)),
    gaps: managerGaps(views, { asOf: on, responsibility: 'approval', limit: 100 }).items.map(
      ({ assignment, covered }) => `${assignment} ${covered}`,
    ),
  };
}

/** Page by page, so that the pages are held to fit together. */
function wholeTeam(views: Views, id: string, on: string, by?: string): readonly string[] {
  const all: { assignment: string; depth: number }[] = [];
  for (let full = true; full;) {
    const limit = 1 + random.below(4);
    const asked = { person: id, assignment: by, scope: 'all', asOf: on, responsibility: 'approval' } as const;
    const page = team(views, { ...asked, limit, after: all.at(-1)?.assignment });
    all.push(...page);
    full = page.length === limit;
    if (all.length > 50) throw new Error('the team does not end');
  }
  return all.map(({ assignment, depth }) => `${assignment} ${depth}`).sort();
}

function plainly(naive: NaiveReporting, jobs: readonly string[], on: string): ReturnType<typeof answers> {
  return {
    managers: each(jobs, (id) => naive.managers(id, 'approval', on)),
    approvers: each(jobs, (id) => naive.approvers(id, on, FALLBACK)),
    teams: each(PEOPLE, (id) => naive.team(id, 'approval', on)),
    teamsByJob: each(jobs, (id) => naive.team(id[0]!, 'approval', on, id)),
    gaps: jobs
      .filter((id) => naive.active(id[0]!, on) && !naive.aimsAt(id))
      .flatMap((id) => {
        const managers = naive.managers(id, 'approval', on);
        return managers.some((one) => one.startsWith('direct')) ? [] : [`${id} ${managers.length > 0}`];
      }),
  };
}

function each<Answer>(items: readonly string[], ask: (item: string) => Answer): Readonly<Record<string, Answer>> {
  return Object.fromEntries(items.map((item) => [item, ask(item)] as const));
}

function sorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

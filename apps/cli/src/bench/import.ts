// Bulk sync: a large organisation planned, committed, sent again and changed a little, beside its rows in bare tables.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { besideImport } from './beside-import';
import type { Deed, Done } from './import-run';
import { JOBS_EACH, writeFiles } from './organisation-files';
import type { Line } from './report';
import { median, ROUNDS, type Size } from './rounds';
import { YOUNG } from './servers';

/** One of so many people is another in the changed files. */
const CHANGED = 100;
const STEPS = ['dry run', 'commit', 'same again', '1 % changed', 'bare tables'] as const;
type Step = (typeof STEPS)[number];

export async function importing(folder: string, { people, roundMs }: Size): Promise<readonly Line[]> {
  const [files, changed] = [join(folder, 'files'), join(folder, 'changed')];
  mkdirSync(files);
  mkdirSync(changed);
  const rows = await writeFiles(files, people);
  await writeFiles(changed, people, CHANGED);
  const rounds: Record<Step, Done>[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) {
    const place = join(folder, `round ${turn}`);
    const plan = await done('plan', place, files);
    rounds.push({
      'dry run': plan,
      commit: await done('commit', place, plan.id!),
      'same again': await done('import', place, files),
      '1 % changed': await done('import', place, changed),
      'bare tables': await done('bare', `${place} bare`, files),
    });
  }
  for (const round of rounds) requireWhole(round, rows);
  const of = (step: Step, figure: (one: Done) => number) => ({ value: median(rounds.map((round) => figure(round[step]))) });
  const figures: readonly [string, string, (one: Done) => number][] = [
    ['', ' rows/s', ({ seconds }) => rows / seconds],
    [': processor', ' ms/1000 rows', ({ cpuSeconds }) => (cpuSeconds * 1e6) / rows],
    [': peak memory', ' MB', ({ peakMb }) => peakMb],
  ];
  const at = `${people} people × ${JOBS_EACH} jobs`;
  const alone = STEPS.slice(0, -1).flatMap((step) =>
    figures.map(([name, unit, figure]) => {
      return { what: `import, ${step}${name}`, at, unit, ours: of(step, figure), beside: 'bare tables', its: of('bare tables', figure) };
    }),
  );
  return [...alone, await besideImport(join(folder, 'server'), files, roundMs)];
}

async function done(deed: Deed, folder: string, from: string): Promise<Done> {
  const child = fork(join(__dirname, 'import-run.js'), [folder, deed, from], { execArgv: [YOUNG] });
  const ended = once(child, 'exit');
  const died = ended.then(() => Promise.reject(new Error(`the process of the ${deed} died`)));
  const [figures] = (await Promise.race([once(child, 'message'), died])) as [Done];
  died.catch(() => {}); // Once it has answered, its end is what we wait for.
  await ended;
  return figures;
}

/** A fast import that forgets rows is none. */
function requireWhole(round: Record<Step, Done>, rows: number): void {
  const { commit, 'same again': again, '1 % changed': changed } = round;
  const wrong = Object.entries(round).find(([, one]) => one.rows !== rows || one.rejected > 0);
  if (wrong) throw new Error(`${wrong[0]}: ${JSON.stringify(wrong[1])} of ${rows} rows`);
  if (commit.unchanged > 0 || again.unchanged !== rows || changed.unchanged === rows) throw new Error('rows were not taken as they are');
}

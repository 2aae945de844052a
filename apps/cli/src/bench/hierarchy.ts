// The hierarchy of several sizes: what a question costs, how fast the rows are built, and how both grow.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { approvals } from '@app/approvals';
import { ReadModels } from '@app/event-log';
import { organisation } from '@app/organisation';
import { builtUp, changed, recorded } from './hierarchy-events';
import { bareQuestions, questionsOf, type Question } from './hierarchy-questions';
import type { Figures, Line } from './report';
import { alternating, round, type Size } from './rounds';

/** What one size gave. */
interface Found {
  readonly people: number;
  readonly questions: Readonly<Record<string, Figures>>;
  readonly bare: Readonly<Record<string, Figures>>;
  readonly built: readonly { readonly what: string; readonly unit: string; readonly figure: number }[];
}

export async function hierarchy(folder: string, { sizes, roundMs }: Size): Promise<readonly Line[]> {
  const found: Found[] = [];
  for (const people of sizes.toSorted((one, other) => one - other)) found.push(await measure(join(folder, `${people}`), people, roundMs));
  const first = found[0]!;
  return [...found.flatMap((one) => linesOf(one, first)), ...growth(found)];
}

async function measure(folder: string, people: number, roundMs: number): Promise<Found> {
  mkdirSync(folder);
  const path = join(folder, 'views.db');
  const models = new ReadModels(path, [...organisation.projections, ...approvals.projections]);
  let ms = 0;
  // Making the events is not counted.
  const take = (events: ReturnType<typeof builtUp>) => {
    for (const batch of recorded(events, models.position)) {
      const start = performance.now();
      models.apply(batch);
      ms += performance.now() - start;
    }
  };
  take(builtUp(people));
  const before = models.position;
  take(changed(people));
  const start = performance.now();
  models.commit();
  ms += performance.now() - start;
  if (models.parked().length > 0) throw new Error(`parked: ${JSON.stringify(models.parked()[0])}`);
  const [perSecond, rss] = [models.position / (ms / 1000), process.memoryUsage().rss / 1e6];
  const questions = await asked(questionsOf(models, people, before), roundMs);
  models.close();
  const db = new DatabaseSync(path, { readOnly: true });
  const bare = await asked(bareQuestions(db, people), roundMs);
  db.close();
  const built = [
    { what: 'events into rows', unit: ' events/s', figure: perSecond },
    { what: 'memory', unit: ' MB', figure: rss },
    { what: 'file', unit: ' MB', figure: statSync(path).size / 1e6 },
  ];
  return { people, questions, bare, built };
}

async function asked(questions: Readonly<Record<string, Question>>, roundMs: number): Promise<Record<string, Figures>> {
  const turns = new Map<string, number>();
  const found = await alternating(Object.entries(questions), roundMs, ([name, question], ms) => {
    const work = async (took: (ms: number) => void) => {
      const turn = turns.get(name) ?? 0;
      turns.set(name, turn + 1);
      const start = performance.now();
      question(turn);
      took(performance.now() - start);
    };
    return round(1, work, { ms });
  });
  return Object.fromEntries(Object.keys(questions).map((name, at) => [name, { ...found[at]!, value: found[at]!.p50 * 1000 }]));
}

/** Beside bare rows where these say something, else beside the smallest size. */
function linesOf({ people, questions, bare, built }: Found, first: Found): readonly Line[] {
  const [at, beside] = [`${people} people`, `${first.people} people`];
  return [
    ...Object.entries(questions).map(([name, ours]): Line => {
      const reference = bare[name] ? { beside: 'bare rows', its: bare[name] } : { beside, its: first.questions[name]! };
      return { what: `hierarchy, ${name}`, at, unit: ' µs', ours, ...reference };
    }),
    ...built.map(({ what, unit, figure }, turn): Line => {
      return { what: `hierarchy, ${what}`, at, unit, ours: { value: figure }, beside, its: { value: first.built[turn]!.figure } };
    }),
  ];
}

/** Each question in one row, from the smallest size to the largest. */
function growth(found: readonly Found[]): readonly Line[] {
  const [first, last] = [found[0]!, found.at(-1)!];
  return Object.keys(first.questions).map((name): Line => {
    const at = found.map(({ people, questions }) => `${people}: ${questions[name]!.value.toFixed(1)}`).join(', ');
    const [ours, its] = [last, first].map(({ questions }) => ({ value: questions[name]!.value }));
    return { what: `growth, ${name}`, at, unit: ' µs', ours: ours!, beside: `${first.people} people`, its: its! };
  });
}

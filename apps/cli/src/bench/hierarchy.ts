// The hierarchy of several sizes and shapes: what a question costs, how fast the rows are built, and how both grow.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { approvals } from '@app/approvals';
import { ReadModels } from '@app/event-log';
import type { Typed } from '@app/kernel';
import { organisation } from '@app/organisation';
import { bySeats, builtUp, changed, recorded, WIDTH, type Shape } from './hierarchy-events';
import { bareQuestions, questionsOf, seatQuestionsOf, type Question } from './hierarchy-questions';
import type { Figures, Line } from './report';
import { alternating, round, type Size } from './rounds';

/** What one shape gave. */
interface Found extends Shape {
  readonly questions: Readonly<Record<string, Figures>>;
  readonly bare: Readonly<Record<string, Figures>>;
  readonly built: readonly { readonly what: string; readonly unit: string; readonly figure: number }[];
}

/** Of the smallest size also a deep line and a wide one. */
const OTHER_WIDTHS = [2, 1_000];
const OF_SHAPE = ['approvers', 'approvers, as known earlier', 'direct team', 'whole team', 'whole team, as known earlier'];

export async function hierarchy(folder: string, { sizes, roundMs }: Size): Promise<readonly Line[]> {
  const found: Found[] = [];
  const measured = async (shape: Shape) => measure(join(folder, `${shape.people}-${shape.width}`), shape, roundMs);
  for (const people of sizes.toSorted((one, other) => one - other)) found.push(await measured({ people, width: WIDTH }));
  const first = found[0]!;
  const shaped: Found[] = [];
  for (const width of OTHER_WIDTHS) shaped.push(await measured({ people: first.people, width }));
  return [...found.flatMap((one) => linesOf(one, first)), ...growth(found), ...shaped.flatMap((one) => shapeLines(one, first))];
}

async function measure(folder: string, shape: Shape, roundMs: number): Promise<Found> {
  mkdirSync(folder);
  const path = join(folder, 'views.db');
  const models = new ReadModels(path, [...organisation.projections, ...approvals.projections]);
  let ms = 0;
  // Making the events is not counted.
  const take = (events: Iterable<Typed>) => {
    for (const batch of recorded(events, models.position)) {
      const start = performance.now();
      models.apply(batch);
      ms += performance.now() - start;
    }
  };
  take(builtUp(shape));
  const before = models.position;
  take(changed(shape));
  const start = performance.now();
  models.commit();
  ms += performance.now() - start;
  if (models.parked().length > 0) throw new Error(`parked: ${JSON.stringify(models.parked()[0])}`);
  const [perSecond, rss] = [models.position / (ms / 1000), process.memoryUsage().rss / 1e6];
  const usual = shape.width === WIDTH;
  const all = Object.entries(questionsOf(models, shape, before));
  const byLinks = await asked(Object.fromEntries(all.filter(([name]) => usual || OF_SHAPE.includes(name))), roundMs);
  take(bySeats());
  const questions = usual ? { ...byLinks, ...(await asked(seatQuestionsOf(models, shape), roundMs)) } : byLinks;
  models.close();
  const db = new DatabaseSync(path, { readOnly: true });
  const bare = await asked(bareQuestions(db, shape), roundMs);
  db.close();
  const built = [
    { what: 'events into rows', unit: ' events/s', figure: perSecond },
    { what: 'memory', unit: ' MB', figure: rss },
    { what: 'file', unit: ' MB', figure: statSync(path).size / 1e6 },
  ];
  return { ...shape, questions, bare, built };
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

/** What depth and width cost: beside the usual shape of as many people. */
function shapeLines({ people, width, questions }: Found, usual: Found): readonly Line[] {
  const beside = `${usual.width} wide`;
  return OF_SHAPE.map((name): Line => {
    const sides = { ours: questions[name]!, beside, its: usual.questions[name]! };
    return { what: `shape, ${name}`, at: `${people} people, ${width} wide`, unit: ' µs', ...sides };
  });
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

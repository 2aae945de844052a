// What the same question finds again and again, kept until the read models that it asks change.
import type { Cell, Views } from './projection';
import { Recent } from './recent';

/** Answers of each kind that are kept. */
const ANSWERS_MAX = 5_000;

type Keep<Answer> = (views: Views, key: Cell, ask: () => Answer) => Answer;
type Ask = <Found>(views: Views, sql: string, ...values: readonly Cell[]) => readonly Found[];

/**
 * A way to ask read models that remembers the answers as long as no row of them changes. For what changes seldom and is
 * asked for with every request. An answer must come of its key and of those read models alone; views that do not say their
 * version are asked each time. Without any read model an answer is one that never changes under its key.
 */
export function keptAnswers<Answer>(...models: readonly string[]): Keep<Answer> {
  const known = new WeakMap<Views, { readonly version: number; readonly answers: Recent<Answer, Cell> }>();
  return (views, key, ask) => {
    const version = versionOf(views, models);
    if (version === undefined) return ask();
    let kept = known.get(views);
    if (kept?.version !== version) known.set(views, (kept = { version, answers: new Recent(ANSWERS_MAX) }));
    let answer = kept.answers.get(key);
    if (answer === undefined) kept.answers.set(key, (answer = ask()));
    return answer;
  };
}

/** The same for rows of one read model: its answers are told apart by the text of SQL and its values. */
export function keptRows(model: string): Ask {
  const asks = new Map<string, Keep<readonly unknown[]>>();
  return <Found>(views: Views, sql: string, ...values: readonly Cell[]) => {
    let ask = asks.get(sql);
    if (!ask) asks.set(sql, (ask = keptAnswers(model)));
    const key = values.length === 1 ? values[0]! : JSON.stringify(values);
    return ask(views, key, () => views.all<Found>(sql, ...values)) as readonly Found[];
  };
}

/** Each only grows, so that their sum is another one whenever one of them is. */
function versionOf(views: Views, models: readonly string[]): number | undefined {
  let sum = 0;
  for (const model of models) {
    const version = views.version?.(model);
    if (version === undefined) return undefined;
    sum += version;
  }
  return sum;
}

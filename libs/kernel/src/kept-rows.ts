// Rows that the same question finds again and again, kept until their read model changes.
import type { Cell, Views } from './projection';
import { Recent } from './recent';

/** Answers of each text of SQL that are kept. */
const ANSWERS_MAX = 5_000;

type Ask = <Found>(views: Views, sql: string, ...values: readonly Cell[]) => readonly Found[];
interface Kept {
  readonly version: number;
  readonly answers: Map<string, Recent<readonly unknown[], Cell>>;
}

/**
 * A way to ask a read model that remembers the answers as long as no row of it changes. For what changes seldom and is
 * asked for with every request. The SQL must read tables of that read model alone; views that do not say their version
 * are asked each time.
 */
export function keptRows(model: string): Ask {
  const known = new WeakMap<Views, Kept>();
  return <Found>(views: Views, sql: string, ...values: readonly Cell[]) => {
    const version = views.version?.(model);
    if (version === undefined) return views.all<Found>(sql, ...values);
    let kept = known.get(views);
    if (kept?.version !== version) known.set(views, (kept = { version, answers: new Map() }));
    let answers = kept.answers.get(sql);
    if (!answers) kept.answers.set(sql, (answers = new Recent(ANSWERS_MAX)));
    const key = values.length === 1 ? values[0]! : JSON.stringify(values);
    let rows = answers.get(key);
    if (!rows) answers.set(key, (rows = views.all<Found>(sql, ...values)));
    return rows as readonly Found[];
  };
}

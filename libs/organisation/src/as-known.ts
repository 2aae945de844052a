// What was known at a place in the log: the same questions, asked of the facts as they were believed then.
import { Recent, type Views } from '@app/kernel';
import { HIERARCHY } from './hierarchy';
import { columnsOf, type FactTable } from './two-times';

/** Positions of which is kept what was found there: those of pages that are asked one after the other. */
const POSITIONS_MAX = 4;
const known = new WeakMap<Views, WeakMap<readonly FactTable[], Recent<Views>>>();

/**
 * The read models as they were known after the event at the position. Every query runs unchanged: under the name of each
 * table of facts stand the rows that were believed then. Tables that are not among the facts are as they are now.
 */
export function asKnown(views: Views, position: number, facts: readonly FactTable[] = HIERARCHY): Views {
  let ofFacts = known.get(views);
  if (!ofFacts) known.set(views, (ofFacts = new WeakMap()));
  let positions = ofFacts.get(facts);
  if (!positions) ofFacts.set(facts, (positions = new Recent(POSITIONS_MAX)));
  let then = positions.get(String(position));
  if (!then) positions.set(String(position), (then = viewsThen(views, position, facts)));
  return then;
}

function viewsThen(views: Views, position: number, facts: readonly FactTable[]): Views {
  return {
    get: (sql, ...values) => views.get(asOfPosition(sql, facts), position, ...values),
    all: (sql, ...values) => views.all(asOfPosition(sql, facts), position, ...values),
    ...(views.version && { version: (model: string) => views.version!(model) }),
  };
}

/** The read models as they were known at a position or an instant, as callers write either; as they are known now without. */
export function asKnownAt(views: Views, at: string | undefined): Views {
  const position = knownPosition(views, at);
  return position === undefined ? views : asKnown(views, position);
}

/** The last position that the organisation had at a position or an instant; nothing where nothing is later. */
export function knownPosition(views: Views, at: string | undefined): number | undefined {
  return at === undefined ? undefined : positionAt(at, (instant) => recordedAfter(views, instant));
}

/** The last position that was known at a position or an instant; nothing where everything was. */
export function positionAt(at: string, after: (instant: string) => number | undefined): number | undefined {
  if (/^\d+$/.test(at)) return Number(at);
  // Recorded instants have milliseconds, and compare as text.
  const first = after(at.replace(/(?:\.(\d+))?Z$/, (_, fraction = '') => `.${fraction.slice(0, 3).padEnd(3, '0')}Z`));
  return first === undefined ? undefined : first - 1;
}

/** The first position at which something was recorded later than the instant; nothing when nothing was. */
export function recordedAfter(views: Views, instant: string): number | undefined {
  return views.get<{ first: number }>('select first from recorded_instants where at > ? order by at limit 1', instant)?.first;
}

const rewritten = new WeakMap<readonly FactTable[], Map<string, string>>();

/** Each text of SQL becomes one other text, so that it is prepared once too. */
function asOfPosition(sql: string, facts: readonly FactTable[]): string {
  let texts = rewritten.get(facts);
  if (!texts) rewritten.set(facts, (texts = new Map()));
  let text = texts.get(sql);
  if (text === undefined) texts.set(sql, (text = rewrite(sql, facts)));
  return text;
}

/** The position is the first parameter, so those that the query numbers move up by one. */
function rewrite(sql: string, facts: readonly FactTable[]): string {
  const named = facts.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(sql));
  if (named.length === 0) throw new Error(`no facts in: ${sql}`);
  const moved = sql.replaceAll(/\?(\d+)/g, (_, number) => `?${Number(number) + 1}`);
  return `with ${named.map(believed).join(', ')} ${moved}`;
}

/** Not materialized, so that SQLite looks into both halves by their indexes instead of copying them. */
function believed(fact: FactTable): string {
  const columns = columnsOf(fact).join(', ');
  return `${fact.name} as not materialized (
    select ${columns} from main.${fact.name} where recorded <= ?1
    union all select ${columns} from main.${fact.name}_past where recorded <= ?1 and superseded > ?1)`;
}

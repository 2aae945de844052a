// What is asked of an organisation, by the product and in bare SQL; who is asked about changes from one question to the next.
import type { DatabaseSync } from 'node:sqlite';
import { resolve } from '@app/approvals';
import type { Views } from '@app/kernel';
import { asKnown, chartOfPosts, managersOf, teamPage, type TeamQuery } from '@app/organisation';
import { above, DEEP, familyNameOf, MOVED } from './hierarchy-events';

const TODAY = '2026-11-22';
const PAST = '2025-06-01';
const PAGE = 50;
const STEP = 7_919;

/** Asked so many times before, and throws where the answer is wrong: a fast wrong answer is none. */
export type Question = (turn: number) => void;

export function questionsOf(views: Views, people: number, before: number): Readonly<Record<string, Question>> {
  const then = asKnown(views, before);
  const whole = { scope: 'all', asOf: TODAY, responsibility: 'reporting', limit: PAGE } as const;
  const managers = (of: Views, asOf: string, moved: boolean) => (turn: number) => {
    const at = somebody(turn, people);
    const [manager] = managersOf(of, { assignment: `P${at}-0`, responsibilities: ['approval'], asOf });
    requireTrue(manager?.person === `P${above(at, DEEP) - (moved && at % MOVED === 0 ? 1 : 0)}`);
  };
  const rare = (turn: number) => {
    let at = top(turn, people);
    const person = `P${at}`;
    while (DEEP * at + 1 < people) at = DEEP * at + 1;
    const { items } = teamPage(views, { ...whole, person, search: familyNameOf(at) });
    requireTrue(items.length > 0 && items.every((one) => one.person === `P${at}`));
  };
  return {
    approvers: (turn) => {
      const person = `P${somebody(turn, people)}`;
      requireTrue(
        resolve(views, { requester: person, beneficiary: person, assignment: `${person}-${turn % 3}`, on: TODAY }).slate.length > 0,
      );
    },
    'managers, now': managers(views, TODAY, true),
    'managers, as of a past day': managers(views, PAST, false),
    'managers, as known earlier': managers(then, TODAY, false),
    'direct team': (turn) => {
      const person = `P${above(somebody(turn, people), DEEP)}`;
      requireTrue(teamPage(views, { ...whole, scope: 'direct', person }).items.length > 0);
    },
    'whole team': pages(views, whole, people),
    'whole team, as known earlier': pages(then, whole, people),
    'search, a frequent word': pages(views, { ...whole, search: 'nurse' }, people),
    'search, a rare name': rare,
    chart: (turn) => requireTrue(chartOfPosts(views, { asOf: TODAY, limit: PAGE, position: `S${turn % 2}` }).items.length > 0),
  };
}

/** The rows alone: no reporting modes, no objects, no rule of who is passed over. */
export function bareQuestions(db: DatabaseSync, people: number): Readonly<Record<string, Question>> {
  const during = 'valid_from <= ?2 and (l.valid_to is null or l.valid_to > ?2)';
  const managers = db.prepare(`select p.id, p.given_name, p.family_name, l.kind, l.id as link from manager_links l
    join people p on p.id = l.manager where l.assignment = ?1 and l.${during}`);
  const team = db.prepare(`select p.id, p.given_name, p.family_name, a.title, a.unit, a.position from manager_links l
    join assignments a on a.id = l.assignment join people p on p.id = a.person where l.manager = ?1 and l.${during} order by a.id limit ${PAGE}`);
  return {
    'managers, now': (turn) => requireTrue(managers.all(`P${somebody(turn, people)}-0`, TODAY).length === 1),
    'direct team': (turn) => requireTrue(team.all(`P${above(somebody(turn, people), DEEP)}`, TODAY).length > 0),
  };
}

/** The pages of a whole team one after the other, then those of the next team. */
function pages(views: Views, query: Omit<TeamQuery, 'person'>, people: number): Question {
  let team = 0;
  let after: string | undefined;
  return () => {
    const { items, next } = teamPage(views, { ...query, person: `P${top(team, people)}`, ...(after !== undefined && { after }) });
    requireTrue(items.length > 0 || after !== undefined);
    after = next;
    if (next === undefined) team++;
  };
}

/** Anybody but the one at the top. */
function somebody(turn: number, people: number): number {
  return 1 + ((turn * STEP) % (people - 1));
}

/** One of those next to the top, below each of whom an eighth of all people are in the deep line alone. */
function top(turn: number, people: number): number {
  return 1 + (turn % Math.min(DEEP, people - 1));
}

function requireTrue(isSo: boolean): void {
  if (!isSo) throw new Error('the hierarchy answered otherwise than it was built');
}

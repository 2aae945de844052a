// What is asked of an organisation, by the product and in bare SQL; who is asked about changes from one question to the next.
import type { DatabaseSync } from 'node:sqlite';
import { FACTS, resolve } from '@app/approvals';
import type { Views } from '@app/kernel';
import { asKnown, chartOfPosts, managersOf, teamPage, type TeamQuery } from '@app/organisation';
import { above, familyNameOf, moves, PEOPLE_PER_UNIT, WIDTH, type Shape } from './hierarchy-events';

const TODAY = '2026-11-22';
const PAST = '2025-06-01';
const PAGE = 50;
const STEP = 7_919;
const WHOLE = { scope: 'all', asOf: TODAY, responsibility: 'reporting', limit: PAGE } as const;

/** Asked so many times before, and throws where the answer is wrong: a fast wrong answer is none. */
export type Question = (turn: number) => void;

export function questionsOf(views: Views, { people, width }: Shape, before: number): Readonly<Record<string, Question>> {
  const then = asKnown(views, before, FACTS);
  const managers = (of: Views, asOf: string, moved: boolean) => (turn: number) => {
    const at = somebody(turn, people);
    const [manager] = managersOf(of, { assignment: `P${at}-0`, responsibilities: ['approval'], asOf });
    requireTrue(manager?.person === `P${above(at, width) - (moved && moves(at, width) ? 1 : 0)}`);
  };
  const rare = (turn: number) => {
    let at = top(turn, people, width);
    const person = `P${at}`;
    while (width * at + 1 < people) at = width * at + 1;
    const { items } = teamPage(views, { ...WHOLE, person, search: familyNameOf(at) });
    requireTrue(items.length > 0 && items.every((one) => one.person === `P${at}`));
  };
  return {
    approvers: approvers(views, people),
    'approvers, as known earlier': approvers(then, people),
    'managers, now': managers(views, TODAY, true),
    'managers, as of a past day': managers(views, PAST, false),
    'managers, as known earlier': managers(then, TODAY, false),
    'direct team': (turn) => {
      const person = `P${above(somebody(turn, people), width)}`;
      requireTrue(teamPage(views, { ...WHOLE, scope: 'direct', person }).items.length > 0);
    },
    'whole team': pages(views, WHOLE, { people, width }),
    'whole team, as known earlier': pages(then, WHOLE, { people, width }),
    'search, a frequent word': pages(views, { ...WHOLE, search: 'nurse' }, { people, width }),
    'search, a rare name': rare,
    chart: (turn) => requireTrue(chartOfPosts(views, { asOf: TODAY, limit: PAGE, position: `S${turn % 2}` }).items.length > 0),
  };
}

/** What is asked again where the seats answer; one of so many people has one, in his first job. */
export function seatQuestionsOf(views: Views, { people }: Shape): Readonly<Record<string, Question>> {
  const seated = { people: Math.ceil(people / PEOPLE_PER_UNIT), width: WIDTH };
  return { 'approvers, by seats': approvers(views, seated.people, 1), 'whole team, by seats': pages(views, WHOLE, seated) };
}

function approvers(views: Views, people: number, jobs = 3): Question {
  return (turn) => {
    const person = `P${somebody(turn, people)}`;
    const question = { requester: person, beneficiary: person, assignment: `${person}-${turn % jobs}`, on: TODAY };
    requireTrue(resolve(views, question).slate.length > 0);
  };
}

/** The rows alone: no reporting modes, no objects, no rule of who is passed over. */
export function bareQuestions(db: DatabaseSync, { people, width }: Shape): Readonly<Record<string, Question>> {
  const during = 'valid_from <= ?2 and (l.valid_to is null or l.valid_to > ?2)';
  const managers = db.prepare(`select p.id, p.given_name, p.family_name, l.kind, l.id as link from manager_links l
    join people p on p.id = l.manager where l.assignment = ?1 and l.${during}`);
  const team = db.prepare(`select p.id, p.given_name, p.family_name, a.title, a.unit, a.position from manager_links l
    join assignments a on a.id = l.assignment join people p on p.id = a.person where l.manager = ?1 and l.${during} order by a.id limit ${PAGE}`);
  return {
    'managers, now': (turn) => requireTrue(managers.all(`P${somebody(turn, people)}-0`, TODAY).length === 1),
    'direct team': (turn) => requireTrue(team.all(`P${above(somebody(turn, people), width)}`, TODAY).length > 0),
  };
}

/** The pages of a whole team one after the other, then those of the next team. */
function pages(views: Views, query: Omit<TeamQuery, 'person'>, { people, width }: Shape): Question {
  let team = 0;
  let after: string | undefined;
  return () => {
    const { items, next } = teamPage(views, { ...query, person: `P${top(team, people, width)}`, ...(after !== undefined && { after }) });
    requireTrue(items.length > 0 || after !== undefined);
    after = next;
    if (next === undefined) team++;
  };
}

/** Anybody but the one at the top. */
function somebody(turn: number, people: number): number {
  return 1 + ((turn * STEP) % (people - 1));
}

/** One of those next to the top who have people below them in the line of the first jobs. */
function top(turn: number, people: number, width: number): number {
  return 1 + (turn % Math.max(1, Math.min(width, above(people - 1, width))));
}

function requireTrue(isSo: boolean): void {
  if (!isSo) throw new Error('the hierarchy answered otherwise than it was built');
}

// Finding people by what others know of them: names, e-mail address, user name, person number; case and accents do not matter.
import type { Tables, Views } from '@app/kernel';
import { personFrom, type Page, type Person, type PersonRow } from './hierarchy-queries';
import { LAST_DAY } from './interval';
import type { PersonDetails } from './person';

/** Letters that people write without their mark, though Unicode knows no mark to take away. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
const PLAIN_ONLY = /^[\0-\x7f]*$/;
/** What the index knows of a word are its runs of so many letters. */
const RUN = 3;
/** More people than this are not looked up one by one: whoever pages through all sooner meets one of so many. */
const FOUND_MAX = 1_000;
/** Asked beside what is not in two times, so that it can be asked of earlier knowledge too. */
const SOMEBODY = 'exists (select 1 from people)';

/** Every text that was ever a person's, and every title and unit, by which it is known what cannot be found among people. */
export const SEARCH_SCHEMA = `
  create virtual table people_text using fts5(
    person unindexed, text, tokenize = 'trigram', detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1);
  create table other_texts (text text primary key) strict, without rowid;
  create virtual table other_runs using fts5(text, tokenize = 'trigram', detail = none);`;
export const SEARCH_TABLES = ['people_text', 'other_texts', 'other_runs'];

/** The text as it is compared: without case and marks. */
export function folded(text: string): string {
  // Most texts have no marks to take away, and every title and unit of an import comes through here.
  if (PLAIN_ONLY.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter]!);
}

/** By which a person is found; each part on a line of its own, so that no word goes over two. */
export function soughtIn(id: string, { username, givenName, familyName, email = '' }: PersonDetails): string {
  return folded([id, username, `${givenName} ${familyName}`, email].join('\n'));
}

/** The position is the row's number, so that an event which comes twice makes one row. */
export function takePersonText(tables: Tables, position: number, person: string, text: string): void {
  tables.run('insert or replace into people_text (rowid, person, text) values (?, ?, ?)', position, person, text);
}

/** A title or a unit; most of them come many times, and are indexed once. */
export function takeOtherText(tables: Tables, text: string): void {
  const plain = folded(text);
  if (tables.run('insert or ignore into other_texts values (?)', plain) > 0) tables.run('insert into other_runs values (?)', plain);
}

/** The words of a search, all of which have to be found. */
export function wordsOf(search: string): readonly string[] {
  return folded(search).split(/\s+/).filter(Boolean);
}

export function holdsAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/**
 * Everybody who has, or once had, all the words; nothing where there are too many to look each up, or where no word
 * is long enough to be found by.
 */
export function everWith(views: Views, words: readonly string[]): readonly string[] | undefined {
  const indexed = words.filter(isIndexed);
  if (indexed.length === 0) return undefined;
  // Among a million there may be too many whose names hold the same runs in other places: then the runs between are asked for, too.
  return found(views, indexed.map(runsOf)) ?? found(views, indexed.map(everyRunOf));
}

function found(views: Views, runs: readonly string[]): readonly string[] | undefined {
  const sql = `select distinct person from people_text where people_text match ? and ${SOMEBODY} limit +?`;
  const people = views.all<{ person: string }>(sql, runs.join(' AND '), FOUND_MAX + 1);
  return people.length > FOUND_MAX ? undefined : people.map(({ person }) => person);
}

/** The words that no title and no unit ever had, so that only people can have them; what is too short for the index is left out. */
export function onlyPeopleHave(views: Views, words: readonly string[]): readonly string[] {
  const sql = `select 1 as yes from other_runs where other_runs match ? and instr(text, ?) and ${SOMEBODY} limit 1`;
  return words.filter((word) => isIndexed(word) && !views.get(sql, runsOf(word), word));
}

function isIndexed(word: string): boolean {
  return Array.from(word).length >= RUN;
}

/** Runs of letters that cover the word: as a rule there is no need for those between, since whoever is found is looked at. */
function runsOf(word: string): string {
  const last = Array.from(word).length - RUN;
  return runsAt(word, [...Array.from({ length: Math.ceil(last / RUN) }, (_, at) => at * RUN), last]);
}

function everyRunOf(word: string): string {
  return runsAt(word, [...Array(Array.from(word).length - RUN + 1).keys()]);
}

function runsAt(word: string, starts: readonly number[]): string {
  const letters = Array.from(word);
  const runs = starts.map((at) => letters.slice(at, at + RUN).join(''));
  return [...new Set(runs)].map((run) => `"${run.replaceAll('"', '""')}"`).join(' AND ');
}

/**
 * People whose number, user name, e-mail address or name have all the words of the search, by number. Where addresses are not
 * shown, one is found by the whole of it alone: nobody guesses it letter by letter.
 */
export function searchPeople(
  views: Views,
  {
    search = '',
    after = '',
    limit,
    asOf = LAST_DAY,
    showsEmail = true,
  }: Page & { readonly search?: string; readonly asOf?: string; readonly showsEmail?: boolean },
): readonly Person[] {
  const words = wordsOf(search);
  const found = words.length > 0 ? everWith(views, words) : undefined;
  const page: Person[] = [];
  for (let last = after, full = true; full && page.length < limit;) {
    const rows = found ? among(views, found, last, limit) : having(views, words, last, limit);
    const fits = ({ sought }: PersonRow) => holdsAll(showsEmail ? sought : unlessEmail(sought, words), words);
    page.push(...rows.filter(fits).map((row) => personFrom(row, asOf)));
    full = rows.length === limit;
    last = rows.at(-1)?.id ?? last;
  }
  return page.slice(0, limit);
}

/** The text without its last line, the e-mail address, unless a word is the whole of that. */
function unlessEmail(sought: string, words: readonly string[]): string {
  const end = sought.lastIndexOf('\n');
  return words.includes(sought.slice(end + 1)) ? sought : sought.slice(0, end);
}

function among(views: Views, found: readonly string[], after: string, limit: number): readonly PersonRow[] {
  const sql = 'select * from people where id in (select value from json_each(?)) and id > ? order by id limit +?';
  return views.all<PersonRow>(sql, JSON.stringify(found), after, limit);
}

function having(views: Views, words: readonly string[], after: string, limit: number): readonly PersonRow[] {
  const longest = words.toSorted((one, other) => other.length - one.length)[0];
  if (longest === undefined) return views.all<PersonRow>('select * from people where id > ? order by id limit +?', after, limit);
  const sql = 'select * from people where id > ? and instr(sought, ?) order by id limit +?';
  return views.all<PersonRow>(sql, after, longest, limit);
}

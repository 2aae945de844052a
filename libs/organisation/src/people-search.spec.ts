// Whatever finds people fast finds exactly those whom one finds by looking at everybody.
import { ReadModels } from '@app/event-log';
import type { Typed } from '@app/kernel';
import { asKnown, hierarchy, searchPeople, teamPage, type TeamMember } from '.';
import { randomFrom, seedOf } from '../../../test/support/random';
import { everWith } from './people-search';

const random = randomFrom(seedOf());
const ON = '2026-06-01';
const PARTS = ['Zoë', 'Anna', 'Ann', 'Müller', 'mul', 'Łukasz', 'Nolen', 'de Vries', 'Ôzgür', 'Strauß', '😀lea'];
const TITLES = ['Nurse', 'Ward Manager', 'Chirurg für Kinder', undefined];
const SEARCHES = ['zoe', 'ANN', 'mul', 'muller', 'łuk', 'strauss', 'vri', 'p1', 'p12@x', 'p3@x.EXAMPLE', 'nurse', 'kind', 'ward 2', 'w2'];
const TWO = ['ann nurse', 'muller ward', 'zoe p', 'x.example anna', 'a e', '"', 'nolen AND', '😀le', 'qqqq', '  '];
const plain = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ł', 'l').replaceAll('ß', 'ss');

class Organisation {
  readonly models = new ReadModels(':memory:', [hierarchy]);
  readonly texts = new Map<string, string>();
  private position = 0;

  learn(event: Typed & Record<string, unknown>): number {
    const position = ++this.position;
    const meta = { id: `e${position}`, command: 'c', actor: 'suite', at: new Date(position * 1000).toISOString() };
    this.models.apply([{ position, stream: 's-1', revision: position, event, meta }]);
    return position;
  }

  name(type: 'PersonRegistered' | 'PersonDetailsChanged', person: string): void {
    const [givenName, familyName] = [random.of(PARTS), random.of(PARTS)];
    const email = random.below(3) === 0 ? undefined : `${person}@x.example`;
    this.learn({ type, person, username: `u-${person}`, givenName, familyName, ...(email && { email }) });
    this.texts.set(person, plain([person, `u-${person}`, `${givenName} ${familyName}`, email ?? ''].join('\n')));
  }
}

function link(assignment: string, manager: string, managerAssignment?: string) {
  const named = { manager, kind: 'direct', responsibilities: ['reporting'], ...(managerAssignment && { managerAssignment }) };
  return { type: 'ManagersAssigned', links: [{ id: `${assignment}/l`, assignment, person: assignment.split('-')[0]!, ...named }] };
}

function build(people: number): Organisation {
  const organisation = new Organisation();
  for (const unit of ['w1', 'w2']) organisation.learn({ type: 'UnitsRecorded', units: [{ id: unit, name: `Wärd ${unit[1]}` }] });
  for (let at = 0; at < people; at++) {
    organisation.name('PersonRegistered', `p${at}`);
    for (const job of [1, 2].slice(0, 1 + random.below(2))) {
      const [title, unit] = [random.of(TITLES), random.of(['w1', 'w2', undefined])];
      const fields = { assignment: `p${at}-${job}`, person: `p${at}`, positionType: 't', from: '2026-01-01' };
      organisation.learn({ type: 'AssignmentStarted', ...fields, ...(title && { title }), ...(unit && { unit }) });
      const upper = random.below(at || 1);
      if (at > 0) organisation.learn(link(`p${at}-${job}`, `p${upper}`, random.below(2) === 0 ? `p${upper}-1` : undefined));
    }
    if (random.below(9) === 0) organisation.learn({ type: 'PersonDeactivated', person: `p${at}`, on: '2026-02-01' });
  }
  return organisation;
}

const question = { person: 'p0', scope: 'all', asOf: ON, responsibility: 'reporting' } as const;

function pages(views: Parameters<typeof teamPage>[0], search: string | undefined, limit: number): readonly TeamMember[] {
  const all: TeamMember[] = [];
  for (let after: string | undefined; ;) {
    const page = teamPage(views, { ...question, search, limit, ...(after !== undefined && { after }) });
    all.push(...page.items);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

test(`a search in a team, and one among all people, finds whom looking at everybody finds (SEED=${random.seed})`, () => {
  let found = 0;
  for (let round = 0; round < 15; round++) {
    const organisation = build(40 + random.below(60));
    const { models } = organisation;
    const then = { texts: new Map(organisation.texts), position: models.position };
    for (let changes = 10; changes > 0; changes--) organisation.name('PersonDetailsChanged', `p${random.below(40)}`);
    for (const [views, texts] of [
      [models, organisation.texts],
      [asKnown(models, then.position), then.texts],
    ] as const) {
      const everybody = pages(views, undefined, 200);
      for (const search of [...SEARCHES, ...TWO]) {
        const words = plain(search).split(/\s+/).filter(Boolean);
        const has = (text: string) => words.every((word) => text.includes(word));
        const wanted = everybody.filter(({ person, title = '', unit = '' }) =>
          has(`${texts.get(person)}\n${plain(title)}\n${unit}\n${unit && `ward ${unit[1]}`}`),
        );
        expect([search, pages(views, search, 1 + random.below(9))]).toEqual([search, wanted]);
        const people = [...texts].filter(([, text]) => has(text)).map(([id]) => id);
        expect([search, searchPeople(views, { search, limit: 500 }).map(({ id }) => id)]).toEqual([search, people.sort()]);
        found += wanted.length;
      }
    }
    models.close();
  }
  expect(found).toBeGreaterThan(1_000);
});

test('a search of a large team looks at so many at a time, and its pages together at everybody', () => {
  const organisation = new Organisation();
  const links: unknown[] = [];
  for (let at = 0; at < 6_000; at++) {
    const person = `p${at}`;
    organisation.learn({
      type: 'PersonRegistered',
      person,
      username: person,
      givenName: 'A',
      familyName: at % 2_500 === 2_400 ? 'Qé' : 'B',
    });
    organisation.learn({ type: 'AssignmentStarted', assignment: `${person}-1`, person, positionType: 't', from: '2026-01-01' });
    if (at > 0) links.push({ ...link(`${person}-1`, 'p0').links[0]! });
  }
  organisation.learn({ type: 'ManagersAssigned', links });
  const first = teamPage(organisation.models, { ...question, search: 'qe', limit: 50 });
  expect(first.next).toBeDefined();
  expect(pages(organisation.models, 'qe', 50).map(({ person }) => person)).toEqual(['p2400', 'p4900']);
  organisation.models.close();
});

test('of more people than are looked up who have the same runs of letters, those are found who have them in the order of the word', () => {
  const organisation = new Organisation();
  const register = (person: string, familyName: string) =>
    organisation.learn({ type: 'PersonRegistered', person, username: person, givenName: 'A', familyName });
  for (let at = 0; at < 1_100; at++) register(`p${at}`, 'Nolxan');
  register('rare', 'Xannol');
  expect(everWith(organisation.models, ['xannol'])).toEqual(['rare']);
  organisation.models.close();
});

test('who is not shown addresses finds nobody by a part of one, and by the whole of it whoever has it', () => {
  const organisation = new Organisation();
  organisation.learn({
    type: 'PersonRegistered',
    person: 'p1',
    username: 'ann',
    givenName: 'Ann',
    familyName: 'Lee',
    email: 'al@x.example',
  });
  organisation.learn({ type: 'PersonRegistered', person: 'p2', username: 'bo', givenName: 'Bo', familyName: 'Example' });
  const found = (search: string, showsEmail: boolean) =>
    searchPeople(organisation.models, { search, limit: 9, showsEmail }).map(({ id }) => id);
  expect([found('example', true), found('al@x.exampl', true)]).toEqual([['p1', 'p2'], ['p1']]);
  expect([found('example', false), found('al@x.exampl', false), found('lee al@', false)]).toEqual([['p2'], [], []]);
  expect([found('AL@x.example', false), found('lee al@x.example', false), found('ann', false)]).toEqual([['p1'], ['p1'], ['p1']]);
  organisation.models.close();
});

// Organograms: one row for each post and holder. The post is a position, the holder a person with an assignment in it.
import type { Views } from '@app/kernel';
import { positionHolders, positionOf, type NamedManager } from '@app/organisation';
import { taken, type AssignmentDraft, type Drafts, type NodeDraft, type PersonDraft } from './drafts';
import type { Piecewise } from './piecewise';
import { isId, type Remark, type Row, type Sheet } from './sheet';

const POSTS_NOTED_ABOVE = 5;
const SLUG_CHARACTERS_MAX = 60;

/** A post with its superior and all its holders, in the order of the rows. */
interface Post {
  readonly id: string;
  readonly superior: string | undefined;
  readonly holders: Holder[];
}
interface Holder {
  readonly person: string;
  readonly assignment: string;
}

export function* postDrafts({ rows, mapping }: Sheet, views: Views, effective: string): Piecewise<Drafts> {
  const vacant = new Set((mapping.vacant ?? []).map(folded));
  const top = new Set(mapping.top ?? []);
  const posts = new Map<string, Post>();
  const drafts = {
    units: [] as NodeDraft[],
    positions: [] as NodeDraft[],
    people: [] as PersonDraft[],
    assignments: [] as AssignmentDraft[],
  };
  const noted: Remark[] = [];
  const held: { row: Row; post: Post; holder: Holder; unit: string | undefined }[] = [];
  for (const row of taken(rows)) {
    yield;
    const id = row.text('post')!;
    const unit = unitIn(row, drafts.units);
    const superior = row.text('superior');
    const post = posts.get(id) ?? { id, superior: top.has(superior ?? '') ? undefined : superior, holders: [] };
    noted.push(...oddities(row, { again: posts.has(id), vacant, top }));
    posts.set(id, post);
    drafts.positions.push({ row, id, fields: { name: row.text('title') ?? id, above: post.superior, unit } });
    const name = row.text('holder')?.trim() ?? '';
    if (vacant.has(folded(name))) continue;
    const holder = holderOf(post, name, { views, effective });
    if (!isId(holder.person) || !isId(holder.assignment)) row.refuse('bad-id', `no id can be made of the holder ${name}`);
    else if (!post.holders.some(({ person }) => person === holder.person)) {
      post.holders.push(holder);
      held.push({ row, post, holder, unit });
      drafts.people.push({ row, person: holder.person, fields: { username: holder.person, ...nameParts(name) } });
    }
  }
  for (const { row, post, holder, unit } of held) {
    yield;
    const above = holdersAbove(post, holder, { posts, views, effective });
    const fields = { positionType: 'substantive', position: post.id, unit, title: row.text('title') };
    // Nobody can say which of several is the manager; those recorded stay, and the post itself answers to the shared one.
    const managers = above.length > 1 ? {} : { managers: above.map(directManager) };
    if (above.length > 1) row.refusePart('ambiguous-manager', ambiguity(above));
    drafts.assignments.push({ row, ...holder, fields, ...managers, whole: true });
  }
  return { ...drafts, noted: [...noted, ...oftenNamed(held)], repeats: true };
}

/** The holders of the superior post. A vacant one, and one that the same person holds alone, is passed over upwards (E36). */
function holdersAbove(
  { superior }: Post,
  { person }: Holder,
  { posts, views, effective }: { posts: ReadonlyMap<string, Post>; views: Views; effective: string },
): readonly Holder[] {
  const passed = new Set<string>();
  for (
    let id = superior;
    id !== undefined && !passed.has(id);
    id = posts.has(id) ? posts.get(id)!.superior : positionOf(views, id)?.superior
  ) {
    passed.add(id);
    const recorded = () => positionHolders(views, id, effective).map((one) => ({ person: one.person, assignment: one.id }));
    const holders = (posts.get(id)?.holders ?? recorded()).filter((holder) => holder.person !== person);
    if (holders.length > 0) return holders;
  }
  return [];
}

function directManager({ person, assignment }: Holder): NamedManager {
  return { manager: person, managerAssignment: assignment, kind: 'direct', responsibilities: ['approval', 'reporting', 'appraisal'] };
}

function ambiguity(holders: readonly Holder[]): string {
  const candidates = holders.map(({ assignment }) => assignment);
  return `the superior post is shared by ${candidates.join(' and ')}; say who manages. The rest of the row is taken`;
}

function unitIn(row: Row, units: NodeDraft[]): string | undefined {
  const [organisation, unit] = [row.text('organisation'), row.text('unit')];
  if (organisation === undefined) return undefined;
  const whole = slug(organisation);
  if (!isId(whole)) return undefined;
  units.push({ row, id: whole, fields: { name: organisation } });
  const id = unit === undefined ? '' : `${whole}.${slug(unit)}`;
  if (unit === undefined || !isId(id)) return whole;
  units.push({ row, id, fields: { name: unit, above: whole } });
  return id;
}

function oddities(row: Row, { again, vacant, top }: { again: boolean; vacant: ReadonlySet<string>; top: ReadonlySet<string> }): Remark[] {
  const post = row.text('post')!;
  const found: Remark[] = [];
  const name = folded(row.text('holder') ?? '');
  const [fte, superior] = [row.text('fte'), row.text('superior')];
  if (again) found.push(row.remark('post-again', `${post} stands in an earlier row: the post is shared, or written twice`));
  if (name === 'eliminated' && vacant.has(name))
    found.push(row.remark('post-eliminated', `${post} is said to be eliminated; it is recorded as vacant`));
  if (!(Number(fte) > 0)) found.push(row.remark('odd-fte', `${post} has an FTE of ${fte ?? 'nothing'}`));
  if (superior !== undefined && top.has(superior)) found.push(row.remark('top-post', `${post} reports to nobody (${superior})`));
  return found;
}

/** Somebody in very many posts is perhaps no person but a word for none; the file has to be asked. */
function oftenNamed(held: readonly { readonly row: Row; readonly holder: Holder }[]): readonly Remark[] {
  const byPerson = Map.groupBy(held, ({ holder }) => holder.person);
  return [...byPerson]
    .filter(([, posts]) => posts.length > POSTS_NOTED_ABOVE)
    .map(([person, posts]) => posts[0]!.row.remark('holds-many-posts', `${person} holds ${posts.length} posts; perhaps this is no name`));
}

function holderOf({ id }: Post, name: string, day: { readonly views: Views; readonly effective: string }): Holder {
  const person = slug(name);
  return { person, assignment: spellOf(`${id}.${person}`, person, day) };
}

interface Spell {
  readonly id: string;
  readonly valid_to: string | null;
}

/** Who comes back to a post after others held it has a second assignment there, so that what was between stays true. */
function spellOf(first: string, person: string, { views, effective }: { readonly views: Views; readonly effective: string }): string {
  const spells = views.all<Spell>(
    `select id, valid_to from assignments where person = ?1 and (id = ?2 or substr(id, 1, length(?2) + 1) = ?2 || ':')
      and (valid_to is null or valid_to > valid_from) order by valid_from`,
    person,
    first,
  );
  if (spells.length === 0) return first;
  return spells.find(({ valid_to }) => valid_to === null || valid_to > effective)?.id ?? `${first}:${effective}`;
}

function nameParts(name: string): { givenName: string; familyName: string } {
  const blank = name.lastIndexOf(' ');
  return { givenName: name.slice(0, Math.max(0, blank)), familyName: name.slice(blank + 1) };
}

function folded(name: string): string {
  return name.trim().toLowerCase();
}

function slug(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, SLUG_CHARACTERS_MAX)
    .replaceAll(/^-|-$/g, '');
}

// The organisation on one day: each part of it is read when it is asked for first, and once.
import type { Views } from '@app/kernel';
import {
  ask,
  assignmentOf,
  assignmentsOf,
  inactivePeople,
  isActive,
  linksInEffect,
  linksOf,
  positionHolders,
  assignmentsInEffect,
  type Assignment,
} from './hierarchy-queries';
import { inEffect } from './interval';
import type { ManagerLink } from './manager-link';
import type { Position } from './position-tree';
import type { ModeChoice } from './reporting-modes';
import { choosesPersons, modeChosen, positionOf, positionsUnder, positionTypeOf, unitOf, usesPositionCodes } from './structure-queries';

export class Day {
  private readonly assignments = new Known<Assignment | undefined>();
  private readonly held = new Known<readonly Assignment[]>();
  private readonly links = new Known<readonly ManagerLink[]>();
  private readonly holders = new Known<readonly Assignment[]>();
  private readonly positions = new Known<Position | undefined>();
  private readonly parents = new Known<string | undefined>();
  private readonly choices = new Known<ModeChoice | undefined>();
  private readonly aspirations = new Known<boolean>();
  private readonly active = new Known<boolean>();
  private readonly managing = new Known<boolean>();
  private readonly above = new Known<boolean>();
  private codes: boolean | undefined;
  private persons: boolean | undefined;
  /** Whether everything is read, so that what is not there does not exist. */
  private whole = false;

  constructor(
    readonly views: Views,
    readonly on: string,
  ) {}

  /** The assignment, in effect on the day or not. */
  assignment(id: string): Assignment | undefined {
    return this.assignments.once(id, () => assignmentOf(this.views, id));
  }

  /** What the person holds on the day. */
  heldBy(person: string): readonly Assignment[] {
    return this.held.once(person, () => (this.whole ? [] : assignmentsOf(this.views, person, this.on)));
  }

  /** Manager links in effect, whichever hierarchy answers. */
  linksOf(assignment: string): readonly ManagerLink[] {
    return this.links.once(assignment, () => (this.whole ? [] : linksOf(this.views, assignment).filter((link) => inEffect(link, this.on))));
  }

  holdersOf(position: string): readonly Assignment[] {
    return this.holders.once(position, () => (this.whole ? [] : positionHolders(this.views, position, this.on)));
  }

  position(id: string): Position | undefined {
    return this.positions.once(id, () => positionOf(this.views, id, this.on));
  }

  parentOf(unit: string): string | undefined {
    return this.parents.once(unit, () => unitOf(this.views, unit, this.on)?.parent);
  }

  /** What the unit itself has chosen. */
  choiceOf(unit: string): ModeChoice | undefined {
    return this.choices.once(unit, () => modeChosen(this.views, unit, this.on));
  }

  /** Whether an assignment of the type is aimed at, not held. */
  isAspiration(positionType: string): boolean {
    return this.aspirations.once(positionType, () => positionTypeOf(this.views, positionType)?.aspirational === true);
  }

  isActive(person: string): boolean {
    return this.active.once(person, () => isActive(this.views, person, this.on));
  }

  /** Whether the person is named as a manager, on whatever day, or holds a position that has others under it. */
  mayManage(person: string): boolean {
    if (this.isLinkedTo(person)) return true;
    return this.heldBy(person).some(({ position }) => position !== undefined && this.hasUnder(position));
  }

  /** Whether a link names the person as a manager, on whatever day. */
  isLinkedTo(person: string): boolean {
    const sql = 'select 1 as yes from manager_links where manager = ? limit 1';
    return this.managing.once(person, () => ask(this.views, sql, person).length > 0);
  }

  private hasUnder(position: string): boolean {
    return this.above.once(position, () => positionsUnder(this.views, position, this.on).length > 0);
  }

  /** Whether position codes were ever chosen anywhere: most sites need not look any further. */
  usesPositionCodes(): boolean {
    return (this.codes ??= usesPositionCodes(this.views));
  }

  /** Whether person-to-person was ever chosen anywhere. */
  choosesPersons(): boolean {
    return (this.persons ??= choosesPersons(this.views));
  }

  /** Everybody's jobs and links at once, for whoever looks at all of them: it pauses after each portion. */
  *readAll(): Generator<void, readonly Assignment[]> {
    const { views, on } = this;
    const all: Assignment[] = [];
    const inactive = new Set(inactivePeople(views, on));
    for (const rows of portions((after) => assignmentsInEffect(views, on, { after, limit: PORTION }))) {
      for (const job of rows) {
        all.push(job);
        this.assignments.set(job.id, job);
        put(this.held, job.person, job);
        const { person, position } = job;
        if (position !== undefined && !inactive.has(person) && !this.isAspiration(job.positionType)) put(this.holders, position, job);
        this.active.set(person, !inactive.has(person));
      }
      yield;
    }
    for (const rows of portions((after) => linksInEffect(views, on, { after, limit: PORTION }))) {
      for (const link of rows) put(this.links, link.assignment, link);
      yield;
    }
    this.whole = true;
    return all;
  }
}

const PORTION = 1_000;

function* portions<Item extends { readonly id: string }>(read: (after: string) => readonly Item[]): Generator<readonly Item[]> {
  for (let after = '', full = true; full;) {
    const rows = read(after);
    yield rows;
    full = rows.length === PORTION;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Answers by key. Most days are asked a few things, so that the map is made for the first answer. */
class Known<Value> {
  private answers: Map<string, Value> | undefined;

  once(key: string, from: () => Value): Value {
    const known = this.answers?.get(key);
    if (known !== undefined || this.answers?.has(key)) return known as Value;
    const found = from();
    this.set(key, found);
    return found;
  }

  get(key: string): Value | undefined {
    return this.answers?.get(key);
  }

  set(key: string, value: Value): void {
    (this.answers ??= new Map()).set(key, value);
  }
}

function put<Item>(read: Known<readonly Item[]>, key: string, item: Item): void {
  const known = read.get(key) as Item[] | undefined;
  if (known) known.push(item);
  else read.set(key, [item]);
}

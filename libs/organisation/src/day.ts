// The organisation on one day: each part of it is read when it is asked for first, and once.
import type { Views } from '@app/kernel';
import { assignmentOf, assignmentsOf, isActive, linksOf, positionHolders, type Assignment } from './hierarchy-queries';
import { inEffect } from './interval';
import type { ManagerLink } from './manager-link';
import type { Position } from './position-tree';
import type { ModeChoice } from './reporting-modes';
import { modeChosen, positionOf, positionTypeOf, unitOf, usesPositionCodes } from './structure-queries';

export class Day {
  private readonly assignments = new Map<string, Assignment | undefined>();
  private readonly held = new Map<string, readonly Assignment[]>();
  private readonly links = new Map<string, readonly ManagerLink[]>();
  private readonly holders = new Map<string, readonly Assignment[]>();
  private readonly positions = new Map<string, Position | undefined>();
  private readonly parents = new Map<string, string | undefined>();
  private readonly choices = new Map<string, ModeChoice | undefined>();
  private readonly aspirations = new Map<string, boolean>();
  private readonly active = new Map<string, boolean>();
  private codes: boolean | undefined;

  constructor(
    readonly views: Views,
    readonly on: string,
  ) {}

  /** The assignment, in effect on the day or not. */
  assignment(id: string): Assignment | undefined {
    return once(this.assignments, id, () => assignmentOf(this.views, id));
  }

  /** What the person holds on the day. */
  heldBy(person: string): readonly Assignment[] {
    return once(this.held, person, () => assignmentsOf(this.views, person, this.on));
  }

  /** Manager links in effect, whichever hierarchy answers. */
  linksOf(assignment: string): readonly ManagerLink[] {
    return once(this.links, assignment, () => linksOf(this.views, assignment).filter((link) => inEffect(link, this.on)));
  }

  holdersOf(position: string): readonly Assignment[] {
    return once(this.holders, position, () => positionHolders(this.views, position, this.on));
  }

  position(id: string): Position | undefined {
    return once(this.positions, id, () => positionOf(this.views, id, this.on));
  }

  parentOf(unit: string): string | undefined {
    return once(this.parents, unit, () => unitOf(this.views, unit, this.on)?.parent);
  }

  /** What the unit itself has chosen. */
  choiceOf(unit: string): ModeChoice | undefined {
    return once(this.choices, unit, () => modeChosen(this.views, unit, this.on));
  }

  /** Whether an assignment of the type is aimed at, not held. */
  isAspiration(positionType: string): boolean {
    return once(this.aspirations, positionType, () => positionTypeOf(this.views, positionType)?.aspirational === true);
  }

  isActive(person: string): boolean {
    return once(this.active, person, () => isActive(this.views, person, this.on));
  }

  /** Whether position codes were ever chosen anywhere: most sites need not look any further. */
  usesPositionCodes(): boolean {
    return (this.codes ??= usesPositionCodes(this.views));
  }
}

function once<Value>(read: Map<string, Value>, key: string, from: () => Value): Value {
  const known = read.get(key);
  if (known !== undefined || read.has(key)) return known as Value;
  const found = from();
  read.set(key, found);
  return found;
}

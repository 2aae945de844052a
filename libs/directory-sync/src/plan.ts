// What files come to: commands in their order, and what is to be told of them.
import type { AnyDecider, Typed } from '@app/kernel';
import type { Remark, Row } from './sheet';

/** A command, and the rows that asked for it. */
export interface Step {
  readonly decider: AnyDecider;
  readonly id: string;
  readonly command: Typed;
  readonly rows: readonly Row[];
  /** What the step is about first: with it, a step of the same import is known again. */
  readonly subject: string;
  /** How many things it records, where all of them are new: then the command itself says what changes. */
  readonly fresh?: number | undefined;
  /** The same in smaller steps, each of which can be refused alone. */
  readonly parts?: () => readonly Step[];
}
export interface Plan {
  /** One after the other: units, then positions, those above first. */
  readonly trees: readonly Step[];
  /** In any order. */
  readonly people: readonly Step[];
  /** One after the other: managers before those who report to them. */
  readonly managers: readonly Step[];
  /** How much would end, of how much that is in effect and that the files speak of. */
  readonly ends: number;
  readonly known: number;
  /** Assignments that end because the file no longer names them. */
  readonly unnamed: number;
  readonly noted: readonly Remark[];
}

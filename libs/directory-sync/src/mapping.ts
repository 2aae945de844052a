// A mapping is data: which column feeds which field. The presets are mappings, and so is whatever an administrator saves.
// The columns that presets read are listed in docs/import-columns.md, which a test holds to them.

import { FIELDS, type Element } from './fields';
import type { Written } from './read-csv';
import type { DateOrder } from './read-date';

/** How the caller says that a file is written; the file tells what is not said. */
export interface Stated extends Written {
  /** Which of day and month comes first. */
  readonly dates?: DateOrder;
}

export interface Mapping {
  readonly element: Element;
  /**
   * The headers that may feed a field, in any case; the first is the one we name when it is missing. A `#` stands for a
   * number: `job#` feeds the field once for each of `job1`, `job2` and so on.
   */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** Fields that must be there beyond those that the element needs in any case. */
  readonly required?: readonly string[];
  /** Known columns that feed nothing. */
  readonly ignored?: readonly string[];
  /** Names of holders that mean that there is none, or none who is disclosed. */
  readonly vacant?: readonly string[];
  /** Says that a blank cell leaves what is recorded, where elsewhere it clears it. */
  readonly blankKeeps?: boolean;
  /** References to a superior that mean that there is none. */
  readonly top?: readonly string[];
  /** How such files are written, where they do not tell it. */
  readonly written?: Stated;
}

/** The fields whose column must be there, and whose cell must not be blank. */
export function requiredBy({ element, required = [] }: Mapping): readonly string[] {
  const needed = Object.entries(FIELDS[element]).flatMap(([field, { must }]) => (must ? [field] : []));
  return [...new Set([...needed, ...required])];
}

/** Headers differ in case, blanks and underscores from one export to the next. */
export function foldedHeader(header: string): string {
  return header
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '');
}

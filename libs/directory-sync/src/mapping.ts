// A mapping is data: which column feeds which field. The presets are mappings, and so is whatever an administrator saves.
// The columns that presets read are listed in docs/import-columns.md, which a test holds to them.

export const ELEMENTS = ['organisations', 'positions', 'people', 'assignments', 'jobs', 'posts', 'users'] as const;
/**
 * What one row of a file says. A `job` carries its managers in columns of its own, a `post` its place and its holder, and a
 * `user` his jobs and their managers.
 */
export type Element = (typeof ELEMENTS)[number];

export interface Mapping {
  readonly element: Element;
  /**
   * The headers that may feed a field, in any case; the first is the one we name when it is missing. A `#` stands for a
   * number: `job#` feeds the field once for each of `job1`, `job2` and so on.
   */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** Fields whose column must be there, and whose cell must not be blank. */
  readonly required: readonly string[];
  /** Known columns that feed nothing. */
  readonly ignored?: readonly string[];
  /** Fields that hold a date. */
  readonly dates?: readonly string[];
  /** Fields that hold an id. */
  readonly ids?: readonly string[];
  /** Names of holders that mean that there is none, or none who is disclosed. */
  readonly vacant?: readonly string[];
  /** Says that a blank cell leaves what is recorded, where elsewhere it clears it. */
  readonly blankKeeps?: true;
  /** References to a superior that mean that there is none. */
  readonly top?: readonly string[];
}

// Files that belong together, as rows and as what all rows together ask for.
import { reject, type DayOf, type Views } from '@app/kernel';
import { refuseConfusableKeys } from './confusable-keys';
import { assignmentDrafts, NO_DRAFTS, organisationDrafts, peopleDrafts, positionDrafts, type Drafts } from './drafts';
import { jobDrafts } from './job-drafts';
import { postDrafts } from './post-drafts';
import type { ChosenMappings } from './import-mappings';
import type { Piecewise } from './piecewise';
import type { Content } from './read-csv';
import type { Stated } from './mapping';
import { readSheet, type Reading } from './read-sheet';
import type { Sheet } from './sheet';
import { userDrafts } from './user-drafts';

export interface Files extends Stated {
  readonly preset: string;
  /** Which version of a saved mapping; the latest when absent. */
  readonly mappingVersion?: number;
  /** What the file holds; for several files their names tell. */
  readonly element?: string;
  readonly files: readonly { readonly name: string; readonly content: Content }[];
}
export interface ReadFiles {
  readonly sheets: readonly Sheet[];
  /** Of the files' bytes, and of what the caller said of them. */
  readonly digest: string;
  /** How each file was read. */
  readonly readings: readonly Reading[];
}

/** @throws Rejection when a file cannot be read as a whole */
export async function readFiles(
  { element, files, dates, encoding, delimiter }: Files,
  chosen: ChosenMappings,
  dayOf?: DayOf,
): Promise<ReadFiles> {
  const { mappings, version } = chosen;
  if (files.length === 0) reject('invalid', 'no-rows', { detail: 'there is no file' });
  const stated: Stated = { ...(dates && { dates }), ...(encoding && { encoding }), ...(delimiter && { delimiter }) };
  const sheets: Sheet[] = [];
  const digests: string[] = [];
  const readings: Reading[] = [];
  for (const { name, content } of files) {
    const read = await readSheet({ name, content, mappings, element: files.length === 1 ? element : undefined, stated, dayOf });
    sheets.push(read.sheet);
    digests.push(read.digest);
    readings.push(read.reading);
  }
  // The same bytes read in another way are another import: whoever forces a plan of a colleague forces what that one saw.
  const read = [...digests, ...Object.values(stated), ...(version === undefined ? [] : [`version ${version}`])];
  return { sheets, readings, digest: read.join('+') };
}

/** What all files together ask for. */
export function* draftsOf(sheets: readonly Sheet[], views: Views, effective: string): Piecewise<Drafts> {
  let all = NO_DRAFTS;
  for (const sheet of sheets) {
    const drafts = yield* draftsOfSheet(sheet, views, effective);
    all = {
      units: [...all.units, ...drafts.units],
      positions: [...all.positions, ...drafts.positions],
      people: [...all.people, ...drafts.people],
      assignments: [...all.assignments, ...drafts.assignments],
      noted: [...all.noted, ...sheet.noted, ...drafts.noted],
      ...((all.repeats || drafts.repeats) && { repeats: true }),
    };
  }
  yield* refuseConfusableKeys(all);
  return all;
}

function draftsOfSheet(sheet: Sheet, views: Views, effective: string): Piecewise<Drafts> {
  switch (sheet.mapping.element) {
    case 'organisations':
      return organisationDrafts(sheet);
    case 'positions':
      return positionDrafts(sheet);
    case 'people':
      return peopleDrafts(sheet);
    case 'assignments':
      return assignmentDrafts(sheet);
    case 'jobs':
      return jobDrafts(sheet, views);
    case 'posts':
      return postDrafts(sheet, views, effective);
    case 'users':
      return userDrafts(sheet, views, effective);
  }
}

// Files that belong together, as rows and as what all rows together ask for.
import { reject, type Views } from '@app/kernel';
import { assignmentDrafts, NO_DRAFTS, organisationDrafts, peopleDrafts, positionDrafts, type Drafts } from './drafts';
import { jobDrafts } from './job-drafts';
import { postDrafts } from './post-drafts';
import { PRESETS } from './presets';
import { readCsv, type Content } from './read-csv';
import type { DateOrder } from './read-date';
import { mappingFor, sheetOf, type Sheet } from './sheet';
import { userDrafts } from './user-drafts';

export interface Files {
  readonly preset: string;
  /** What the file holds; for several files their names tell. */
  readonly element?: string;
  readonly files: readonly { readonly name: string; readonly content: Content }[];
  /** Which of day and month comes first; without it the files themselves tell. */
  readonly dates?: DateOrder;
}

/** @throws Rejection when a file cannot be read as a whole */
export async function readFiles({ preset, element, files, dates }: Files): Promise<{ sheets: readonly Sheet[]; digest: string }> {
  const mappings = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (!mappings) return reject('invalid', 'unknown-preset', { preset, detail: `the presets are ${Object.keys(PRESETS).join(', ')}` });
  if (files.length === 0) reject('invalid', 'no-rows', { detail: 'there is no file' });
  const sheets: Sheet[] = [];
  const digests: string[] = [];
  for (const { name, content } of files) {
    const file = await readCsv(name, content);
    if (file.records.length === 0) reject('invalid', 'no-rows', { file: name, line: 1, detail: 'the file has a header and no rows' });
    sheets.push(sheetOf(file, mappingFor(file, mappings, files.length === 1 ? element : undefined), dates));
    digests.push(file.digest);
  }
  return { sheets, digest: digests.join('+') };
}

/** What all files together ask for. */
export function draftsOf(sheets: readonly Sheet[], views: Views, effective: string): Drafts {
  return sheets
    .map((sheet) => ({ drafts: draftsOfSheet(sheet, views, effective), noted: sheet.noted }))
    .reduce<Drafts>(
      (all, { drafts, noted }) => ({
        units: [...all.units, ...drafts.units],
        positions: [...all.positions, ...drafts.positions],
        people: [...all.people, ...drafts.people],
        assignments: [...all.assignments, ...drafts.assignments],
        noted: [...all.noted, ...noted, ...drafts.noted],
        ...((all.repeats || drafts.repeats) && { repeats: true }),
      }),
      NO_DRAFTS,
    );
}

function draftsOfSheet(sheet: Sheet, views: Views, effective: string): Drafts {
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

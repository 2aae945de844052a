// `import drop`: takes over what another system drops into a folder, now or again and again (I3).
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api';
import { EXIT, Failure, type ExitCode } from './failure';
import { importExit, importFiles, importReport, type Imported, type ImportOptions } from './import-files';

export interface DropOptions extends Omit<ImportOptions, 'dryRun' | 'result' | 'force'> {
  /** Seconds between two looks; without it there is one look. */
  readonly every?: number;
}
/** What became of the files of one look. */
export interface Taken {
  readonly files: readonly string[];
  /** Where they are now; absent when they stay for the next look. */
  readonly folder?: string;
  readonly imported?: Imported;
  readonly refused?: { readonly code: string; readonly detail: string };
  readonly exit: ExitCode;
}

/** What is no fault of the files, and may be over at the next look. */
const PASSING = new Set(['unreachable', 'unwritable-file', 'overloaded', 'disk-full', 'log-failed', 'log-refused', 'not-ready']);
/** Whoever writes a file writes for so long at most between two pieces. */
const SETTLED_MS = 2_000;

/**
 * Imports the CSV files that lie in the folder, all together. They move to `done/<instant>/` beside a `results.csv` with
 * the verdict of every row, or to `refused/<instant>/` beside a `why.txt`; where the server cannot be reached they stay.
 * A file that is still being written waits for the next look. Cut off in between, the same files are taken once more,
 * which adds nothing.
 * @param within runs its work with the API of a server, as each look may meet another one
 */
export async function takeDropped(
  folder: string,
  options: DropOptions,
  within: <Answer>(work: (api: Api) => Promise<Answer>) => Promise<Answer>,
): Promise<Taken> {
  const files = settledIn(folder);
  if (files.length === 0) return { files, exit: EXIT.done };
  const paths = files.map((file) => join(folder, file));
  const instant = new Date().toISOString().replaceAll(':', '-');
  const results = join(folder, `.results-${instant}.csv`);
  try {
    const imported = await within((api) => importFiles(api, paths, { ...options, dryRun: false, result: results }));
    const done = moved([...paths, results], join(folder, 'done', instant));
    renameSync(join(done, basename(results)), join(done, 'results.csv'));
    return { files, folder: done, imported, exit: importExit(imported) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, exit } = error;
    const refused = { code, detail: message };
    rmSync(results, { force: true });
    if (PASSING.has(code)) return { files, refused, exit };
    const aside = moved(paths, join(folder, 'refused', instant));
    writeFileSync(join(aside, 'why.txt'), `${code}\n${message}\n${JSON.stringify(error.facts, undefined, 2)}\n`);
    return { files, folder: aside, refused, exit };
  }
}

/** Looks again and again, until the signal. Gives the looks that found files. */
export async function* looksInto(every: number, look: () => Promise<Taken>, signal: AbortSignal): AsyncGenerator<Taken> {
  while (!signal.aborted) {
    const taken = await look();
    if (taken.files.length > 0) yield taken;
    await sleep(every * 1_000, undefined, { signal }).catch(() => {});
  }
}

/** What people read of a look. */
export function dropReport({ files, folder, imported, refused }: Taken): readonly string[] {
  if (files.length === 0) return ['No file is there to be taken.'];
  const where = folder === undefined ? 'They stay where they are.' : `They are in ${folder}.`;
  if (refused) return [`Refused: ${files.join(', ')}: ${refused.detail} (${refused.code})`, where];
  return [...importReport(imported!), where];
}

function settledIn(folder: string): readonly string[] {
  const settled = Date.now() - SETTLED_MS;
  return entriesOf(folder)
    .filter((name) => /^[^.].*\.csv$/i.test(name))
    .filter((name) => {
      const file = statSync(join(folder, name));
      return file.isFile() && file.mtimeMs < settled;
    })
    .toSorted();
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(EXIT.usage, 'unreadable-file', `${folder} cannot be read: ${error.message}`);
  }
}

function moved(paths: readonly string[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const path of paths) renameSync(path, join(folder, basename(path)));
  return folder;
}

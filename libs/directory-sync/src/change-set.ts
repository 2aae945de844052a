// An import as a fact: that it was planned, began, ended, and was undone. One that began and did not end was cut off, and can be run again.
import { reject, type Decider } from '@app/kernel';

/** Most refused rows that are kept with the import, and told with its counts; the count is always whole. */
export const ROWS_TOLD_MAX = 1_000;

export interface RejectedRow {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly file?: string;
}
export interface Source {
  readonly preset: string;
  readonly element?: string;
  /** Of the saved mapping by which the files are read, where the preset is one. */
  readonly mappingVersion?: number;
  readonly rows: number;
  /** SHA-256 of the files' bytes. */
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
}
interface Planned extends Source {
  /** What the planner said of how the files are written. */
  readonly dates?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  /** What becomes of direct managers beside each other, where it is not refused. */
  readonly overlap?: string;
  /** SHA-256 of what the plan would record, and of the verdicts of its rows. */
  readonly plan: string;
}
interface Started extends Source {
  /** Why it may end more than the guard lets pass. */
  readonly reason?: string;
  /** The import that this one takes back. */
  readonly undoes?: string;
}
interface Finished {
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejected: readonly RejectedRow[];
  readonly rejectedCount: number;
}
/** A piece of a file, packed: together they are the file as it came. */
interface FilePart {
  readonly file: number;
  readonly name: string;
  readonly part: number;
  readonly content: string;
}

export type ChangeSetCommand =
  | ({ type: 'KeepFilePart' } & FilePart)
  | ({ type: 'PlanImport' } & Planned)
  | ({ type: 'StartImport' } & Started)
  | ({ type: 'FinishImport' } & Finished)
  | { type: 'UndoImport'; by: string };
export type ChangeSetEvent =
  | ({ type: 'ImportFileKept' } & FilePart)
  | ({ type: 'ImportPlanned' } & Planned)
  | ({ type: 'ImportStarted' } & Started)
  | ({ type: 'ImportFinished' } & Finished)
  | { type: 'ImportUndone'; by: string };
interface State {
  readonly status: 'new' | 'planned' | 'started' | 'finished';
  readonly undoneBy?: string;
}

const SOURCE = {
  preset: 'text',
  element: 'text?',
  mappingVersion: 'number?',
  rows: 'number',
  digest: 'text',
  effective: 'text',
  mode: 'text',
} as const;

export const changeSet: Decider<State, ChangeSetCommand, ChangeSetEvent> = {
  name: 'changeSet',
  initial: { status: 'new' },
  events: {
    ImportFileKept: { file: 'number', name: 'text', part: 'number', content: 'text' },
    ImportPlanned: { ...SOURCE, dates: 'text?', encoding: 'text?', delimiter: 'text?', overlap: 'text?', plan: 'text' },
    ImportStarted: { ...SOURCE, reason: 'text?', undoes: 'text?' },
    ImportFinished: { added: 'number', changed: 'number', ended: 'number', unchanged: 'number', rejected: 'list', rejectedCount: 'number' },
    ImportUndone: { by: 'text' },
  },
  decide(command, { status, undoneBy }) {
    switch (command.type) {
      case 'KeepFilePart': {
        if (status !== 'new') return reject('conflict', 'import-exists');
        const { file, name, part, content } = command;
        return [{ type: 'ImportFileKept', file, name, part, content }];
      }
      case 'PlanImport': {
        if (status !== 'new') return reject('conflict', 'import-exists');
        const { dates, encoding, delimiter, overlap, plan } = command;
        const stated = {
          ...(dates && { dates }),
          ...(encoding && { encoding }),
          ...(delimiter && { delimiter }),
          ...(overlap && { overlap }),
        };
        return [{ type: 'ImportPlanned', ...sourceOf(command), ...stated, plan }];
      }
      case 'StartImport': {
        if (status === 'started' || status === 'finished') return reject('conflict', 'import-exists');
        const { reason, undoes } = command;
        const why = { ...(reason !== undefined && { reason }), ...(undoes !== undefined && { undoes }) };
        return [{ type: 'ImportStarted', ...sourceOf(command), ...why }];
      }
      case 'FinishImport': {
        if (status === 'new' || status === 'planned') return reject('conflict', 'import-not-started');
        if (status === 'finished') return [];
        const { added, changed, ended, unchanged, rejected, rejectedCount } = command;
        return [{ type: 'ImportFinished', added, changed, ended, unchanged, rejected: rejected.slice(0, ROWS_TOLD_MAX), rejectedCount }];
      }
      case 'UndoImport':
        if (status !== 'finished') return reject('conflict', 'import-not-finished');
        if (undoneBy === command.by) return [];
        if (undoneBy !== undefined) return reject('conflict', 'already-undone', { by: undoneBy });
        return [{ type: 'ImportUndone', by: command.by }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'ImportFileKept':
        return state;
      case 'ImportPlanned':
        return { status: 'planned' };
      case 'ImportStarted':
        return { status: 'started' };
      case 'ImportFinished':
        return { status: 'finished' };
      case 'ImportUndone':
        return { status: 'finished', undoneBy: event.by };
    }
  },
};

function sourceOf({ preset, element, mappingVersion, rows, digest, effective, mode }: Source): Source {
  const read = { ...(element !== undefined && { element }), ...(mappingVersion !== undefined && { mappingVersion }) };
  return { preset, ...read, rows, digest, effective, mode };
}

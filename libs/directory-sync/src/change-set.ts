// An import as a fact: that it began, and how it ended. One that began and did not end was cut off, and can be run again.
import { reject, type Decider } from '@app/kernel';

/** Most refused rows that are kept with the import; the count is always whole. */
export const REJECTED_KEPT_MAX = 1_000;

export interface RejectedRow {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly file?: string;
}
interface Started {
  readonly preset: string;
  readonly element?: string;
  readonly rows: number;
  /** SHA-256 of the files' bytes. */
  readonly digest: string;
  readonly effective: string;
  readonly mode: string;
}
interface Finished {
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
  readonly unchanged: number;
  readonly rejected: readonly RejectedRow[];
  readonly rejectedCount: number;
}

export type ChangeSetCommand = ({ type: 'StartImport' } & Started) | ({ type: 'FinishImport' } & Finished);
export type ChangeSetEvent = ({ type: 'ImportStarted' } & Started) | ({ type: 'ImportFinished' } & Finished);
type State = 'new' | 'started' | 'finished';

export const changeSet: Decider<State, ChangeSetCommand, ChangeSetEvent> = {
  name: 'changeSet',
  initial: 'new',
  events: {
    ImportStarted: { preset: 'text', element: 'text?', rows: 'number', digest: 'text', effective: 'text', mode: 'text' },
    ImportFinished: { added: 'number', changed: 'number', ended: 'number', unchanged: 'number', rejected: 'list', rejectedCount: 'number' },
  },
  decide(command, state) {
    switch (command.type) {
      case 'StartImport': {
        if (state !== 'new') return reject('conflict', 'import-exists');
        const { preset, element, rows, digest, effective, mode } = command;
        return [{ type: 'ImportStarted', preset, ...(element !== undefined && { element }), rows, digest, effective, mode }];
      }
      case 'FinishImport': {
        if (state === 'new') return reject('conflict', 'import-not-started');
        if (state === 'finished') return [];
        const { added, changed, ended, unchanged, rejected, rejectedCount } = command;
        return [
          { type: 'ImportFinished', added, changed, ended, unchanged, rejected: rejected.slice(0, REJECTED_KEPT_MAX), rejectedCount },
        ];
      }
    }
  },
  evolve(_state, event) {
    switch (event.type) {
      case 'ImportStarted':
        return 'started';
      case 'ImportFinished':
        return 'finished';
    }
  },
};

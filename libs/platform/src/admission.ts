// The guards of the libraries before the log: no two writers, of whichever process, pass them side by side.
import type { Admissions, ReadModels } from '@app/event-log';
import type { Admit, Library } from '@app/kernel';
import { SharedTurns } from './shared-turns';
import { Turns } from './turns';

/** @param shared where other processes record too */
export function admission(models: ReadModels, libraries: readonly Library[], shared?: Admissions): Admit {
  const turns = shared ? new SharedTurns(models, libraries, shared) : new Turns(models, libraries);
  return (stream, expected, batch) => turns.admit(stream, expected, batch);
}

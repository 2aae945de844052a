// What people read of a file that cannot be read or written; anything else that went wrong rises on.
import { EXIT, Failure } from './failure';

export function unreadable(path: string, error: unknown): Failure {
  return new Failure(EXIT.usage, 'unreadable-file', `${path} cannot be read: ${reasonOf(error, 'there is no such file')}`);
}

export function unwritable(path: string, error: unknown): Failure {
  return new Failure(EXIT.usage, 'unwritable-file', `${path} cannot be written: ${reasonOf(error, 'there is no such folder')}`);
}

function reasonOf(error: unknown, absent: string): string {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
  return error.code === 'ENOENT' ? absent : error.message;
}

// The built command line as a child process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = resolve(__dirname, '../../dist/apps/cli/src/main.js');

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `countersign` with these words to its end. */
export function countersign(folder: string, ...words: readonly string[]): Promise<Ran> {
  return countersignWith(environment(folder), ...words);
}

/** The same under these settings and no others. */
export async function countersignWith(settings: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'], ...settings };
  const child = spawn(process.execPath, [MAIN, ...words], { env });
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exit, out, err };
}

/** What was said on stderr beside how far a long import is: how long it takes is the machine's business. */
export function withoutProgress(err: string): string {
  return err.replaceAll(/^(reading|comparing|recording)\b.*\n/gm, '');
}

function environment(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], DATA_DIR: folder, PORT: '0', LOG_LEVEL: '' };
}

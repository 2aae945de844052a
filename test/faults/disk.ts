// The disk that fails: its library, built on the spot, and the processes that preload it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import { LogRefused, SqliteEventLog, verifyLog } from '@app/event-log';

const built = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Builds shim/disk.c and answers the environment that puts it before a process. */
export function failingDisk(): Readonly<Record<string, string>> {
  const library = join(built, 'disk.so');
  const compiler = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, join(__dirname, 'shim/disk.c'), '-lpthread']);
  if (compiler.error)
    throw new Error('The suites of failing disks need a C compiler, `cc`, and Linux. Install one (Debian: gcc, libc6-dev).');
  if (compiler.status !== 0) throw new Error(String(compiler.stderr));
  return { LD_PRELOAD: library };
}

/** What a process has acknowledged: the position of each event, by its id. */
export type Acknowledged = Map<string, number>;

/** Runs append.mts until it is killed, by the failing disk or after `milliseconds`; keeps what it acknowledged. */
export async function append(
  acknowledged: Acknowledged,
  environment: Readonly<Record<string, string>>,
  milliseconds?: number,
): Promise<{ readonly signal: NodeJS.Signals | null; readonly said: string }> {
  const child = spawn(process.execPath, ['--no-warnings', resolve(__dirname, 'append.mts')], { env: environment });
  const timer = milliseconds === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), milliseconds);
  const [heard, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  // The line that a kill cut short was not acknowledged to anybody.
  for (const line of heard.split('\n').slice(0, -1)) {
    const [position, ...ids] = line.split(' ');
    for (const [at, id] of ids.entries()) acknowledged.set(id, Number(position) - ids.length + 1 + at);
  }
  return { signal: child.signalCode, said };
}

/** Why the log in the folder does not open, or what is wrong with it. */
export async function faultOf(folder: string): Promise<string | undefined> {
  try {
    const log = new SqliteEventLog(folder);
    const proof = await log.verify();
    await log.close();
    return (proof.fault ?? verifyLog(folder).fault)?.reason;
  } catch (error) {
    if (error instanceof LogRefused) return error.message;
    throw error;
  }
}

/** Acknowledged events that the log in the folder does not hold at their positions. */
export function lostFrom(folder: string, acknowledged: Acknowledged): number {
  const recorded = recordedIn(folder);
  return [...acknowledged].filter(([id, position]) => recorded.get(position) !== id).length;
}

function recordedIn(folder: string): ReadonlyMap<number, string> {
  if (!existsSync(join(folder, 'log.db'))) return new Map();
  const log = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  try {
    if (!log.prepare("select 1 from sqlite_schema where name = 'events'").get()) return new Map();
    const rows = log.prepare("select position, meta ->> 'id' as id from events").all() as unknown as { position: number; id: string }[];
    return new Map(rows.map(({ position, id }) => [position, id]));
  } finally {
    log.close();
  }
}

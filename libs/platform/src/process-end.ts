// How a process of ours ends when it cannot go on, for people and for whatever starts it again.
import { LogFailed } from '@app/kernel';
import { isDiskFault } from '@app/event-log';

/** Exit code after which the process may be started again, from a verified log. */
export const LOG_FAILED = 70;

/** How long a stop may take, then the process ends all the same. */
const DRAIN_MS_MAX = 8_000;

const EXPECTED = ['ConfigError', 'LogRefused', 'QueueUnfit', 'EADDRINUSE', 'EACCES'];

/** Says in one line why the process could not start, and ends it. */
export function endOfFailedStart(error: Error & { code?: string }): never {
  if (error instanceof LogFailed || isDiskFault(error)) {
    console.error(`countersign: the log or the disk failed: ${String(error)}`);
    process.exit(LOG_FAILED);
  }
  const expected = EXPECTED.includes(error.name) || EXPECTED.includes(error.code ?? '');
  console.error(`countersign: ${expected ? error.message : error.stack}`);
  process.exit(1);
}

/** Says so and ends the process when its stop, which begins now, takes too long. */
export function endOfSlowStop(code: number): void {
  const end = () => {
    console.error(`countersign: the stop was cut off after ${DRAIN_MS_MAX / 1_000} s; what was under way got no answer`);
    process.exit(code || 1);
  };
  setTimeout(end, DRAIN_MS_MAX).unref();
}

// What a virtual machine does not get: its host gives the processors to others meanwhile.
import { existsSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;
const STEAL = 8;

/** Milliseconds that the processors of this machine were taken from it since it started, of all of them together; 0 where nobody counts. */
function stolenMs(): number {
  if (!existsSync('/proc/stat')) return 0;
  const [all] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  return Number(all!.split(/\s+/)[STEAL] ?? 0) * TICK_MS;
}

/** Starts a watch; asked, it answers the milliseconds since then, less those that were stolen. A wait for anything else counts in full. */
export function stopwatch(): () => number {
  const [start, stolen] = [performance.now(), stolenMs()];
  return () => Math.max(0, performance.now() - start - (stolenMs() - stolen));
}

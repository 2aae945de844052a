// A process whose event loop no longer turns answers nobody and cannot end itself: a thread beside it does.
import { Worker } from 'node:worker_threads';

/** Longer than anything that a sound process does in one turn. */
const HUNG_MS = 60_000;
/** A frozen process finds one look without a beat when it goes on; a hung one all of them. */
const LOOKS = 10;

const WATCH = `
  const { writeSync } = require('node:fs');
  const { beats, hungMs, looks } = require('node:worker_threads').workerData;
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let last = -1, missed = 0; ; ) {
    Atomics.wait(nap, 0, 0, hungMs / looks);
    const now = Atomics.load(beats, 0);
    missed = now === last ? missed + 1 : 0;
    last = now;
    if (missed < looks) continue;
    writeSync(2, 'countersign: the event loop has not turned for ' + hungMs / 1000 + ' s, so this process is ended\\n');
    process.kill(process.pid, 'SIGKILL');
  }`;

/**
 * Ends this process by SIGKILL when its event loop has not turned for so long, so that whoever runs it starts another:
 * what was acknowledged is in the log.
 * @param hungMs milliseconds
 */
export function watchEventLoop(hungMs = HUNG_MS): void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(beats, 0, 1), hungMs / LOOKS / 2).unref();
  new Worker(WATCH, { eval: true, workerData: { beats, hungMs, looks: LOOKS } }).unref();
}

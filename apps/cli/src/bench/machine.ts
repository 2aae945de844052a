// What the figures depend on: flushes a second, cores, and the version of Node.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  readonly node: string;
  readonly cores: number;
  readonly flushesPerSecond: number;
}

const PROBE_MS = 1_000;

export function machineOf(folder: string): Machine {
  const file = openSync(join(folder, 'probe'), 'w');
  const page = Buffer.alloc(4096);
  const begun = performance.now();
  let flushes = 0;
  for (; performance.now() < begun + PROBE_MS; flushes++) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  closeSync(file);
  return { node: process.version, cores: availableParallelism(), flushesPerSecond: Math.round(flushes / (PROBE_MS / 1000)) };
}

// `countersign bench`: each metric beside its own reference in the same run. It prints what it finds and asserts nothing.
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { approvals } from './approvals';
import { hierarchy } from './hierarchy';
import { http } from './http';
import { importing } from './import';
import { machineOf } from './machine';
import { rebuild } from './rebuild';
import { ratioOf, tableOf, type Line } from './report';
import type { Size } from './rounds';
import { start } from './start';
import { placeOf, tiers } from './tiers';

const METRICS: Readonly<Record<string, (folder: string, size: Size) => Promise<readonly Line[]>>> = {
  approvals: (folder, { roundMs }) => approvals(folder, roundMs),
  hierarchy,
  http: (folder, { roundMs }) => http(folder, roundMs),
  import: importing,
  rebuild,
  start,
  tiers: (folder, { roundMs }) => tiers(folder, roundMs),
};

/** Measures the named metrics, or all that the settings allow, and answers the exit code. */
export async function runBench(names: readonly string[], { json, ...size }: Size & { readonly json: boolean }): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(METRICS, name));
  if (unknown !== undefined) {
    console.error(`countersign: no metric is called ${unknown}; there are ${Object.keys(METRICS).join(', ')}`);
    return 2;
  }
  const cluster = placeOf(process.env) !== undefined;
  if (names.includes('tiers') && !cluster) {
    console.error('countersign: tiers needs EVENT_STORE_URL and REDIS_URL, of an event store whose events nobody needs');
    return 2;
  }
  const all = Object.keys(METRICS).filter((name) => cluster || name !== 'tiers');
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    const machine = machineOf(folder);
    const lines: Line[] = [];
    for (const name of names.length > 0 ? names : all) {
      const place = join(folder, name);
      mkdirSync(place);
      lines.push(...(await METRICS[name]!(place, size)));
      rmSync(place, { recursive: true, force: true });
    }
    if (json) console.log(JSON.stringify({ machine, results: lines.map((line) => ({ ...line, ratio: ratioOf(line) })) }));
    else {
      const { node, cores, flushesPerSecond } = machine;
      console.log(`Node ${node}, ${cores} cores, ${flushesPerSecond} fdatasyncs/s; medians of 3; ours | reference\n\n${tableOf(lines)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

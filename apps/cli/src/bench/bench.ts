// `countersign bench`: each metric beside its own reference in the same run. It prints what it finds and asserts nothing.
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { approvals } from './approvals';
import { http } from './http';
import { ratioOf, tableOf, type Line } from './report';

const METRICS: Readonly<Record<string, (folder: string) => Promise<readonly Line[]>>> = { approvals, http };

export async function runBench(names: readonly string[], { json }: { json: boolean }): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(METRICS, name));
  if (unknown !== undefined) {
    console.error(`countersign: no metric is called ${unknown}; there are ${Object.keys(METRICS).join(', ')}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const lines: Line[] = [];
  try {
    for (const name of names.length > 0 ? names : Object.keys(METRICS)) lines.push(...(await METRICS[name]!(folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(json ? JSON.stringify({ results: lines.map((line) => ({ ...line, ratio: ratioOf(line) })) }) : tableOf(lines));
  return 0;
}

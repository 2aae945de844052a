// One import in a process of its own, so that its time and memory are its own: started with a folder, a deed and what it is done to.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { commitPlan, importCsv, type ImportParts, type ImportResult } from '@app/directory-sync';
import { newId, now, pacer, Runtime } from '@app/platform';
import { librariesFor } from '../../../api/src/libraries';
import { FILES } from './organisation-files';

export const DEEDS = ['plan', 'commit', 'import', 'bare'] as const;
export type Deed = (typeof DEEDS)[number];
export interface Done {
  readonly id?: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly rows: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly events: number;
}

const EFFECTIVE = '2026-11-21';

async function run(folder: string, deed: Deed, from: string): Promise<Done> {
  if (deed === 'bare')
    return measured(
      () => bare(folder, from),
      async () => 0,
    );
  mkdirSync(folder, { recursive: true });
  const fail = (error: unknown) => {
    throw error instanceof Error ? error : new Error(JSON.stringify(error));
  };
  const runtime = new Runtime({ folder, libraries: librariesFor({}), warn: fail, fatal: fail });
  await runtime.start();
  const { log, models } = runtime;
  const parts: ImportParts = { log, run: runtime.run, views: models, reached: (position) => models.reached(position), pause: pacer() };
  const origin = { command: newId(), actor: 'operator', at: now() };
  const files = () => FILES.map((name) => ({ name, content: readFileSync(join(from, name)) }));
  const request = { id: newId(), preset: 'native', mode: 'delta', effective: EFFECTIVE, origin } as const;
  const deeds: Readonly<Record<Exclude<Deed, 'bare'>, () => Promise<ImportResult>>> = {
    plan: () => importCsv(parts, { ...request, files: files(), dryRun: true }),
    import: () => importCsv(parts, { ...request, files: files(), dryRun: false }),
    commit: () => commitPlan(parts, { id: from, origin }),
  };
  const done = await measured(
    async () => {
      const { id, rows, unchanged, rejectedCount: rejected } = await deeds[deed]();
      return { id, rows, unchanged, rejected };
    },
    async () => (await log.head()).position,
  );
  await runtime.stop();
  return done;
}

async function measured(
  work: () => Promise<Pick<Done, 'id' | 'rows' | 'unchanged' | 'rejected'>>,
  position: () => Promise<number>,
): Promise<Done> {
  const [start, before, first] = [performance.now(), process.cpuUsage(), await position()];
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const events = (await position()) - first;
  return { ...result, seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024, events };
}

/** The same rows in tables of their own: no rules, no verdicts, no history, one transaction. */
async function bare(folder: string, from: string): Promise<Pick<Done, 'rows' | 'unchanged' | 'rejected'>> {
  mkdirSync(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec('pragma journal_mode = wal; pragma synchronous = full; begin');
  let rows = 0;
  for (const name of FILES) {
    const [header, ...lines] = readFileSync(join(from, name), 'utf8').trimEnd().split('\n');
    const table = name.slice(0, name.indexOf('.'));
    const columns = header!.split(',');
    const key = table === 'assignments' ? 'assignment_id' : columns[0]!;
    db.exec(`create table ${table} (${columns.map((column) => `${column} text`).join(', ')}, primary key (${key})) strict, without rowid`);
    if (table === 'assignments')
      db.exec('create index by_manager on assignments (manager_ref); create index by_person on assignments (person_id)');
    const insert = db.prepare(`insert into ${table} values (${columns.map(() => '?').join(', ')})`);
    for (const line of lines) insert.run(...line.split(','));
    rows += lines.length;
  }
  db.exec('commit');
  db.close();
  return { rows, unchanged: 0, rejected: 0 };
}

const [folder, deed, from] = process.argv.slice(2) as [string, Deed, string];
void run(folder, deed, from).then((figures) => process.send!(figures));

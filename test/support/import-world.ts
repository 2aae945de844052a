// For specs: an organisation in memory, or in another log, and the ways to bring files into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventId, MemoryEventLog, ReadModels } from '@app/event-log';
import { createRunCommand, type EventLog, type RunCommand } from '@app/kernel';
import { organisation } from '@app/organisation';
import { admission } from '@app/platform/admission';
import { commitPlan, directorySync, importCsv, type ImportRequest, type ImportResult } from '@app/directory-sync';

export const oracle: {
  readonly asOf: string;
  readonly people: number;
  readonly assignments: number;
  readonly assignmentsActive: number;
  readonly peopleWithSeveralJobs: number;
  readonly organisations: number;
  readonly positions: number;
  readonly chiefExecutive: string;
  readonly directReports: Readonly<Record<string, number>>;
  readonly directManagers: readonly {
    readonly person: string;
    readonly assignment: string;
    readonly manager: string;
    readonly alternates: readonly string[];
    readonly active: boolean;
  }[];
} = JSON.parse(readFileSync(join(__dirname, '../data/northwood/oracle.json'), 'utf8'));

const BEHIND_MAX = 200;

export type World = ReturnType<typeof world>;

export function world(log: EventLog = new MemoryEventLog()) {
  const views = new ReadModels(':memory:', [...organisation.projections, ...directorySync.projections]);
  const runner = createRunCommand({ log, eventId, admit: admission(views, [organisation]) });
  let imports = 0;
  let others = 0;
  let reaching = Promise.resolve();
  /** As a runtime does by itself; each after the one before, so that nothing is counted twice. */
  const reached = (): Promise<void> => (reaching = reaching.then(followOn));
  const followOn = async (): Promise<void> => {
    for (let page = await log.readAll({ after: views.position }); page.length > 0; page = await log.readAll({ after: views.position })) {
      views.apply(page);
      others += page.filter(({ stream }) => !stream.startsWith('changeSet-')).length;
    }
  };
  /** A large import is not to leave the read models far behind: what they do not show yet is looked through by every guard. */
  const run: RunCommand = async (...command) => {
    const outcome = await runner(...command);
    if (outcome.position - views.position > BEHIND_MAX) await reached();
    return outcome;
  };
  const importFiles = (
    preset: string,
    files: ImportRequest['files'],
    more: Partial<ImportRequest> = {},
    through = run,
  ): Promise<ImportResult> => {
    const id = `import${++imports}`;
    const origin = { command: more.id ?? id, actor: 'admin', at: '2026-11-21T08:00:00Z' };
    return importCsv(
      { log, run: through, views, reached: () => reached(), pause: () => undefined, today: oracle.asOf },
      { id, preset, files, mode: 'delta', effective: oracle.asOf, dryRun: false, origin, ...more },
    );
  };
  return {
    log,
    views,
    run,
    reached,
    importFiles,
    importText: (preset: string, text: string, more: Partial<ImportRequest> = {}, through = run) =>
      importFiles(preset, [{ name: 'file.csv', content: Buffer.from(text) }], more, through),
    /** Planned by one administrator and committed by another, who forces what the guard would stop. */
    importByTwo: async (preset: string, files: ImportRequest['files'], more: Partial<ImportRequest> = {}): Promise<ImportResult> => {
      const { id } = await importFiles(preset, files, { ...more, dryRun: true });
      const origin = { command: `${id}/by-two`, actor: 'second', at: '2026-11-21T09:00:00Z' };
      return commitPlan(
        { log, run, views, reached, pause: () => undefined, today: oracle.asOf },
        { id, force: 'as the reorganisation says', origin },
      );
    },
    parts: { log, run, views, reached: () => reached(), pause: () => undefined, today: oracle.asOf },
    /** How many events of the organisation there are, without those of imports themselves. */
    organisationEvents: () => others,
    close: () => views.close(),
  };
}

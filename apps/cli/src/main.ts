// The command line `countersign`: every verb speaks the HTTP API, of the running server or of one that it boots for itself.
import '../../api/src/compile-cache';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { affectedDecisions, affectedReport, review, reviewedReport } from './affected';
import { backUp, backupReport, restore, restoreReport, verify } from './backup';
import { dropReport, looksInto, takeDropped, type DropOptions, type Taken } from './drop-folder';
import { addByHand, type Means } from './by-hand';
import { addChart } from './chart';
import { addEndedJobPolicy } from './ended-job-policy';
import { EXIT, Failure, type ExitCode } from './failure';
import {
  commitImport,
  DATE_ORDERS,
  DELIMITERS,
  ELEMENTS,
  ENCODINGS,
  importExit,
  importFiles,
  importReport,
  undoImport,
  type Imported,
  type ImportOptions,
} from './import-files';
import { issueToken, proofReport, replay, replayReport } from './operator';
import { configOf, finish, withApi, type Json, type Outcome } from './outcome';
import { addPresetVerbs } from './preset-verbs';
import { addReportingModes } from './reporting-mode';
import { snapshotReport, takeSnapshot } from './snapshot';
import { addTeam } from './team';

const program = new Command('countersign')
  .description('Who must agree before this person may take this learning, and did they?')
  .exitOverride()
  .showHelpAfterError()
  .addHelpText('beforeAll', ({ command, error }) => (error ? '' : requireKnown(command)))
  .addHelpText('after', '\nExit codes: 0 done, 1 refused or rows rejected, 2 wrong usage, 3 cannot reach.');

const importing = verb('import', 'take over people, units, positions and jobs from CSV files')
  .argument('<file...>', 'files that belong together, in any order')
  .option('--preset <name>', 'column layout, needed: one that `preset list` names, such as native or totara, or a saved mapping')
  .addOption(new Option('--element <name>', 'what the file holds, where its name does not say so').choices(ELEMENTS))
  .addOption(
    new Option('--mode <mode>', 'in full mode jobs end that the files lack; people never do').choices(['full', 'delta']).default('delta'),
  )
  .option('--effective <date>', 'day from which the files hold (default: today)', asDate)
  .addOption(new Option('--dates <order>', 'which of day and month comes first (default: the files tell)').choices(DATE_ORDERS))
  .addOption(new Option('--encoding <name>', 'how characters are written (default: the files tell)').choices(ENCODINGS))
  .addOption(new Option('--delimiter <name>', 'what separates cells (default: the header tells)').choices(DELIMITERS))
  .addOption(
    new Option('--overlap <what>', 'what becomes of several direct managers at once (default: refuse)').choices(['refuse', 'demote']),
  )
  .option('--whole', 'take all rows or none; otherwise those that can be taken')
  .option('--dry-run', 'only say what would change, and keep the plan', false)
  .option('--force <reason>', 'let more end than the guard lets pass; another administrator must have planned the same')
  .option('--result <file>', 'write what became of every row to a new CSV file')
  .action((files: string[], options: ImportOptions & Json) => {
    // Were it a required option, the verbs below would require it too.
    if (options.preset === undefined) importing.error("error: required option '--preset <name>' not specified");
    return finish(options, () => withApi(options, (api) => told(importFiles(api, files, options))));
  });
importing
  .command('commit')
  .description('apply exactly the plan of a dry run')
  .argument('<id>', 'the id that the dry run told')
  .option('--whole', 'only if every row can be taken')
  .option('--force <reason>', 'let more end than the guard lets pass; another administrator must have planned it')
  .option('--json', 'one JSON document on stdout and nothing else')
  .action((id: string, _own: unknown, command: Command) => {
    const options: { force?: string; whole?: boolean } & Json = command.optsWithGlobals();
    return finish(options, () => withApi(options, (api) => told(commitImport(api, id, options))));
  });
importing
  .command('undo')
  .description('put back what was before an import, but for what others have changed since')
  .argument('<id>', 'the id that the import told')
  .option('--json', 'one JSON document on stdout and nothing else')
  .action((id: string, _own: unknown, command: Command) => {
    const options: Json = command.optsWithGlobals();
    return finish(options, () => withApi(options, (api) => told(undoImport(api, id))));
  });

importing
  .command('drop')
  .description('take over the CSV files that lie in a folder, all together, and move them to its done/ or refused/')
  .argument('<folder>', 'where another system drops them')
  .option('--every <seconds>', 'look again and again, until it is stopped', asSeconds)
  .option('--json', 'one JSON document on stdout and nothing else')
  .action(async (folder: string, _own: unknown, command: Command) => {
    const options: DropOptions & Json = command.optsWithGlobals();
    if (options.preset === undefined) command.error("error: required option '--preset <name>' not specified");
    const look = () => takeDropped(folder, options, (work) => withApi(options, work));
    const tellOf = (taken: Taken) => finish(options, async () => ({ document: taken, lines: dropReport(taken), exit: taken.exit }));
    if (options.every === undefined) return tellOf(await look());
    const stop = new AbortController();
    // Each time: of one Ctrl-C a terminal and npm make two signals, and a second one without a listener would kill.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
    for await (const taken of looksInto(options.every, look, stop.signal)) await tellOf(taken);
    process.exitCode = EXIT.done;
  });

const means: Means = { finish: (options, act) => finish(options, () => withApi(options, act)), asDate };
addReportingModes(program, means);
addEndedJobPolicy(program, means);
addPresetVerbs(verb('preset', 'how files for import are read: presets with their columns, and saved mappings beside them'));

addByHand(program, means);
addChart(program, means);
addTeam(program, means);

verb('token', 'make a bearer token for somebody, and show it this once')
  .requiredOption('--for <username>', 'whose token')
  .addOption(new Option('--role <role>', 'what it entitles to').choices(['user', 'admin', 'auditor', 'integration']).default('user'))
  .action((options: { for: string; role: string } & Json) =>
    finish(options, () =>
      withApi(options, async (api) => {
        const issued = await issueToken(api, { username: options.for, role: options.role });
        // The token alone goes to stdout, so that a shell can take it: TOKEN=$(countersign token --for ann).
        if (!options.json) console.error(`For ${issued.username}, role ${issued.role}, until ${issued.expiresAt}:`);
        return { document: issued, lines: [issued.token] };
      }),
    ),
  );

const affected = verb('affected', 'list decisions that a back-dated change has put in question')
  .addOption(new Option('--review <kind>', 'only those that are').choices(['open', 'ratified', 'voided']))
  .action((options: { review?: string } & Json) =>
    finish(options, () =>
      withApi(options, async (api) => {
        const list = await affectedDecisions(api, options.review);
        return { document: list, lines: affectedReport(list) };
      }),
    ),
  );
for (const [name, how, description] of [
  ['ratify', 'ratification', 'confirm such a decision'],
  ['void', 'annulment', 'annul such a decision: whoever is to be asked today is asked in its place'],
] as const) {
  affected
    .command(name)
    .description(description)
    .argument('<request>', 'its id')
    .argument('<step>', 'the number of the step')
    .requiredOption('--revision <n>', 'the revision at which the list showed it')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'one JSON document on stdout and nothing else')
    .action((request: string, step: string, _own: unknown, command: Command) => {
      const options: { revision: string; reason: string } & Json = command.optsWithGlobals();
      return finish(options, () =>
        withApi(options, async (api) => {
          const reviewed = await review(api, how, { request, step, ...options });
          return { document: reviewed, lines: reviewedReport(reviewed) };
        }),
      );
    });
}

verb('replay', 'rebuild every read model from the log')
  .option('--check', 'only compare with the live ones', false)
  .action((options: { check: boolean } & Json) =>
    finish(options, () =>
      withApi(options, async (api) => {
        const replayed = await replay(api, options.check);
        const differs = options.check && replayed.different.length > 0;
        return { document: replayed, lines: replayReport(replayed, options.check), exit: differs ? EXIT.refused : EXIT.done };
      }),
    ),
  );

verb('verify', 'prove that no event was changed, removed or added')
  .argument('[file]', 'a backup to prove instead of the log')
  .action((file: string | undefined, options: Json) =>
    finish(options, async () => {
      const proof = await verify(configOf(options), file);
      return { document: proof, lines: proofReport(proof), exit: proof.fault ? EXIT.refused : EXIT.done };
    }),
  );

verb('backup', 'write the whole log, proven, to a new file')
  .alias('export')
  .argument('<file>', 'JSON Lines: line n is event n, the last line its hash')
  .action((file: string, options: Json) =>
    finish(options, async () => {
      const receipt = await backUp(configOf(options), file);
      return { document: receipt, lines: backupReport(receipt) };
    }),
  );

verb('restore', 'make the log from a backup: in an empty DATA_DIR, or in the event store of EVENT_STORE_URL')
  .argument('<file>', 'what `backup` wrote, of either tier')
  .action((file: string, options: Json) =>
    finish(options, async () => {
      const config = configOf(options);
      const receipt = await restore(config, file);
      return { document: receipt, lines: restoreReport(receipt, config) };
    }),
  );

verb('snapshot', 'write the read models to a new file, with which another replica starts')
  .argument('<file>', 'becomes views.db in the DATA_DIR of the replica')
  .action((file: string, options: Json) =>
    finish(options, () =>
      withApi(options, async (api) => {
        const snapshot = await takeSnapshot(api, file);
        return { document: snapshot, lines: snapshotReport(snapshot) };
      }),
    ),
  );

verb('demo', 'a real organisation at work in a folder of its own: requests, decisions, proof').action(async (options: Json) => {
  const { runDemo } = await import('./demo/demo.js');
  process.exitCode = await runDemo(configOf(options), { json: options.json === true });
});

verb('bench', 'measure this machine: figures and ratios')
  .argument('[name...]', 'which of approvals, hierarchy, http, import, rebuild, start and tiers; all without')
  .option('--round <milliseconds>', 'how long each round lasts', asMilliseconds, 2_000)
  .option('--people <number,...>', 'how many people an import has, and a hierarchy at each size', asSizes, [10_000, 100_000])
  .action(async (names: string[], options: Json & { round: number; people: readonly number[] }) => {
    const { runBench } = await import('./bench/bench.js');
    process.exitCode = await runBench(names, {
      json: options.json === true,
      roundMs: options.round,
      people: Math.max(...options.people),
      sizes: options.people,
    });
  });

/** Asked for the help of a verb that there is not, the help of those above it would be no answer. */
function requireKnown(command: Command): string {
  const [name] = command.args;
  const takesVerbs = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (takesVerbs && name !== undefined && !name.startsWith('-') && name !== 'help') command.error(`error: unknown command '${name}'`);
  return '';
}

/** A verb with what all of them have. */
function verb(name: string, description: string): Command {
  return program.command(name).description(description).option('--json', 'one JSON document on stdout and nothing else');
}

async function told(answer: Promise<Imported>): Promise<Outcome> {
  const imported = await answer;
  return { document: imported, lines: importReport(imported), exit: importExit(imported) };
}

function asSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1) throw new InvalidArgumentError('It is no number of seconds, 1 or more.');
  return seconds;
}

function asMilliseconds(text: string): number {
  const milliseconds = Number(text);
  if (!Number.isInteger(milliseconds) || milliseconds < 1) throw new InvalidArgumentError('It is no number of milliseconds, 1 or more.');
  return milliseconds;
}

function asSizes(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 100))
    throw new InvalidArgumentError('It is no number of people, 100 or more, and no list of such numbers.');
  return sizes;
}

function asDate(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('It is no date like 2026-11-21.');
  return text;
}

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    return tell(new Failure(EXIT.usage, 'usage', error.message.replace(/^error: /, '')), false);
  }
  if (error instanceof Failure) return tell(error, true);
  if (error instanceof Error && error.name === 'ConfigError') return tell(new Failure(EXIT.usage, 'bad-setting', error.message), true);
  console.error(error);
  return EXIT.refused;
}

/** Commander has told people of wrong usage already; a program gets its document in any case. */
function tell({ exit, code, message, facts }: Failure, people: boolean): ExitCode {
  if (process.argv.includes('--json')) console.log(JSON.stringify({ code, detail: message, ...facts }));
  else if (people) console.error([`countersign: ${message} (${code})`, ...factLines(facts)].join('\n'));
  return exit;
}

function factLines(facts: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(facts).map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

program.parseAsync().catch((error: unknown) => {
  process.exitCode = report(error);
});

// `reporting-mode`: which hierarchy answers where, what another would change, and the choice itself.
import { Option, type Command } from 'commander';
import type { Api } from './api';
import { count, table } from './table';

interface ModeOptions {
  readonly unit?: string;
  readonly mode: string;
  readonly effective?: string;
}
interface Candidate {
  readonly person: string;
}
interface NowAndThen<Value> {
  readonly now: Value;
  readonly supposed: Value;
}
interface Comparison {
  readonly effective: string;
  readonly assignments: number;
  readonly people: number;
  readonly switched: number;
  readonly approvers: { readonly assignments: number; readonly people: number };
  readonly nobody: NowAndThen<number>;
  readonly teams: number;
  readonly loops: readonly (readonly string[])[];
}
type Approvers = { readonly assignment: string; readonly person: string } & NowAndThen<readonly Candidate[]>;
type Team = { readonly person: string; readonly gained: readonly string[]; readonly lost: readonly string[] } & NowAndThen<number>;
interface Choice {
  readonly unit?: string;
  readonly mode: string;
  readonly from: string;
}

/** Of what a comparison can be told one by one. */
const LISTS = ['approvers', 'nobody', 'teams'] as const;
type List = (typeof LISTS)[number];

interface Json {
  readonly json?: boolean;
}
interface Outcome {
  readonly document: unknown;
  readonly lines: readonly string[];
}
/** What the command line does for each of its verbs. */
interface Means {
  readonly finish: (options: Json, act: (api: Api) => Promise<Outcome>) => Promise<void>;
  readonly asDate: (text: string) => string;
}

export function addReportingModes(program: Command, { finish, asDate }: Means): void {
  const verb = program.command('reporting-mode').description('which hierarchy answers: position codes or manager links, per unit and day');
  const about = (name: string, description: string) =>
    verb
      .command(name)
      .description(description)
      .addOption(new Option('--mode <mode>', 'the mode').choices(['position-code', 'person-to-person', 'inherit']).makeOptionMandatory())
      .option('--unit <id>', 'the unit; the whole site without')
      .option('--effective <date>', 'day from which it holds (default: today)', asDate)
      .option('--json', 'one JSON document on stdout and nothing else');

  about('compare', 'what another mode would change: approvers, teams, jobs with nobody; changes nothing')
    .addOption(new Option('--list <what>', 'tell each one instead of how many').choices(LISTS))
    .action((options: ModeOptions & Json & { list?: List }) =>
      finish(options, async (api) => {
        if (options.list) {
          const items = await compareOneByOne(api, options, options.list);
          return { document: items, lines: oneByOneReport(items) };
        }
        const found = await compareModes(api, options);
        return { document: found, lines: comparisonReport(found) };
      }),
    );
  about('choose', 'let a hierarchy answer from a day on; nothing of either is lost').action((options: ModeOptions & Json) =>
    finish(options, async (api) => {
      const choice = await chooseMode(api, options);
      return { document: choice, lines: modesReport([choice]) };
    }),
  );
  verb
    .command('list')
    .description('every choice that was made')
    .option('--json', 'one JSON document on stdout and nothing else')
    .action((options: Json) =>
      finish(options, async (api) => {
        const choices = await listModes(api);
        return { document: choices, lines: modesReport(choices) };
      }),
    );
}

function compareModes(api: Api, options: ModeOptions): Promise<Comparison> {
  return api.get(`reporting-modes/comparison?${queryOf(options)}`);
}

/** Every job or manager of the list, as the server pages them. */
async function compareOneByOne(api: Api, options: ModeOptions, list: List): Promise<readonly (Approvers | Team)[]> {
  const query = list === 'nobody' ? `${queryOf(options)}&only=nobody` : queryOf(options);
  return Array.fromAsync(api.list<Approvers | Team>(`reporting-modes/comparison/${list === 'teams' ? 'teams' : 'approvers'}?${query}`));
}

function chooseMode(api: Api, { unit, mode, effective }: ModeOptions): Promise<Choice> {
  return api.call('POST', 'reporting-modes', { body: { mode, ...(unit && { unit }), ...(effective && { effective }) } });
}

async function listModes(api: Api): Promise<readonly Choice[]> {
  return Array.fromAsync(api.list<Choice>('reporting-modes'));
}

function comparisonReport(found: Comparison): readonly string[] {
  const { approvers, nobody, loops } = found;
  return [
    `From ${found.effective}, of ${count(found.assignments)} jobs of ${count(found.people)} people:`,
    ...table([
      ['answered by the other hierarchy', found.switched],
      ['jobs with other approvers', approvers.assignments],
      ['people with other approvers', approvers.people],
      ['jobs with nobody above who can decide, now', nobody.now],
      ['jobs with nobody above who can decide, then', nobody.supposed],
      ['managers with other direct reports', found.teams],
    ]),
    ...(loops.length > 0
      ? ['It cannot be chosen: these jobs would report to themselves.', ...loops.map((path) => `  ${path.join(' → ')}`)]
      : []),
    'Nothing was changed.',
  ];
}

function oneByOneReport(items: readonly (Approvers | Team)[]): readonly string[] {
  const names = (slate: readonly Candidate[]) => slate.map(({ person }) => person).join(', ') || 'nobody';
  return table(
    items.map((item) =>
      'assignment' in item
        ? [item.assignment, item.person, `${names(item.now)} → ${names(item.supposed)}`]
        : [
            item.person,
            `${item.now} → ${item.supposed}`,
            [...item.gained.map((one) => `+${one}`), ...item.lost.map((one) => `-${one}`)].join(' '),
          ],
    ),
  );
}

function modesReport(choices: readonly Choice[]): readonly string[] {
  if (choices.length === 0) return ['Nobody has chosen: manager links answer everywhere.'];
  return table(choices.map(({ unit = '(whole site)', from, mode }) => [unit, from, mode]));
}

function queryOf({ unit, mode, effective }: ModeOptions): URLSearchParams {
  return new URLSearchParams({ mode, ...(unit && { unit }), ...(effective && { effective }) });
}

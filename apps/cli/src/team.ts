// `team`: everybody who reports to a person on any day, as it is known now or was known earlier, with what waits in their names (S1, S2).
import { Option, type Command } from 'commander';
import type { Means } from './by-hand';
import type { Json } from './outcome';
import { table } from './table';

interface Member {
  readonly name: string;
  readonly assignment: string;
  readonly title?: string;
  readonly unit?: string;
  readonly depth: number;
  readonly openRequests: number;
  readonly waiting: number;
}
interface TeamOptions extends Json {
  readonly scope: string;
  readonly responsibility: string;
  readonly search?: string;
  readonly asOf?: string;
  readonly knownAt?: string;
}

const RESPONSIBILITIES = ['approval', 'reporting', 'appraisal', 'goals', 'notification'];

export function addTeam(program: Command, { finish, asDate }: Means): void {
  program
    .command('team')
    .description('list who reports to a person over all of his jobs, from the top down')
    .argument('<person>', 'whose team')
    .addOption(
      new Option('--scope <which>', 'those who report to the person, or those below them too').choices(['direct', 'all']).default('direct'),
    )
    .addOption(new Option('--responsibility <what>', 'for what they are managed').choices(RESPONSIBILITIES).default('reporting'))
    .option('--assignment <id>', 'only those who are in it by this one of his jobs (default: by all)')
    .option('--reports-to <person>', 'only those of the team who report to this person directly')
    .option('--search <words>', 'only those whose name, number, address, title or unit has all of these words')
    .option('--as-of <date>', 'on which day (default: today)', asDate)
    .option('--known-at <when>', 'as it was known at an instant or a position of the log')
    .option('--json', 'one JSON document on stdout and nothing else')
    .action((person: string, { json, ...asked }: TeamOptions) =>
      finish({ ...(json && { json }) }, async (api) => {
        const place = `people/${encodeURIComponent(person)}/team?${new URLSearchParams({ ...asked })}`;
        const members = await Array.fromAsync(api.list<Member>(place));
        return { document: members, lines: members.length > 0 ? linesOf(members) : ['Nobody reports to this person on that day.'] };
      }),
    );
}

function linesOf(members: readonly Member[]): readonly string[] {
  const rows = members.map(({ name, assignment, title, unit, depth, openRequests, waiting }) => [
    `${'  '.repeat(depth - 1)}${name}`,
    assignment,
    title ?? '',
    unit ?? '',
    openRequests,
    waiting,
  ]);
  return table([['name', 'job', 'title', 'unit', 'open requests', 'waiting for the person'], ...rows], '');
}

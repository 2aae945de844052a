// What an administrator changes by hand, one fact at a time, each from a day: people, jobs, managers, units, positions and their types (M2).
import { Option, type Command } from 'commander';
import type { Api } from './api';
import { EXIT, Failure } from './failure';
import type { Json, Outcome } from './outcome';
import { table } from './table';

/** What the command line does for each of its verbs. */
export interface Means {
  readonly finish: (options: Json, act: (api: Api) => Promise<Outcome>) => Promise<void>;
  readonly asDate: (text: string) => string;
}
type Body = Readonly<Record<string, unknown>>;
type Options = Json & Body;

const RESPONSIBILITIES = 'approval, reporting, appraisal, goals, notification; several with commas between them';
/** Before any day that an organisation has seen: a link whose start is open and that ends here has never been. */
const BEFORE_ANY_DAY = '0001-01-01';

export function addByHand(program: Command, means: Means): void {
  addPeople(group(program, 'person', 'people, one at a time'), means);
  addJobs(group(program, 'assignment', 'the jobs of people, one at a time'), means);
  addManagers(group(program, 'manager', 'who manages a job, as what, for what and when'), means);
  addStructure(program, means);
}

function addPeople(person: Command, means: Means): void {
  const details = (command: Command) =>
    command
      .option('--username <name>', 'name to sign in with')
      .option('--given-name <name>', '')
      .option('--family-name <name>', '')
      .option('--email <address>', '');
  details(leaf(person, 'add', 'somebody new').option('--id <id>', 'number of the person; made where it is absent')).action(
    (options: Options) => means.finish(options, (api) => sent(api, 'POST', 'people', { familyName: '', ...options })),
  );
  details(leaf(person, 'change', 'the details that are named; the others stay').argument('<id>'))
    .addOption(noEmail())
    .action((id: string, { noEmail: none, email, ...options }: Options) =>
      means.finish(options, (api) =>
        sent(api, 'PATCH', path`people/${id}`, none === true ? { ...options, email: null } : { ...options, email }),
      ),
    );
  leaf(person, 'deactivate', 'the person has left, or may not act')
    .argument('<id>')
    .option('--effective <date>', 'first day of it (default: today)', means.asDate)
    .action((id: string, { effective, ...options }: Options) =>
      means.finish(options, (api) => sent(api, 'POST', path`people/${id}/deactivation`, { on: effective }, { on: 'effective' })),
    );
  leaf(person, 'reactivate', 'the person is back')
    .argument('<id>')
    .option('--effective <date>', 'first day of it (default: today)', means.asDate)
    .addOption(new Option('--never', 'the person was never away: a mistake is undone').conflicts('effective'))
    .action((id: string, { effective, never, ...options }: Options) =>
      means.finish(options, (api) =>
        sent(api, 'POST', path`people/${id}/reactivation`, { on: never === true ? null : effective }, { on: 'effective' }),
      ),
    );
}

/** An option of its own and not the opposite of `--email`: of the two together nobody could say which is meant. */
function noEmail(): Option {
  const option = new Option('--no-email', 'take the address away').conflicts('email');
  option.negate = false;
  return option;
}

function addJobs(assignment: Command, { finish, asDate }: Means): void {
  const fields = (command: Command) =>
    command
      .option('--position-type <id>', 'kind of the job, such as substantive')
      .option('--position <id>', 'the post')
      .option('--unit <id>', 'where')
      .option('--title <text>', '')
      .option('--cost-centre <id>', '')
      .option('--from <date>', 'first day', asDate)
      .option('--to <date>', 'first day without it', asDate);
  fields(leaf(assignment, 'add', 'a job that a person holds from a day on').argument('<person>'))
    .option('--id <id>', 'id of the job; made where it is absent')
    .action((person: string, options: Options) => finish(options, (api) => sent(api, 'POST', path`people/${person}/assignments`, options)));
  fields(
    leaf(
      assignment,
      'change',
      'correct what is named, for the whole time of the job; what was believed before can still be asked for',
    ).argument('<id>'),
  )
    .addOption(new Option('--open-end', 'take the end away').conflicts('to'))
    .action((id: string, { openEnd, ...options }: Options) =>
      finish(options, (api) => sent(api, 'PATCH', path`assignments/${id}`, { ...options, ...(openEnd === true && { to: null }) })),
    );
  leaf(assignment, 'end', 'the job ends')
    .argument('<id>')
    .option('--effective <date>', 'first day without it', asDate)
    .addOption(new Option('--never', 'it never began: a mistake is undone').conflicts('effective'))
    .action((id: string, { effective, never, ...options }: Options) =>
      finish(options, async (api) => {
        const to = never === true ? (await api.get(path`assignments/${id}`)).from : required('effective', effective);
        return sent(api, 'POST', path`assignments/${id}/end`, { to }, { to: 'effective' });
      }),
    );
  shown(leaf(assignment, 'show', 'a job with its managers').argument('<id>'), { finish, asDate }, (id) => path`assignments/${id}`);
}

function addManagers(manager: Command, { finish, asDate }: Means): void {
  const times = (command: Command) =>
    command
      .option('--for <what>', RESPONSIBILITIES)
      .option('--from <date>', 'first day (default: with the job)', asDate)
      .option('--to <date>', 'first day without it', asDate);
  times(leaf(manager, 'add', 'a manager of a job').argument('<assignment>').argument('<person>'))
    .option('--in <assignment>', 'in which of his own jobs he manages it')
    .addOption(
      new Option('--kind <kind>', 'the order in which they are asked').choices(['direct', 'alternate', 'temporary']).default('direct'),
    )
    .action((assignment: string, person: string, { for: what = 'approval,reporting', in: managerAssignment, ...options }: Options) =>
      finish(options, (api) =>
        sent(
          api,
          'POST',
          path`assignments/${assignment}/managers`,
          { manager: person, managerAssignment, responsibilities: listed(what), ...options },
          { responsibilities: 'for', managerAssignment: 'in' },
        ),
      ),
    );
  times(leaf(manager, 'change', 'correct a link, for its whole time; what was believed before can still be asked for').argument('<link>'))
    .addOption(new Option('--open-end', 'take the end away').conflicts('to'))
    .action((link: string, { for: what, openEnd, ...options }: Options) =>
      finish(options, (api) => {
        const body = { ...options, ...(what !== undefined && { responsibilities: listed(what) }), ...(openEnd === true && { to: null }) };
        return sent(api, 'PATCH', path`manager-links/${link}`, body, { responsibilities: 'for' });
      }),
    );
  leaf(manager, 'loops', 'jobs that report to themselves over seats and links together: two servers at once may have closed one').action(
    (options: Options) =>
      finish(options, async (api) => {
        const { items }: { items: readonly { path: readonly string[]; from: string }[] } = await api.get('manager-loops');
        return { document: items, lines: items.length > 0 ? table(items.map(({ path, from }) => [from, path.join(' → ')])) : ['None.'] };
      }),
  );
  leaf(manager, 'end', 'the link ends; the past stays')
    .argument('<link>')
    .option('--effective <date>', 'first day without it', asDate)
    .addOption(new Option('--never', 'it never was: a mistake is undone').conflicts('effective'))
    .action((link: string, { effective, never, ...options }: Options) =>
      finish(options, (api) => {
        // The id of a link ends with its first day, or a dash where that is open.
        const first = /\d{4}-\d\d-\d\d$/.exec(link)?.[0] ?? BEFORE_ANY_DAY;
        const to = never === true ? first : required('effective', effective);
        return sent(api, 'POST', path`manager-links/${link}/end`, { to }, { to: 'effective' });
      }),
    );
}

function addStructure(program: Command, { finish, asDate }: Means): void {
  const dated = (command: Command) =>
    command
      .option('--effective <date>', 'day from which it is so (default: today for what is known, always for what is new)', asDate)
      .addOption(new Option('--always', 'it always was so: what was recorded for other days is taken back').conflicts('effective'));
  const record =
    (kind: string) =>
    (id: string, { always, ...options }: Options) =>
      finish(options, (api) => sent(api, 'POST', kind, { id, ...options, ...(always === true && { effective: null }) }));
  const end = (group: Command, kind: string) =>
    leaf(group, 'end', 'it is there no more from a day on; refused while anything is in it or below it after that')
      .argument('<id>')
      .option('--effective <date>', 'first day without it', asDate)
      .addOption(new Option('--never', 'it has not ended, nor will it: the end is taken back').conflicts('effective'))
      .action((id: string, { effective, never, ...options }: Options) =>
        finish(options, (api) => {
          const to = never === true ? null : required('effective', effective);
          return sent(api, 'POST', path`${kind}/${id}/end`, { to }, { to: 'effective' });
        }),
      );
  const units = group(program, 'unit', 'the tree of units');
  const positions = group(program, 'position', 'the tree of positions');
  end(units, 'units');
  end(positions, 'positions');
  dated(leaf(units, 'set', 'how a unit is from a day on, new or known').argument('<id>'))
    .option('--name <text>', '')
    .option('--parent <id>', 'the unit above')
    .action(record('units'));
  dated(leaf(positions, 'set', 'how a position is from a day on, new or known').argument('<id>'))
    .option('--title <text>', '')
    .option('--superior <id>', 'the position above')
    .option('--unit <id>', 'where')
    .action(record('positions'));
  leaf(
    group(program, 'position-type', 'kinds of jobs and their rules'),
    'set',
    'the rules of a kind, new or known; rules that are not named are off',
  )
    .argument('<id>')
    .option('--name <text>', '')
    .option('--unit-mandatory', '')
    .option('--manager-mandatory', '')
    .option('--aspirational', 'a position that people aim at, and do not hold')
    .option('--no-may-request-learning', '')
    .option('--at-most <number>', 'how many of it a person may hold at once', Number)
    .action(record('position-types'));
}

/** A verb that shows something of a day, as it was known at a time. */
function shown(command: Command, { finish, asDate }: Means, place: (id: string) => string): void {
  command
    .option('--as-of <date>', 'on which day (default: today)', asDate)
    .option('--known-at <when>', 'as it was known at an instant or a position of the log')
    .action((id: string, { asOf, knownAt, ...options }: Json & { asOf?: string; knownAt?: string }) =>
      finish(options, async (api) => {
        const query = new URLSearchParams({
          ...(asOf && { asOf }),
          ...(knownAt && { knownAt }),
        });
        return told(await api.get(`${place(id)}?${query}`));
      }),
    );
}

function group(program: Command, name: string, description: string): Command {
  return program.command(name).description(description);
}

function leaf(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).option('--json', 'one JSON document on stdout and nothing else');
}

/** Sends what is named; a field that is wrong is told by its flag. */
async function sent(
  api: Api,
  method: 'POST' | 'PATCH',
  to: string,
  { json: _json, ...body }: Options,
  flags: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const named = (field: string) => {
    // Of a list the place within it is told too.
    const [whole = field] = field.split('.');
    return `--${(flags[whole] ?? whole).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  };
  return told(await api.call<Body>(method, to, { body, named }));
}

function told(document: Body): Outcome {
  const rows = Object.entries(document).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return { document, lines: table(rows) };
}

function required(flag: string, value: unknown): unknown {
  if (value === undefined) throw new Failure(EXIT.usage, 'usage', `--${flag} <date> is needed, or --never`);
  return value;
}

function listed(what: unknown): readonly string[] {
  return String(what)
    .split(',')
    .map((one) => one.trim());
}

function path(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return String.raw({ raw: texts }, ...ids.map((id) => encodeURIComponent(id)));
}

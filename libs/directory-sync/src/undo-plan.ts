// The plan that puts back what was before an import: the streams, read up to where it touched them.
import { streamOf, type AnyDecider, type EventLog, type Recorded, type Typed } from '@app/kernel';
import {
  person,
  positionTree,
  reporting,
  SITE,
  unitTree,
  type AssignmentFields,
  type ManagerLink,
  type PersonDetails,
  type PersonEvent,
  type Position,
  type PositionTreeCommand,
  type PositionTreeEvent,
  type ReportingCommand,
  type ReportingEvent,
  type SyncPerson,
  type Unit,
  type UnitTreeCommand,
  type UnitTreeEvent,
} from '@app/organisation';
import { dividedPerson } from './many-jobs';
import type { Pause } from './piecewise';
import type { Plan, Step } from './plan';
import { Row, type Remark } from './sheet';
import { PAGE_EVENTS, type Touched } from './touched';
import { activityBefore, type Activity } from './undo-activity';

const ASSIGNMENTS_PER_STEP = 500;

export interface UndoPlan extends Pick<Plan, 'trees' | 'people' | 'managers'> {
  /** One for each thing that the import touched. */
  readonly rows: readonly Row[];
  readonly noted: readonly Remark[];
}
/** Where the streams are, and how others get their turn while they are read. */
interface Source {
  readonly log: EventLog;
  readonly pause: Pause;
}
type Rows = ReadonlyMap<Touched, Row>;
/** How a unit or a position is from a day on; '' is before any day. Without a node it has ended. */
interface Version<Node> {
  readonly from: string;
  readonly node?: Node;
}
/** What an event says of one: how it is from a day on, or that it has ended, or that it has not. */
interface Said<Node> {
  readonly id: string;
  readonly from: string | undefined;
  readonly node?: Node;
}
type Before<Node> = readonly ({ readonly id: string; readonly on: string } & Version<Node>)[];

/** What is to be put back, and what cannot be because somebody else has changed it since. */
export async function undoPlan(source: Source, touched: readonly Touched[], on: string): Promise<UndoPlan> {
  const rows: Rows = new Map(touched.map((one, at) => [one, new Row(`${one.of} ${one.id}`, at + 1, new Map(), [])]));
  for (const [{ since }, row] of rows) if (since !== undefined) row.refuse('changed-since', `${since} has changed it since; it stays`);
  const free = touched.filter(({ since }) => since === undefined);
  const noted: Remark[] = [];
  const of = (kind: Touched['of']) => free.filter((one) => one.of === kind);
  const units = await nodesBefore<Unit>(source, unitTree, of('unit'), unitsSaid);
  const positions = await nodesBefore<Position>(source, positionTree, of('position'), positionsSaid);
  const known = new Set([...units.map(({ id }) => `unit ${id}`), ...positions.map(({ id }) => `position ${id}`)]);
  for (const one of [...of('unit'), ...of('position')]) {
    if (!known.has(`${one.of} ${one.id}`)) noted.push(rows.get(one)!.remark('stays-recorded', 'it was new, and stays'));
  }
  const all = (kind: Touched['of']) => of(kind).map((one) => rows.get(one)!);
  const trees: Step[] = [
    ...versionSteps(
      units,
      { decider: unitTree, id: SITE, rows: all('unit') },
      {
        record: (nodes, effective): UnitTreeCommand => ({ type: 'RecordUnits', units: nodes, ...(effective && { effective }) }),
        end: (ends): UnitTreeCommand => ({ type: 'EndUnits', units: ends }),
      },
    ),
    ...versionSteps(
      positions,
      { decider: positionTree, id: SITE, rows: all('position') },
      {
        record: (nodes, effective): PositionTreeCommand => ({ type: 'RecordPositions', positions: nodes, ...(effective && { effective }) }),
        end: (ends): PositionTreeCommand => ({ type: 'EndPositions', positions: ends }),
      },
    ),
  ];
  const people: Step[] = [];
  const personal = free.filter((one) => one.of === 'details' || one.of === 'activity' || one.of === 'assignment');
  for (const [id, things] of Map.groupBy(personal, (one) => one.person)) {
    const { steps, isNew } = await personSteps(source, { id, things, on, rows });
    people.push(...steps.slice(-1));
    trees.push(...steps.slice(0, -1));
    if (isNew) noted.push(rows.get(things[0]!)!.remark('stays-recorded', 'the person was new, and is inactive now'));
  }
  return { trees, people, managers: await managerSteps(source, of('managers'), rows), rows: [...rows.values()], noted };
}

/** Nodes as they were on each day from which the import changed them, by that day; those that were not there are left out. */
async function nodesBefore<Node>(
  source: Source,
  decider: AnyDecider,
  touched: readonly Touched[],
  saidBy: (event: Typed) => readonly Said<Node>[],
): Promise<Before<Node>> {
  const before = new Map<string, readonly Version<Node>[]>();
  const days = new Map<string, Set<string>>();
  const first = new Map(touched.map((one) => [one.id, one.first]));
  for await (const { event, position } of eventsOf(source, streamOf(decider, SITE))) {
    for (const said of saidBy(event).filter(({ id }) => first.has(id))) {
      const { id, from = '' } = said;
      if (position >= first.get(id)!) days.set(id, (days.get(id) ?? new Set()).add(from));
      else before.set(id, versionsWith(before.get(id) ?? [], said));
    }
  }
  return [...before].flatMap(([id, versions]) =>
    [...(days.get(id) ?? [])].map((on) => ({ id, on, ...(versions.findLast(({ from }) => from <= on) ?? versions[0]!) })),
  );
}

function versionsWith<Node>(versions: readonly Version<Node>[], { from, node }: Said<Node>): readonly Version<Node>[] {
  if (node !== undefined && from !== undefined) {
    const others = from === '' ? [] : versions.filter((version) => version.from !== from);
    return [...others, { from, node }].toSorted((one, other) => (one.from < other.from ? -1 : 1));
  }
  const open = versions.at(-1)?.node === undefined ? versions.slice(0, -1) : versions;
  return from === undefined ? open : [...open.filter((version) => version.from < from), { from }];
}

function unitsSaid(event: Typed): readonly Said<Unit>[] {
  const told = event as UnitTreeEvent;
  if (told.type === 'UnitsEnded') return told.units.map(({ id, to }) => ({ id, from: to }));
  return told.units.map((node) => ({ id: node.id, from: told.effective ?? '', node }));
}

function positionsSaid(event: Typed): readonly Said<Position>[] {
  const told = event as PositionTreeEvent;
  if (told.type === 'PositionsEnded') return told.positions.map(({ id, to }) => ({ id, from: to }));
  return told.positions.map((node) => ({ id: node.id, from: told.effective ?? '', node }));
}

function versionSteps<Node>(
  before: Before<Node>,
  step: Pick<Step, 'decider' | 'id' | 'rows'>,
  {
    record,
    end,
  }: {
    readonly record: (nodes: readonly Node[], effective: string | undefined) => Typed;
    readonly end: (ends: readonly { readonly id: string; readonly to: string }[]) => Typed;
  },
): readonly Step[] {
  const there = before.filter(({ node }) => node !== undefined);
  const ended = before.filter(({ node }) => node === undefined).map(({ id, from }) => ({ id, to: from }));
  const recorded = [...Map.groupBy(there, ({ on }) => on)].map(([on, all]): Step => {
    const nodes = all.flatMap(({ node }) => node ?? []);
    return { ...step, subject: `all/${on}`, command: record(nodes, on === '' ? undefined : on) };
  });
  return [...recorded, ...(ended.length > 0 ? [{ ...step, subject: 'all/ended', command: end(ended) }] : [])];
}

async function personSteps(
  source: Source,
  { id, things, on, rows }: { id: string; things: readonly Touched[]; on: string; rows: Rows },
): Promise<{ steps: readonly Step[]; isNew: boolean }> {
  const first = new Map(things.map((one) => [`${one.of} ${one.id}`, one.first]));
  const isBefore = (of: Touched['of'], thing: string, position: number) => position < (first.get(`${of} ${thing}`) ?? 0);
  let details: PersonDetails | undefined;
  const activity: Activity[] = [];
  const since: Activity[] = [];
  const before = new Map<string, AssignmentFields>();
  const begun = new Map<string, AssignmentFields>();
  for await (const recorded of eventsOf(source, streamOf(person, id))) {
    const event = recorded.event as PersonEvent;
    switch (event.type) {
      case 'PersonRegistered':
      case 'PersonDetailsChanged':
        if (isBefore('details', id, recorded.position)) details = event;
        if (event.type === 'PersonRegistered' && isBefore('activity', id, recorded.position)) activity.push({ is: true, on: '' });
        break;
      case 'PersonDeactivated':
      case 'PersonReactivated':
        (isBefore('activity', id, recorded.position) ? activity : since).push({
          is: event.type === 'PersonReactivated',
          on: event.on ?? '',
          exactly: true,
        });
        break;
      case 'AssignmentStarted':
      case 'AssignmentChanged':
        (isBefore('assignment', event.assignment, recorded.position) ? before : begun).set(event.assignment, event);
        break;
      case 'AssignmentEnded': {
        const kept = isBefore('assignment', event.assignment, recorded.position) ? before : begun;
        const known = kept.get(event.assignment);
        if (known) kept.set(event.assignment, { ...known, to: event.to });
      }
    }
  }
  const assignments = things
    .filter(({ of }) => of === 'assignment')
    .map((one) => before.get(one.id) ?? { ...begun.get(one.id)!, to: begun.get(one.id)!.from });
  const activities = things.some(({ of }) => of === 'activity') ? activityBefore(activity, since, on) : [];
  const step = (part: readonly AssignmentFields[], subject: string, rest: Partial<SyncPerson>): Step => {
    const command: SyncPerson = { type: 'SyncPerson', person: id, assignments: part, ...rest };
    const rowsOf = (named: readonly Touched[]) => named.map((one) => rows.get(one)!);
    return dividedPerson({ decider: person, id, subject, command, rows: rowsOf(things) }, (assignment) =>
      rowsOf(things.filter((one) => one.of === 'assignment' && one.id === assignment)),
    );
  };
  // A job that never was has to have its other fields first: only as an end can an interval be empty.
  const empty = assignments.filter(({ from, to }) => to !== undefined && to <= from).map(({ to: _to, ...rest }) => rest);
  const opened = empty.filter(({ assignment }) => before.has(assignment));
  const active = activities.at(-1);
  const last = step(assignments, id, { ...(details && { details }), ...(active && { active }) });
  const earlier = activities.slice(0, -1).map((one, at) => step([], `${id}/activity${at}`, { active: one }));
  return {
    steps: [...(opened.length > 0 ? [step(opened, `${id}/opened`, {})] : []), ...earlier, last],
    isNew: active !== undefined && activity.length === 0,
  };
}

/**
 * Links as they were, in two rounds: first those that are left of them, no longer than they are now, and then all. In no
 * round is there a link that would not be there at the end, so that no part closes a loop.
 */
async function managerSteps(source: Source, touched: readonly Touched[], rows: Rows): Promise<readonly Step[]> {
  if (touched.length === 0) return [];
  const first = new Map(touched.map((one) => [one.id, one.first]));
  const before = new Map<string, Map<string, ManagerLink>>();
  const now = new Map<string, Map<string, ManagerLink>>();
  for await (const { event, position } of eventsOf(source, streamOf(reporting, SITE))) {
    for (const [links, until] of [
      [now, Infinity],
      [before, undefined],
    ] as const) {
      takeLinks(links, event as ReportingEvent, (assignment) => first.has(assignment) && position < (until ?? first.get(assignment)!));
    }
  }
  const round = (name: string, linksOf: (assignment: string) => readonly ManagerLink[]): Step[] => {
    const stepFor = (part: readonly Touched[]): Step => {
      const assignments = part.map(({ id }) => ({ assignment: id, links: linksOf(id) }));
      const command: ReportingCommand = { type: 'RestoreManagers', assignments };
      return { decider: reporting, id: SITE, subject: `${part[0]!.id}/${name}`, command, rows: part.map((one) => rows.get(one)!) };
    };
    return Array.from({ length: Math.ceil(touched.length / ASSIGNMENTS_PER_STEP) }, (_, at) => {
      const part = touched.slice(at * ASSIGNMENTS_PER_STEP, (at + 1) * ASSIGNMENTS_PER_STEP);
      return { ...stepFor(part), parts: () => part.map((one) => stepFor([one])) };
    });
  };
  const wanted = (id: string) => [...(before.get(id)?.values() ?? [])];
  const left = (id: string) =>
    wanted(id).flatMap((link) => {
      const current = now.get(id)?.get(link.id);
      if (!current) return [];
      const to = link.to === undefined || (current.to !== undefined && current.to < link.to) ? current.to : link.to;
      return [to === undefined ? link : { ...link, to }];
    });
  return [...round('cut', left), ...round('whole', wanted)];
}

function takeLinks(links: Map<string, Map<string, ManagerLink>>, event: ReportingEvent, takes: (assignment: string) => boolean): void {
  const put = (assignment: string, link: ManagerLink) => {
    const known = links.get(assignment) ?? new Map<string, ManagerLink>();
    links.set(assignment, known);
    if (link.from !== undefined && link.to !== undefined && link.to <= link.from) known.delete(link.id);
    else known.set(link.id, link);
  };
  if (event.type === 'ManagersAssigned') {
    for (const link of event.links) if (takes(link.assignment)) put(link.assignment, link);
    return;
  }
  for (const { id, to } of event.links) {
    const assignment = id.slice(0, id.indexOf('/'));
    const link = links.get(assignment)?.get(id);
    if (link && takes(assignment)) put(assignment, { ...link, to });
  }
}

async function* eventsOf({ log, pause }: Source, stream: string): AsyncGenerator<Recorded> {
  for (let from = 0; ;) {
    const page = await log.read(stream, { from, max: PAGE_EVENTS });
    yield* page;
    await pause();
    if (page.length < PAGE_EVENTS) return;
    from = page.at(-1)!.revision + 1;
  }
}

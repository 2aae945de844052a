// Compares what a file says with what is recorded: the commands that close the gap, and a verdict for every row.
import type { Views } from '@app/kernel';
import {
  assignmentOf,
  linksOf,
  person,
  positionTree,
  reporting,
  SITE,
  unitOf,
  unitTree,
  type AssignmentFields,
  type Overlap,
  type Position,
  type PositionTreeCommand,
  type ReportingCommand,
  type SyncPerson,
  type Unit,
  type UnitTreeCommand,
} from '@app/organisation';
import { refusedPeople, type Drafts } from './drafts';
import { dividedPerson } from './many-jobs';
import type { Piecewise } from './piecewise';
import { fieldsOf, planAssignments, sameFields, stillEnded, unnamed, type PlannedAssignment } from './plan-assignments';
import type { Plan, Step } from './plan';
import { isAlive, planManagers, type ManagersPlan } from './plan-managers';
import { soonAfter } from './plan-guard';
import { planPeople, type PeoplePlan, type PlannedPerson } from './plan-people';
import { recordedTree, refuseInEnded } from './plan-places';
import { planTree, type PlannedNode, type TreePlan } from './plan-tree';
import { refuseByType, refuseUnmanaged, rulesFor, typesWithRules, type Types } from './plan-type-rules';
import type { Row } from './sheet';
import { topsBy } from './top-units';

export interface PlanOptions {
  readonly mode: 'full' | 'delta';
  /** The day from which the file holds. */
  readonly effective: string;
  /** The day on which it comes; without it the same. */
  readonly today?: string | undefined;
  /** Whether it is known of every row of whom it speaks; if not, nobody can say what the file no longer names. */
  readonly complete: boolean;
  /** Of an import that was cut off, where in the log it started: what was recorded since is its own. */
  readonly since: number | undefined;
  /** What becomes of direct managers beside each other; refused without it. */
  readonly overlap?: Overlap | undefined;
}

const NODES_PER_STEP = 200;
/** One step is decided, recorded and shown in one go, while everybody else waits. */
const ASSIGNMENTS_PER_STEP = 250;

export function* planImport(
  all: Views,
  drafts: Drafts,
  { mode, effective, today = effective, complete, since, overlap = 'refuse' }: PlanOptions,
): Piecewise<Plan> {
  // Views that say no version: each row is asked for once, so that answers are not worth keeping.
  const views: Views = { get: (...asked) => all.get(...asked), all: (...asked) => all.all(...asked) };
  const { units, positions } = yield* planTrees(views, drafts, effective);
  const people = yield* planPeople(views, drafts.people, { repeats: drafts.repeats === true, effective });
  const known = { knowsPerson: people.knows, knowsUnit: units.knows, knowsPosition: positions.knows };
  const linksNow = (assignment: string) => linksOf(views, assignment);
  const full = mode === 'full';
  const planned = yield* planAssignments(views, drafts.assignments, { known, effective, full, since, linksOf: linksNow });
  const ownerOf = (id: string) => {
    const one = planned.get(id);
    return one && isAlive(one) ? one.person : assignmentOf(views, id)?.person;
  };
  const types = typesWithRules(views);
  yield* refuseInEnded(planned, { unit: units.endOf, position: positions.endOf });
  yield* refuseByType(types, planned, heldBeside(views, drafts, { effective, ends: full && complete }));
  const question = { effective, overlap, knowsPerson: people.knows, ownerOf };
  let managers: ManagersPlan;
  let unmanaged: ReturnType<typeof refuseUnmanaged>;
  do {
    managers = yield* planManagers(views, planned, question);
    unmanaged = refuseUnmanaged(views, types, { planned, managers, effective });
  } while ((yield* people.keep()) || unmanaged.refused);
  const fallen = [...planned.values()].filter((one) => !isAlive(one));
  for (const { assignment } of fallen) planned.delete(assignment);
  const gone = full && complete ? yield* unnamed(views, planned, { drafts, effective, topOf: topUnits(views, units) }) : [];
  return {
    ...endsOf(planned, { gone: gone.length, people, effective, soon: soonAfter(effective, today) }),
    trees: [...treeSteps(units.nodes, effective, unitStep), ...treeSteps(positions.nodes, effective, positionStep)],
    people: yield* personSteps(yield* people.people(), planned, { gone, effective, types }),
    managers: managerSteps(managers, effective),
    unnamed: gone.length,
    noted: [...[drafts, units, positions, unmanaged, managers].flatMap(({ noted }) => noted), ...stillEnded(planned, effective)],
  };
}

/** What is recorded of a person; a file that holds all ends on its day what it does not name. */
function heldBeside(views: Views, drafts: Drafts, { effective, ends }: { effective: string; ends: boolean }) {
  const named = new Set(drafts.assignments.map(({ assignment }) => assignment));
  const kept = refusedPeople(drafts);
  return (id: string): readonly AssignmentFields[] =>
    views.all<{ id: string }>('select id from assignments where person = ?', id).map((job) => {
      const fields = fieldsOf(assignmentOf(views, job.id)!);
      const over = fields.to !== undefined && fields.to <= effective;
      return ends && !over && !named.has(job.id) && !kept.has(id) ? { ...fields, to: effective } : fields;
    });
}

/** Jobs that would end soon, if not before, and accounts that would close, and those that are in effect and spoken of. */
function endsOf(
  planned: ReadonlyMap<string, PlannedAssignment>,
  { gone, people, effective, soon }: { gone: number; people: PeoplePlan; effective: string; soon: string },
): { ends: number; known: number } {
  let [ends, known] = [gone + people.leaving(), gone + people.active()];
  for (const { current, wanted } of planned.values()) {
    if (!current || (current.to !== undefined && current.to <= effective)) continue;
    known++;
    if (wanted.to === undefined || (current.to !== undefined && current.to <= wanted.to)) continue;
    if (wanted.to <= soon || wanted.to <= wanted.from) ends++;
  }
  return { ends, known };
}

function* planTrees(views: Views, drafts: Drafts, effective: string): Piecewise<{ units: TreePlan; positions: TreePlan }> {
  const repeats = drafts.repeats === true;
  const common = (tree: 'units' | 'positions') => ({ repeats, effective, ...recordedTree(views, tree, effective) });
  const units = yield* planTree({
    ...common('units'),
    drafts: drafts.units,
    codes: { unknown: 'unknown-parent', loop: 'unit-loop' },
  });
  const positions = yield* planTree({
    ...common('positions'),
    drafts: drafts.positions,
    units,
    codes: { unknown: 'unknown-superior', loop: 'position-loop' },
  });
  return { units, positions };
}

function topUnits(views: Views, { nodes }: TreePlan): (unit: string | undefined) => string {
  const planned = new Map(nodes.map(({ id, fields }) => [id, fields.above]));
  return topsBy((id) => (planned.has(id) ? planned.get(id) : unitOf(views, id)?.parent));
}

type TreeStep = (nodes: readonly PlannedNode[], effective: string | undefined) => Omit<Step, 'rows'>;

/** What is new always was so, as far as anybody can say; what differs is different from the effective day on. */
function treeSteps(nodes: readonly PlannedNode[], effective: string, stepFor: TreeStep): readonly Step[] {
  const steps = (isNew: boolean) =>
    slices(
      nodes.filter((node) => node.isNew === isNew),
      NODES_PER_STEP,
    ).map((part) => ({ ...stepOf(part, isNew), parts: () => part.map((one) => stepOf([one], isNew)) }));
  const stepOf = (part: readonly PlannedNode[], isNew: boolean): Step => ({
    ...stepFor(part, isNew ? undefined : effective),
    rows: part.flatMap(({ rows }) => rows),
    fresh: isNew ? part.length : undefined,
  });
  return [...steps(true), ...steps(false)];
}

function unitStep(part: readonly PlannedNode[], effective: string | undefined): Omit<Step, 'rows'> {
  const units = part.map(({ id, fields }): Unit => ({ id, name: fields.name, parent: fields.above }));
  const command: UnitTreeCommand = { type: 'RecordUnits', units, effective };
  return { decider: unitTree, id: SITE, subject: part[0]!.id, command };
}

function positionStep(part: readonly PlannedNode[], effective: string | undefined): Omit<Step, 'rows'> {
  const positions = part.map(({ id, fields }): Position => ({ id, title: fields.name, superior: fields.above, unit: fields.unit }));
  const command: PositionTreeCommand = { type: 'RecordPositions', positions, effective };
  return { decider: positionTree, id: SITE, subject: part[0]!.id, command };
}

function* personSteps(
  people: ReadonlyMap<string, PlannedPerson>,
  planned: ReadonlyMap<string, PlannedAssignment>,
  { gone, effective, types }: { gone: readonly { person: string; wanted: AssignmentFields }[]; effective: string; types: Types },
): Piecewise<readonly Step[]> {
  const steps = new Map<string, { assignments: AssignmentFields[]; rows: Row[]; isNew: boolean }>();
  const stepOf = (id: string) => {
    const known = steps.get(id);
    if (known) return known;
    const step = { assignments: [], rows: [], isNew: true };
    steps.set(id, step);
    return step;
  };
  for (const { person: id, rows, current } of people.values()) {
    const step = stepOf(id);
    step.rows.push(...rows);
    if (current) step.isNew = false;
  }
  for (const one of planned.values()) {
    yield;
    if (sameFields(one.current, one.wanted)) continue;
    const step = stepOf(one.person);
    step.assignments.push(one.wanted);
    if (one.current) step.isNew = false;
    for (const { row, deleted } of one.drafts) {
      row.judge(deleted ? 'ended' : one.current ? 'changed' : 'added');
      step.rows.push(row);
    }
  }
  for (const { person: id, wanted } of gone) {
    const step = stepOf(id);
    step.assignments.push(wanted);
    step.isNew = false;
  }
  return [...steps].map(([id, { assignments, rows, isNew }]) => {
    const details = people.get(id)?.details;
    const active = people.get(id)?.active;
    const rules = rulesFor(types, assignments);
    const command: SyncPerson = {
      type: 'SyncPerson',
      person: id,
      // The list that grew keeps room for more, and there is one for every person.
      assignments: assignments.slice(),
      ...(rules && { rules }),
      ...(details && { details }),
      ...(active !== undefined && { active: { is: active, on: effective } }),
    };
    const fresh = isNew && active === undefined ? assignments.length + (details ? 1 : 0) : undefined;
    const step = { decider: person, id, subject: id, command, rows: rows.slice(), fresh };
    return dividedPerson(step, (assignment) => planned.get(assignment)?.drafts.map(({ row }) => row) ?? []);
  });
}

function managerSteps({ named }: ManagersPlan, effective: string): readonly Step[] {
  const stepFor = (part: ManagersPlan['named']): Step => {
    const command: ReportingCommand = { type: 'SyncManagers', effective, assignments: part.map(({ managers }) => managers) };
    const fresh = part.every(({ isNew }) => isNew) ? part.reduce((sum, { managers }) => sum + managers.links.length, 0) : undefined;
    const rows = part.flatMap((one) => one.rows);
    return { decider: reporting, id: SITE, subject: part[0]!.managers.assignment, command, rows, fresh };
  };
  return slices(named, ASSIGNMENTS_PER_STEP).map((part) => ({ ...stepFor(part), parts: () => part.map((one) => stepFor([one])) }));
}

function slices<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

// Both hierarchies and which of them answers, as one would write it down without thinking of speed.
import type { LinkKind, PositionTypesEvent, ReportingModesEvent, Responsibility, UnitTreeEvent } from '@app/organisation';
import type { Recorded } from '@app/kernel';
import { holds, NaiveOrganisation, sorted, type Job, type OrganisationEvent } from './naive-organisation';

type ReportingFact = Recorded<OrganisationEvent | UnitTreeEvent | PositionTypesEvent | ReportingModesEvent>;
interface Edge {
  readonly of: string;
  readonly manager: string;
  /** The manager's job to which it leads, or all of his. */
  readonly job?: string | undefined;
  readonly kind: LinkKind;
}

export class NaiveReporting extends NaiveOrganisation {
  private readonly parents = new Map<string, Map<string, string | undefined>>();
  private readonly modes = new Map<string, Map<string, string>>();
  private readonly aims = new Set<string>();

  constructor(facts: readonly ReportingFact[], position: number) {
    super([], 0);
    for (const fact of facts) if (fact.position <= position) this.take(fact.event);
  }

  override holders(position: string, on: string): readonly string[] {
    return super.holders(position, on).filter((id) => !this.aims.has(this.known.jobs.get(id)!.positionType));
  }

  aimsAt(assignment: string): boolean {
    return this.aims.has(this.known.jobs.get(assignment)!.positionType);
  }

  /** Climbs the units until one has chosen. */
  modeOf(job: Job, on: string): string {
    for (let unit = job.unit ?? this.unitOf(job.position, on); unit !== undefined; unit = latest(this.parents.get(unit), on)) {
      const own = latest(this.modes.get(unit), on);
      if (own !== undefined && own !== 'inherit') return own;
    }
    return latest(this.modes.get(''), on) ?? 'person-to-person';
  }

  override managers(assignment: string, responsibility: Responsibility, on: string): readonly string[] {
    const job = this.known.jobs.get(assignment);
    if (!job || this.modeOf(job, on) === 'person-to-person') return super.managers(assignment, responsibility, on);
    return holds(job, on) ? sorted(this.seatEdges(job, on).map(({ manager }) => `direct ${manager}`)) : [];
  }

  override team(person: string, responsibility: Responsibility, on: string, by?: string): readonly string[] {
    const jobs = [...this.known.jobs.values()].filter((job) => holds(job, on));
    const edges = jobs.flatMap(({ id }) => this.edges(id, responsibility, on)).filter(({ kind }) => kind === 'direct');
    const found = new Map<string, number>();
    let next = edges.filter(({ manager, job }) => manager === person && (by === undefined || job === undefined || job === by));
    for (let depth = 1; next.length > 0; depth++) {
      for (const { of } of next) found.set(of, depth);
      const leads = ({ manager, job }: Edge) =>
        [...found.keys()].some((id) => this.ownerOf(id) === manager && (job === undefined || job === id));
      next = edges.filter((edge) => !found.has(edge.of) && leads(edge));
    }
    return sorted([...found].filter(([id]) => this.active(this.ownerOf(id), on)).map(([id, depth]) => `${id} ${depth}`));
  }

  /** Who is asked for a request in the name of a job. */
  approvers(assignment: string, on: string, fallback: string): readonly string[] {
    const learner = this.ownerOf(assignment);
    const able = (person: string) => person !== learner && this.active(person, on);
    // Whoever is named in a job decides while he holds it.
    const holdsIt = ({ manager, job }: Edge) => job === undefined || this.jobsOf(manager, on).includes(job);
    const fit = (edge: Edge) => able(edge.manager) && holdsIt(edge) && !this.above(edge.manager, on).has(learner);
    const met = new Set<string>();
    for (let level: readonly string[] = [assignment]; level.length > 0;) {
      for (const id of level) met.add(id);
      const edges = level.flatMap((id) => this.edges(id, 'approval', on));
      const first = edges.filter((edge) => edge.kind !== 'alternate' && fit(edge));
      const asked = first.length > 0 ? first : edges.filter(fit);
      if (asked.length > 0) return sorted(asked.map(({ manager }) => manager));
      const direct = edges.filter(({ kind }) => kind === 'direct');
      level = this.leadTo(direct.length > 0 ? direct : edges, on).filter((id) => !met.has(id));
    }
    return able(fallback) ? [fallback] : [];
  }

  /** Jobs that come back to themselves over direct managers. */
  loops(on: string): readonly string[] {
    const jobs = [...this.known.jobs.values()].filter((job) => holds(job, on));
    return jobs.filter(({ id }) => this.jobsAbove([id], on).has(id)).map(({ id }) => id);
  }

  /** Everybody above a person in any of his jobs, for anything. */
  private above(person: string, on: string): ReadonlySet<string> {
    const own = this.jobsOf(person, on);
    const edges = [...own, ...this.jobsAbove(own, on)]
      .flatMap((id) => this.edges(id, undefined, on))
      .filter(({ kind }) => kind !== 'alternate');
    return new Set(edges.map(({ manager }) => manager));
  }

  private jobsAbove(from: readonly string[], on: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (let level = from; level.length > 0;) {
      const edges = level.flatMap((id) => this.edges(id, undefined, on)).filter(({ kind }) => kind !== 'alternate');
      level = this.leadTo(edges, on).filter((id) => !found.has(id));
      for (const id of level) found.add(id);
    }
    return found;
  }

  private leadTo(edges: readonly Edge[], on: string): readonly string[] {
    return sorted(edges.flatMap(({ manager, job }) => (job === undefined ? this.jobsOf(manager, on) : [job])));
  }

  /** Links may lead to a job that nobody has recorded: it has no position, and so only links of its own. */
  private edges(id: string, responsibility: Responsibility | undefined, on: string): readonly Edge[] {
    const job = this.known.jobs.get(id);
    if (job && this.modeOf(job, on) === 'position-code') return this.seatEdges(job, on);
    return this.linksOn(on)
      .filter((link) => link.assignment === id && (responsibility === undefined || link.responsibilities.includes(responsibility)))
      .map(({ manager, managerAssignment, kind }) => ({ of: id, manager, job: managerAssignment, kind }));
  }

  private seatEdges({ id, position, positionType }: Job, on: string): readonly Edge[] {
    if (this.aims.has(positionType)) return [];
    for (let seat = position && this.superior(position, on); seat !== undefined; seat = this.superior(seat, on)) {
      const holders = this.holders(seat, on);
      if (holders.length > 0) return holders.map((job) => ({ of: id, manager: this.ownerOf(job), job, kind: 'direct' }));
    }
    return [];
  }

  private ownerOf(job: string): string {
    return this.known.jobs.get(job)!.person;
  }

  private unitOf(position: string | undefined, on: string): string | undefined {
    if (position === undefined) return undefined;
    const versions = [...(this.known.positions.get(position) ?? [])].filter(([from]) => from <= on);
    return versions.sort(([one], [other]) => (one < other ? 1 : -1))[0]?.[1]?.unit;
  }

  private take(event: ReportingFact['event']): void {
    switch (event.type) {
      case 'UnitsRecorded':
        for (const { id, parent } of event.units) versioned(this.parents, id, event.effective).set(event.effective ?? '', parent);
        break;
      case 'UnitsEnded': // Nobody is in a unit that has ended, so nobody asks for its mode.
        break;
      case 'ReportingModeChosen':
        versioned(this.modes, event.unit ?? '', event.effective).set(event.effective, event.mode);
        break;
      case 'PositionTypesRecorded':
        for (const { id, aspirational } of event.types) this.aims[aspirational ? 'add' : 'delete'](id);
        break;
      default:
        this.learn(event);
    }
  }
}

/** Without a day it always was so. */
function versioned<Value>(all: Map<string, Map<string, Value>>, id: string, effective: string | undefined): Map<string, Value> {
  const versions = effective === undefined ? new Map<string, Value>() : (all.get(id) ?? new Map<string, Value>());
  all.set(id, versions);
  return versions;
}

function latest<Value>(versions: ReadonlyMap<string, Value> | undefined, on: string): Value | undefined {
  const known = [...(versions ?? [])].filter(([from]) => from <= on);
  return known.sort(([one], [other]) => (one < other ? 1 : -1))[0]?.[1];
}

// The organisation as one would write it down without thinking of speed: every question folds all events anew.
import type { ManagerLink, PersonEvent, PositionTreeEvent, Position, ReportingEvent, Responsibility } from '@app/organisation';
import type { Recorded } from '@app/kernel';

export type OrganisationEvent = PersonEvent | ReportingEvent | PositionTreeEvent;
export type Fact = Recorded<OrganisationEvent>;

export interface Job {
  id: string;
  person: string;
  positionType: string;
  position: string | undefined;
  unit: string | undefined;
  from: string;
  to: string | undefined;
}
interface Known {
  readonly people: Map<string, { readonly from?: string; readonly to?: string | undefined }>;
  readonly jobs: Map<string, Job>;
  readonly links: Map<string, ManagerLink>;
  /** Without a position from a day on it has ended. */
  readonly positions: Map<string, Map<string, Position | undefined>>;
}

/** What was known after the event at a position. */
export class NaiveOrganisation {
  protected readonly known: Known = { people: new Map(), jobs: new Map(), links: new Map(), positions: new Map() };

  constructor(history: readonly Fact[], position: number) {
    for (const fact of history) if (fact.position <= position) this.learn(fact.event);
  }

  active(person: string, on: string): boolean {
    const away = this.known.people.get(person);
    if (!away) return false;
    return away.from === undefined || !holds(away, on);
  }

  jobsOf(person: string, on: string): readonly string[] {
    return sorted([...this.known.jobs.values()].filter((job) => job.person === person && holds(job, on)).map(({ id }) => id));
  }

  holders(position: string, on: string): readonly string[] {
    const jobs = [...this.known.jobs.values()].filter((job) => job.position === position && holds(job, on));
    return sorted(jobs.filter(({ person }) => this.active(person, on)).map(({ id }) => id));
  }

  superior(position: string, on: string): string | undefined {
    const versions = [...(this.known.positions.get(position) ?? [])].filter(([from]) => from <= on);
    return versions.sort(([one], [other]) => (one < other ? 1 : -1))[0]?.[1]?.superior;
  }

  isThere(position: string, on: string): boolean {
    const versions = [...(this.known.positions.get(position) ?? [])].filter(([from]) => from <= on);
    return versions.sort(([one], [other]) => (one < other ? 1 : -1))[0]?.[1] !== undefined;
  }

  managers(assignment: string, responsibility: Responsibility, on: string): readonly string[] {
    const job = this.known.jobs.get(assignment);
    if (!job || !holds(job, on)) return [];
    const links = this.linksOn(on).filter((link) => link.assignment === assignment && link.responsibilities.includes(responsibility));
    const able = links.filter(({ manager, managerAssignment }) => {
      const held = managerAssignment === undefined ? undefined : this.known.jobs.get(managerAssignment);
      return this.active(manager, on) && (managerAssignment === undefined || (held !== undefined && holds(held, on)));
    });
    return sorted(able.map(({ kind, manager }) => `${kind} ${manager}`));
  }

  /** Everybody below and how far, found by asking again and again who reports to those found. */
  team(person: string, responsibility: Responsibility, on: string): readonly string[] {
    const links = this.linksOn(on).filter((link) => {
      const job = this.known.jobs.get(link.assignment);
      return link.kind === 'direct' && link.responsibilities.includes(responsibility) && job !== undefined && holds(job, on);
    });
    const found = new Map<string, { owner: string; depth: number }>();
    let next = links.filter(({ manager }) => manager === person);
    for (let depth = 1; next.length > 0; depth++) {
      for (const link of next) found.set(link.assignment, { owner: link.person, depth });
      next = links.filter(
        (link) =>
          !found.has(link.assignment) &&
          [...found].some(
            ([job, { owner }]) => owner === link.manager && (link.managerAssignment === undefined || link.managerAssignment === job),
          ),
      );
    }
    return sorted([...found].filter(([, { owner }]) => this.active(owner, on)).map(([job, { depth }]) => `${job} ${depth}`));
  }

  protected linksOn(on: string): readonly ManagerLink[] {
    return [...this.known.links.values()].filter((link) => holds(link, on));
  }

  protected learn(event: OrganisationEvent): void {
    const { people, jobs, links, positions } = this.known;
    switch (event.type) {
      case 'PersonRegistered':
        people.set(event.person, {});
        break;
      case 'PersonDetailsChanged':
        break;
      case 'PersonDeactivated':
        people.set(event.person, { from: event.on });
        break;
      case 'PersonReactivated':
        people.set(event.person, { ...people.get(event.person), to: event.on ?? people.get(event.person)!.from });
        break;
      case 'AssignmentStarted':
      case 'AssignmentChanged':
        jobs.set(event.assignment, {
          id: event.assignment,
          person: event.person,
          positionType: event.positionType,
          position: event.position,
          unit: event.unit,
          from: event.from,
          to: event.to,
        });
        break;
      case 'AssignmentEnded':
        jobs.get(event.assignment)!.to = event.to;
        break;
      case 'ManagersAssigned':
        for (const link of event.links) links.set(link.id, link);
        break;
      case 'ManagersEnded':
        for (const { id, to } of event.links) links.set(id, { ...links.get(id)!, to });
        break;
      case 'PositionsRecorded':
        for (const node of event.positions) {
          const versions = event.effective === undefined ? new Map<string, Position | undefined>() : (positions.get(node.id) ?? new Map());
          positions.set(node.id, versions.set(event.effective ?? '', node));
        }
        break;
      case 'PositionsEnded':
        for (const { id, to } of event.positions) {
          const versions = [...positions.get(id)!].sort(([one], [other]) => (one < other ? -1 : 1));
          const open = versions.at(-1)![1] === undefined ? versions.slice(0, -1) : versions;
          const rest = open.filter(([from]) => to === undefined || from < to);
          positions.set(id, new Map([...rest, ...(to === undefined ? [] : [[to, undefined] as const])]));
        }
    }
  }
}

export function holds({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }, on: string): boolean {
  return (from === undefined || from <= on) && (to === undefined || on < to);
}

export function sorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

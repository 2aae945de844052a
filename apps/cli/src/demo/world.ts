// Who works where and under whom today, as the API tells it.
import type { Api } from '../api';
import { several } from './pool';

export interface Manager {
  readonly person: string;
  readonly kind: 'direct' | 'alternate' | 'temporary';
  readonly link: string;
  readonly to?: string;
}
export interface Job {
  readonly id: string;
  readonly person: string;
  readonly positionType: string;
  readonly position?: string;
  readonly unit?: string;
  readonly title?: string;
  readonly from: string;
  /** Managers for approval: whoever stands in first, then the direct one, then the alternates. */
  readonly managers: readonly Manager[];
}
export interface Colleague {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly jobs: readonly Job[];
}
interface Unit {
  readonly id: string;
  readonly name: string;
  readonly parent?: string;
}

const AT_ONCE = 16;

export class World {
  private constructor(
    /** Everybody, by id. */
    readonly people: ReadonlyMap<string, Colleague>,
    private readonly units: ReadonlyMap<string, Unit>,
  ) {}

  /** Reads everybody with the jobs that they hold on a day. */
  static async read(api: Api, asOf: string): Promise<World> {
    const people = await Array.fromAsync(api.list<Omit<Colleague, 'jobs'>>('people'));
    const known = await several(people, AT_ONCE, async (one): Promise<[string, Colleague]> => {
      const { items } = await api.get<{ items: Job[] }>(`people/${encodeURIComponent(one.id)}/assignments?asOf=${asOf}`);
      return [one.id, { ...one, jobs: items }];
    });
    const units = await Array.fromAsync(api.list<Unit>('units'));
    return new World(new Map(known), new Map(units.map((unit) => [unit.id, unit])));
  }

  get jobs(): readonly Job[] {
    return [...this.people.values()].flatMap(({ jobs }) => jobs);
  }

  person(id: string): Colleague {
    return required(this.people.get(id), `the person ${id}`);
  }

  job(id: string): Job {
    return required(
      this.jobs.find((job) => job.id === id),
      `the job ${id}`,
    );
  }

  /** Whoever holds a position today, of the same site where one is given. */
  holder(position: string, site?: string): Colleague {
    const holds = (job: Job) => job.position === position && (site === undefined || this.siteOf(job) === site);
    return required(
      [...this.people.values()].find(({ jobs }) => jobs.some(holds)),
      `a holder of ${position}`,
    );
  }

  /** The part of the organisation right below its top in which a job lies. */
  siteOf({ unit }: Job): string | undefined {
    for (let id = unit; id !== undefined;) {
      const parent = this.units.get(id)?.parent;
      if (parent !== undefined && this.units.get(parent)?.parent === undefined) return id;
      id = parent;
    }
    return undefined;
  }

  /** "Registered Nurse, Oncology West". */
  describe({ title, unit }: Job): string {
    return [title, unit && (this.units.get(unit)?.name ?? unit)].filter(Boolean).join(', ');
  }

  /** "Daan Mulder (P000225, Ward Manager 77, Oncology West)". */
  introduce(id: string): string {
    const { name, jobs } = this.person(id);
    const [job] = jobs;
    return `${name} (${[id, job && this.describe(job)].filter(Boolean).join(', ')})`;
  }
}

function required<Found>(found: Found | undefined, what: string): Found {
  if (found === undefined) throw new Error(`the demo's data lack ${what}`);
  return found;
}

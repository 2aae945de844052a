// Who plays a part: always the first by id who fits and has played none, so that every run tells of the same people.
import type { Colleague, Job, World } from './world';

export interface Part {
  readonly learner: Colleague;
  readonly job: Job;
}

const LEARNING_POSITIONS = ['POS-NURSE', 'POS-ASST'];

export class Casting {
  private readonly played = new Set<string>();
  private readonly left = new Set<string>();

  constructor(private readonly world: World) {}

  /** Somebody with one job and one manager who decides. */
  ordinary(): Part {
    return this.next(({ managers }) => kinds(managers) === 'direct');
  }

  /** Somebody for whose one job two people decide today: who stands in, and the direct manager. */
  twoManagers(): Part | undefined {
    return this.find(({ managers }) => kinds(managers) === 'temporary direct');
  }

  /** Somebody whose manager has others who stand beside, and has not left. */
  withAlternate(): Part {
    return this.next(
      ({ managers }) => kinds(managers) === 'direct' && managers.some(({ kind }) => kind === 'alternate') && this.stays(managers),
    );
  }

  /** Somebody whose manager is the only one for the job, and has not left. */
  withoutAlternate(): Part {
    return this.next(({ managers }) => managers.length === 1 && kinds(managers) === 'direct' && this.stays(managers));
  }

  /** Somebody with several jobs under different managers. */
  severalJobs(): Colleague {
    const found = this.people().find(
      ({ jobs }) => jobs.length > 1 && new Set(jobs.map(({ managers }) => managers[0]?.person)).size === jobs.length,
    );
    return this.cast(found, 'somebody with several jobs');
  }

  /** From now on this person is gone. */
  leaves(person: string): void {
    this.left.add(person);
  }

  private next(fits: (job: Job) => boolean): Part {
    const part = this.find(fits);
    if (!part) throw new Error('the demo has run out of people who fit a part');
    return part;
  }

  private find(fits: (job: Job) => boolean): Part | undefined {
    const learner = this.people().find(({ jobs: [job, ...others] }) => {
      return job && others.length === 0 && LEARNING_POSITIONS.includes(job.position ?? '') && fits(job);
    });
    return learner && { learner: this.cast(learner, 'a learner'), job: learner.jobs[0]! };
  }

  private people(): readonly Colleague[] {
    const inOrder = [...this.world.people.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return inOrder.filter(({ id }) => !this.played.has(id));
  }

  private cast(found: Colleague | undefined, what: string): Colleague {
    if (!found) throw new Error(`the demo has run out of ${what}`);
    this.played.add(found.id);
    return found;
  }

  private stays(managers: Job['managers']): boolean {
    return !managers.some(({ person }) => this.left.has(person));
  }
}

/** Kinds of those who decide first, in order. */
function kinds(managers: Job['managers']): string {
  return managers
    .filter(({ kind }) => kind !== 'alternate')
    .map(({ kind }) => kind)
    .join(' ');
}

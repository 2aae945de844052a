// Asks the guards of the libraries about what is about to be recorded.
import { supposing, type ReadModels, type SupposedEvent } from '@app/event-log';
import type { Guard, Library, NewEvent } from '@app/kernel';
import { paced } from './pacer';

/** What has passed. It is beside all others until the read models show it, or it has come to nothing. */
export interface Passed {
  readonly events: readonly SupposedEvent[];
  /** Settles when it is recorded, or will not be by this process. */
  readonly over: Promise<void>;
  /** Where it was recorded. */
  position?: number;
}
/** Work with pauses, begun when nothing is beside. */
export type Look = Generator<void, void>;

/** A check leans on something beside that may come to nothing. */
export class Unsettled extends Error {}

export class Guards {
  private readonly guards: readonly Guard[];
  private readonly guarded: ReadonlySet<string>;

  constructor(
    private readonly models: ReadModels,
    libraries: readonly Library[],
  ) {
    this.guards = libraries.flatMap((library) => library.guards ?? []);
    this.guarded = new Set(this.guards.flatMap(({ on }) => on));
  }

  /** Those events that any guard is about. */
  concerned(stream: string, batch: readonly NewEvent[]): readonly SupposedEvent[] {
    return batch.filter(({ event }) => this.guarded.has(event.type)).map(({ event, meta }) => ({ stream, event, meta }));
  }

  /** Answers what is still to be looked at, with pauses. @throws Rejection, Unsettled */
  check(own: readonly SupposedEvent[], passed: readonly Pick<Passed, 'events' | 'position'>[]): readonly Look[] {
    const looks: Look[] = [];
    const beside = passed.flatMap(({ events }) => events);
    for (const guard of this.guards) {
      const mine = own.filter(({ event }) => guard.on.includes(event.type));
      if (mine.length === 0) continue;
      const look = guard.check({
        own: mine.map(({ event }) => event),
        beside: beside.map(({ event }) => event),
        views: this.models,
        supposing: (what, ask) => supposing(this.models, what === 'all' ? [...beside, ...own] : beside, ask),
        settled() {
          if (passed.some(({ position }) => position === undefined)) throw new Unsettled();
        },
      });
      if (look) looks.push(look);
    }
    return looks;
  }
}

/** Others are served in the pauses. @throws Rejection */
export async function made(looks: readonly Look[]): Promise<void> {
  for (const look of looks) await paced(look);
}

// Turns of those who record what a guard is about, in one process: at once, as a rule. The guards see what the read models show, and
// beside it what has passed and is not shown yet; whoever leans on what may come to nothing waits until that is decided.
import type { Change, ReadModels } from '@app/event-log';
import { LogFailed, type Admit, type Library, type NewEvent, type Over } from '@app/kernel';
import { Guards, made, Unsettled, type Look, type Passed } from './guards';

export interface Waiting extends Change, Pick<Passed, 'events'> {
  readonly units: number;
  readonly resolve: (over: Over) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
  /** How often somebody else was first. */
  lost: number;
}

export class Turns {
  /** Whether who finds nobody waiting has his turn without a wait. */
  protected readonly atOnce: boolean = true;
  protected waiting: Waiting[] = [];
  protected readonly guards: Guards;
  private readonly underWay = new Set<Passed>();
  private serving = false;

  constructor(
    protected readonly models: ReadModels,
    libraries: readonly Library[],
  ) {
    this.guards = new Guards(models, libraries);
  }

  admit(stream: string, expected: number, batch: readonly NewEvent[]): ReturnType<Admit> {
    const events = this.guards.concerned(stream, batch);
    if (events.length === 0) return undefined;
    const change = { stream, expected, batch };
    if (this.atOnce && this.waiting.length === 0 && this.check(events)?.length === 0) return this.pass(events);
    const units = this.unitsOf(change);
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...change, events, units, resolve, reject, since: performance.now(), lost: 0 });
      if (!this.serving) void this.serve();
    });
  }

  protected unitsOf(_change: Change): number {
    return 0;
  }

  /** The first of those who wait; where it leans on what passed before, when that is decided. */
  protected async turn(): Promise<void> {
    const first = this.waiting[0]!;
    try {
      let looks = this.check(first.events);
      if (!looks) {
        await Promise.all([...this.underWay].map(({ over }) => over));
        looks = this.guards.check(first.events, [...this.underWay]);
      }
      if (looks.length > 0) await this.allShown();
      await made(looks);
    } catch (error) {
      return this.refuse(first, error);
    }
    this.goOn(first);
  }

  protected goOn(one: Waiting): void {
    this.leave(one);
    one.resolve(this.pass(one.events));
  }

  protected refuse(one: Waiting, because: unknown): void {
    this.leave(one);
    one.reject(because);
  }

  /** Settles when the read models show all that passed and was recorded. @throws LogFailed when they follow no longer */
  protected async allShown(): Promise<void> {
    const passed = [...this.underWay];
    await Promise.all(passed.map(({ over }) => over));
    await this.shown(Math.max(0, ...passed.map(({ position = 0 }) => position)));
    for (const one of passed) this.underWay.delete(one);
  }

  protected async shown(position: number): Promise<void> {
    await this.models.reached(position);
    if (this.models.position < position) throw new LogFailed('the read models follow no longer');
  }

  /** Told that what passed has come to nothing, or that it is not known. */
  protected lost(): void {}

  /** What is still to be looked at; nothing is known yet where it leans on what may come to nothing. @throws Rejection */
  private check(events: Passed['events']): readonly Look[] | undefined {
    try {
      return this.guards.check(events, [...this.underWay]);
    } catch (error) {
      if (error instanceof Unsettled) return undefined;
      throw error;
    }
  }

  private pass(events: Passed['events']): Over {
    const { promise, resolve } = Promise.withResolvers<void>();
    const passed: Passed = { events, over: promise };
    const forget = () => this.underWay.delete(passed);
    this.underWay.add(passed);
    return (position) => {
      if (position === undefined) {
        forget();
        this.lost();
      } else {
        passed.position = position;
        if (position <= this.models.position) forget();
        else void this.models.reached(position).then(forget);
      }
      resolve();
    };
  }

  private leave(one: Waiting): void {
    this.waiting = this.waiting.filter((other) => other !== one);
  }

  private async serve(): Promise<void> {
    this.serving = true;
    while (this.waiting.length > 0) {
      try {
        await this.turn();
      } catch (error) {
        // The log does not answer, or the read models do not follow: nobody can be held against anything now.
        for (const one of this.waiting.splice(0)) one.reject(error);
      }
    }
    this.serving = false;
  }
}

// Turns where other processes record too: one begins when all that was admitted before is shown, and ends with an admission that
// nobody else's has come before.
import { setTimeout as sleep } from 'node:timers/promises';
import { CHANGES_AT_ONCE_MAX, sizeOf, UNITS_AT_ONCE_MAX, type Admissions, type Change, type ReadModels } from '@app/event-log';
import { Rejection, RevisionConflict, type Library } from '@app/kernel';
import { made, Unsettled } from './guards';
import { Turns, type Waiting } from './turns';

/** How often, and from the fourth time on for how long, somebody else may be first: he has recorded something each time. */
const LOST_MAX = 40;
const LOST_LONG_MAX = 4;
const LOST_MS_MAX = 20_000;
/** For so long others whose admissions were met are taken to wait for a turn. */
const MET_MS = 1_000;
const REST_MS_MAX = 50;
const BUSY = 'Others go on recording what this has to be held against. Send it again when they have finished.';

export class SharedTurns extends Turns {
  protected override readonly atOnce = false;
  /** Whether all that this process was admitted with is known to be recorded. */
  private certain = true;
  private begun = 0;
  private metOthers = -Infinity;

  constructor(
    models: ReadModels,
    libraries: readonly Library[],
    private readonly shared: Admissions,
  ) {
    super(models, libraries);
  }

  protected override unitsOf({ batch }: Change): number {
    return sizeOf(batch);
  }

  /** As many of those who wait as can go side by side. */
  protected override async turn(): Promise<void> {
    this.begun = performance.now();
    await this.begin();
    const { group, refused } = await this.sideBySide();
    // A "no" stands only on the latest state.
    if (refused.size === 0 || (await this.shared.isLatest())) {
      for (const [one, because] of refused) this.refuse(one, await this.reasonFor(one, because));
      refused.clear();
      if (group.length === 0) return;
      if (await this.shared.admit(group)) {
        for (const one of group) this.goOn(one);
        return this.letOthers();
      }
    }
    for (const one of [...group, ...refused.keys()]) {
      one.lost += 1;
      const most = performance.now() - one.since > LOST_MS_MAX ? LOST_LONG_MAX : LOST_MAX;
      if (one.lost >= most) this.refuse(one, new Rejection('conflict', 'busy', { detail: BUSY }));
    }
  }

  protected override shown(position: number): Promise<void> {
    return this.shared.shown(position);
  }

  protected override lost(): void {
    this.certain = false;
  }

  /** Nothing that was admitted is open, and all of it is shown. Whoever decided on less decides again. */
  private async begin(): Promise<void> {
    await this.allShown();
    if (this.certain) this.shared.allRecorded();
    else this.shared.doubt();
    const { ends, others } = await this.shared.catchUp();
    this.certain = true;
    if (others) this.metOthers = performance.now();
    for (const one of this.waiting) {
      const actual = ends.get(one.stream) ?? one.expected;
      if (actual > one.expected) this.refuse(one, new RevisionConflict(one.stream, one.expected, actual));
    }
  }

  /**
   * What was decided on less than the read models show by now may be nothing that they can suppose, as a unit below itself is.
   * Then it was overtaken, and there is no fault.
   */
  private async reasonFor(one: Waiting, because: unknown): Promise<unknown> {
    return because instanceof Rejection ? because : ((await this.shared.overtaken(one)) ?? because);
  }

  /** Who has just had a turn is quicker at the next one than those who have to catch up with it, and would be first for ever. */
  private async letOthers(): Promise<void> {
    const now = performance.now();
    if (now - this.metOthers < MET_MS) await sleep(Math.random() * 2 * Math.min(now - this.begun, REST_MS_MAX));
  }

  private async sideBySide() {
    const group: Waiting[] = [];
    const refused = new Map<Waiting, unknown>();
    let [units, long] = [0, false];
    for (const one of this.waiting.slice(0, CHANGES_AT_ONCE_MAX)) {
      units += one.units;
      if (group.length > 0 && (long || units > UNITS_AT_ONCE_MAX)) break;
      try {
        const looks = this.guards.check(one.events, group);
        if (looks.length > 0 && group.length > 0) break;
        long ||= looks.length > 0;
        await made(looks);
        group.push(one);
      } catch (error) {
        if (error instanceof Unsettled) break;
        refused.set(one, error);
      }
    }
    return { group, refused };
  }
}

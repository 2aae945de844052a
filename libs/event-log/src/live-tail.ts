// What all event logs share: waking those who follow, with the newest events at hand.
import type { Recorded } from '@app/kernel';

/** More than a busy second: whoever is behind by less reads nothing from the disk, and nothing is parsed for him. */
const KEPT_EVENTS_MAX = 25_000;
/** So many are let go at once, because taking them from the front moves all others. */
const LET_GO_EVENTS = 1_000;

/** The newest events in memory, and a way to wait for the next ones. */
export class LiveTail {
  private readonly kept: Recorded[] = [];
  private wakes: (() => void)[] = [];
  /** Every later event is in memory. */
  private start: number;

  constructor(private head: number) {
    this.start = head;
  }

  /** The last position, of which those who wait have been told. */
  get end(): number {
    return this.head;
  }

  push(events: readonly Recorded[]): void {
    for (const recorded of events) this.kept.push(recorded);
    this.head = events.at(-1)!.position;
    const over = this.kept.length - KEPT_EVENTS_MAX;
    if (over >= LET_GO_EVENTS) this.start = this.kept.splice(0, over).at(-1)!.position;
    const wakes = this.wakes;
    this.wakes = [];
    for (const wake of wakes) wake();
  }

  /** The events after a position, or nothing when some of them are no longer in memory. */
  after(position: number, max: number): readonly Recorded[] | undefined {
    if (position >= this.head) return [];
    if (position < this.start) return undefined;
    const from = this.firstAfter(position);
    return this.kept.slice(from, from + max);
  }

  /** Halves what is left to search: positions increase, but not always by one. */
  private firstAfter(position: number): number {
    let [low, high] = [0, this.kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.kept[middle]!.position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Settles when the log has grown past the position, or the signal says to stop. */
  grown(position: number, signal: AbortSignal): Promise<void> {
    if (this.head > position || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.wakes.push(wake);
    });
  }
}

/** The batches of a subscription, drawn from the tail where it reaches and from `readAll` where it does not. */
export async function* subscription(
  tail: LiveTail,
  readAll: (page: { after: number; max: number }) => Promise<readonly Recorded[]>,
  after: number,
  { signal, max }: { signal: AbortSignal; max: number },
): AsyncGenerator<readonly Recorded[]> {
  let position = after;
  while (!signal.aborted) {
    const batch = tail.after(position, max) ?? (await readAll({ after: position, max }));
    const last = batch.at(-1);
    if (last) {
      position = last.position;
      yield batch;
    } else await tail.grown(position, signal);
  }
}
